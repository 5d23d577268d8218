/** Commits, trees, blobs, refs and file changes as GitHub prints them. Git itself is in ../git.ts. */
import { type Commit, DIRECTORY_MODE, readBlob, readCommit, type Signature, serialiseCommit } from '../git.ts'
import { diffCommits, type FileChange } from '../git-diff.ts'
import type { Repository, User } from '../model.ts'
import { formatTimestamp, type GitHubState, gitNodeId } from '../state.ts'
import { type Json, nullableUser, repositoryPage, repositoryUrl } from './accounts.ts'

/** The account behind a commit's e-mail address: `id+login@users.noreply…`; null when it is nobody's. */
export function accountOf(state: GitHubState, { email }: Signature): User | null {
  const login = /^(?:\d+\+)?(.+)@users\.noreply\./.exec(email)?.[1]
  const account = login === undefined ? undefined : state.accounts.get(login.toLowerCase())
  return account?.kind === 'User' ? account : null
}

export const signatureDate = ({ at }: Signature): string => formatTimestamp(new Date(at * 1000))

const person = (signature: Signature): Json => ({
  name: signature.name,
  email: signature.email,
  date: signatureDate(signature),
})

/** `verification`: a commit that GitHub signed is verified, others are unsigned. */
function verification(commit: Commit): Json {
  if (commit.gpgsig === undefined)
    return { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }
  const { gpgsig, ...unsigned } = commit
  return {
    verified: true,
    reason: 'valid',
    signature: gpgsig,
    payload: serialiseCommit(unsigned),
    verified_at: signatureDate(commit.committer),
  }
}

/** `commit` without files: as lists print it. */
export function commit(state: GitHubState, repository: Repository, oid: string): Json {
  const record = readCommit(repository.objects, oid)
  const url = repositoryUrl(state, repository)
  const page = repositoryPage(state, repository)
  return {
    url: `${url}/commits/${oid}`,
    sha: oid,
    node_id: gitNodeId('Commit', repository, oid),
    html_url: `${page}/commit/${oid}`,
    comments_url: `${url}/commits/${oid}/comments`,
    commit: {
      url: `${url}/git/commits/${oid}`,
      author: person(record.author),
      committer: person(record.committer),
      message: record.message,
      comment_count: 0,
      tree: { sha: record.tree, url: `${url}/git/trees/${record.tree}` },
      verification: verification(record),
    },
    author: nullableUser(state, accountOf(state, record.author)),
    committer: nullableUser(state, accountOf(state, record.committer)),
    parents: record.parents.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  }
}

/** `commit` with `stats` and `files`: the answer for one commit. */
export function detailedCommit(state: GitHubState, repository: Repository, oid: string): Json {
  const changes = diffCommits(repository.objects, readCommit(repository.objects, oid).parents[0], oid)
  const additions = changes.reduce((sum, change) => sum + change.additions, 0)
  const deletions = changes.reduce((sum, change) => sum + change.deletions, 0)
  return {
    ...commit(state, repository, oid),
    stats: { additions, deletions, total: additions + deletions },
    files: changes.map((change) => diffEntry(state, repository, { change, head: oid })),
  }
}

/** `diff-entry`: one file of a comparison whose newer side is `head`. */
export function diffEntry(
  state: GitHubState,
  repository: Repository,
  { change, head }: { readonly change: FileChange; readonly head: string },
): Json {
  const path = change.path.split('/').map(encodeURIComponent).join('/')
  const page = repositoryPage(state, repository)
  return {
    sha: (change.after ?? change.before)?.oid ?? null,
    filename: change.path,
    status: change.status,
    additions: change.additions,
    deletions: change.deletions,
    changes: change.additions + change.deletions,
    blob_url: `${page}/blob/${head}/${path}`,
    raw_url: `${page}/raw/${head}/${path}`,
    contents_url: `${repositoryUrl(state, repository)}/contents/${path}?ref=${head}`,
    ...(change.patch === null || change.patch === '' ? {} : { patch: change.patch }),
    ...(change.previousPath === null ? {} : { previous_filename: change.previousPath }),
  }
}

/** `git-commit`: the answer of the Git database API. */
export function gitCommit(state: GitHubState, repository: Repository, oid: string): Json {
  const record = readCommit(repository.objects, oid)
  const url = repositoryUrl(state, repository)
  const page = repositoryPage(state, repository)
  return {
    sha: oid,
    node_id: gitNodeId('Commit', repository, oid),
    url: `${url}/git/commits/${oid}`,
    html_url: `${page}/commit/${oid}`,
    author: person(record.author),
    committer: person(record.committer),
    tree: { sha: record.tree, url: `${url}/git/trees/${record.tree}` },
    message: record.message,
    parents: record.parents.map((sha) => ({
      sha,
      url: `${url}/git/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
    verification: verification(record),
  }
}

/** `git-ref`. `name` is the full name; every ref of the stand-in points at a commit. */
export function gitRef(state: GitHubState, repository: Repository, name: string): Json {
  const url = repositoryUrl(state, repository)
  const sha = repository.refs.get(name) ?? ''
  return {
    ref: name,
    node_id: gitNodeId('Ref', repository, name),
    url: `${url}/git/${name}`,
    object: { type: 'commit', sha, url: `${url}/git/commits/${sha}` },
  }
}

/** One entry of `git-tree`; `path` may be nested. */
export function treeItem(
  state: GitHubState,
  repository: Repository,
  { path, mode, oid }: { readonly path: string; readonly mode: string; readonly oid: string },
): Json {
  const url = repositoryUrl(state, repository)
  return mode === DIRECTORY_MODE
    ? { path, mode: '040000', type: 'tree', sha: oid, url: `${url}/git/trees/${oid}` }
    : {
        path,
        mode,
        type: 'blob',
        sha: oid,
        size: readBlob(repository.objects, oid).length,
        url: `${url}/git/blobs/${oid}`,
      }
}

/** `simple-commit`, as check suites and merge groups carry it. */
export function simpleCommit(repository: Repository, oid: string): Json {
  const record = readCommit(repository.objects, oid)
  const plain = ({ name, email }: Signature) => ({ name, email })
  return {
    id: oid,
    tree_id: record.tree,
    message: record.message,
    timestamp: signatureDate(record.author),
    author: plain(record.author),
    committer: plain(record.committer),
  }
}

/** A commit as push events carry it, with the paths it touched. */
export function pushedCommit(state: GitHubState, repository: Repository, oid: string): Json {
  const record = readCommit(repository.objects, oid)
  const changes = diffCommits(repository.objects, record.parents[0], oid)
  const paths = (...statuses: string[]) =>
    changes.filter(({ status }) => statuses.includes(status)).map(({ path }) => path)
  const named = (signature: Signature) => {
    const account = accountOf(state, signature)
    return { ...person(signature), ...(account === null ? {} : { username: account.login }) }
  }
  return {
    id: oid,
    tree_id: record.tree,
    distinct: true,
    message: record.message,
    timestamp: signatureDate(record.author),
    url: `${repositoryPage(state, repository)}/commit/${oid}`,
    author: named(record.author),
    committer: named(record.committer),
    added: paths('added', 'renamed'),
    removed: [...paths('removed'), ...changes.flatMap(({ previousPath }) => previousPath ?? [])],
    modified: paths('modified'),
  }
}
