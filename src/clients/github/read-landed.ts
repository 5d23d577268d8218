/** `GitHub.readLanded`: what reached the default branch, and through which pull requests. */
import { type CommitSha, parseRepoName, type RepoName } from '../../domain/ids.ts'
import type { GitHub, LandedCommit } from '../../services/ports.ts'
import type { Answer } from '../answer.ts'
import type { Caller } from './call.ts'
import { depthsRequest, landedRequest } from './documents/landed.ts'
import { CONFIG_PATH } from './documents/pull-request.ts'
import { changedPathsOf, contains, pathsBetween } from './history.ts'
import { notVisible } from './installations.ts'
import { requireSame } from './moved.ts'
import { allChangedPaths } from './pages.ts'
import { actorLogin, commitSha, maybeOid } from './parse.ts'
import { readBlob } from './read-blob.ts'

type Landed = Awaited<ReturnType<GitHub['readLanded']>>

type Question = {
  readonly sha: CommitSha
  readonly limit: number
  readonly before: CommitSha | undefined
  readonly appLogin: string
}

/**
 * One call; one more for a direct push (its paths), for more than 100 files, for what landed before `sha` itself, and when
 * the default branch has moved past `sha`.
 */
export async function readLanded(caller: Caller, repository: RepoName, question: Question): Promise<Landed> {
  const { sha, limit, before } = question
  // History lists side branches of merges too; ask for more and keep the line of first parents.
  const first = Math.min(100, Math.max(1, limit === 1 ? 1 : limit * 3))
  const { data } = await caller.graphql(repository, landedRequest(repository, sha, first))
  const found = data.maybe('repository')
  if (found === undefined) throw notVisible(repository)
  requireSame(repository, found, 'model')
  const branch = found.maybe('defaultBranchRef')
  const defaultBranch = branch?.text('name') ?? ''
  const tip = branch === undefined ? undefined : maybeOid(branch, 'target')
  const history = found.maybe('object')?.maybe('history')
  const line = until(before, firstParents(history?.list('nodes') ?? [], sha)).slice(0, limit)
  const pushed = line.map(
    (commit): Pushed => ({ commit, pullRequest: broughtBy(commit, { repository, defaultBranch }) }),
  )
  const depths = await depthsOf(caller, repository, { pushed, head: [sha, history?.integer('totalCount') ?? 0] })
  const paths = await directPaths(caller, repository, { pushed, before, sha })
  const commits: LandedCommit[] = []
  for (const each of pushed) {
    const commit = await landedCommit(caller, { repository, appLogin: question.appLogin, paths }, each)
    commits.push({ ...commit, depth: depths.get(landedAs(each)) })
  }
  return {
    defaultBranch,
    tip,
    onDefaultBranch: tip !== undefined && (await contains(caller, repository, { ancestor: sha, sha: tip })) === true,
    configFile: await readBlob(caller, { repository, path: CONFIG_PATH }, branch?.maybe('target')?.maybe('file')),
    commits,
  }
}

/** A commit of the line, and what brought it. */
type Pushed = { readonly commit: Answer; readonly pullRequest: Answer | undefined }

/** The commit that a release of it would be of. */
const landedAs = ({ commit, pullRequest }: Pushed): CommitSha =>
  (pullRequest === undefined ? undefined : maybeOid(pullRequest, 'mergeCommit')) ?? commitSha(commit, 'oid')

/** The commits after `before`; all of them where it is not among them: the branch was rewritten, or the push is longer than what was read. */
function until(before: CommitSha | undefined, line: readonly Answer[]): readonly Answer[] {
  const end = line.findIndex((commit) => commit.text('oid') === before)
  return end < 0 ? line : line.slice(0, end)
}

async function depthsOf(
  caller: Caller,
  repository: RepoName,
  { pushed, head }: { readonly pushed: readonly Pushed[]; readonly head: readonly [CommitSha, number] },
): Promise<ReadonlyMap<CommitSha, number>> {
  const depths = new Map([head])
  const others = [...new Set(pushed.filter(({ pullRequest }) => pullRequest !== undefined).map(landedAs))].filter(
    (sha) => !depths.has(sha),
  )
  if (others.length === 0) return depths
  const { data } = await caller.graphql(repository, depthsRequest(repository, others))
  others.forEach((sha, index) => {
    const depth = data.maybe('repository')?.maybe(`c${index}`)?.maybe('history')?.integer('totalCount')
    if (depth !== undefined) depths.set(sha, depth)
  })
  return depths
}

/** Of a push of several commits without any pull request: what they change together, in one call. undefined: to be read commit by commit. */
async function directPaths(
  caller: Caller,
  repository: RepoName,
  {
    pushed,
    before,
    sha,
  }: { readonly pushed: readonly Pushed[]; readonly before: CommitSha | undefined; readonly sha: CommitSha },
): Promise<readonly string[] | undefined> {
  const isDirect = pushed.length > 1 && pushed.every(({ pullRequest }) => pullRequest === undefined)
  const last = pushed.at(-1)?.commit.maybe('parents')?.list('nodes')[0]?.text('oid')
  if (!isDirect || before === undefined || last !== before) return undefined
  return pathsBetween(caller, repository, { before, sha })
}

function firstParents(history: readonly Answer[], from: CommitSha): readonly Answer[] {
  const byOid = new Map(history.map((commit) => [commit.text('oid'), commit]))
  const line: Answer[] = []
  let next: string | undefined = from
  while (next !== undefined) {
    const commit = byOid.get(next)
    if (commit === undefined) break
    line.push(commit)
    next = commit.maybe('parents')?.list('nodes')[0]?.text('oid')
  }
  return line
}

type LandedContext = {
  readonly repository: RepoName
  readonly appLogin: string
  /** Of the whole push, where they are known. */
  readonly paths: readonly string[] | undefined
}

async function landedCommit(
  caller: Caller,
  context: LandedContext,
  { commit, pullRequest }: Pushed,
): Promise<Omit<LandedCommit, 'depth'>> {
  const sha = commitSha(commit, 'oid')
  const author = pullRequest === undefined ? undefined : actorLogin(pullRequest.maybe('author'))
  const [parent] = commit.maybe('parents')?.list('nodes') ?? []
  return {
    sha,
    parent: parent && commitSha(parent, 'oid'),
    authoredByApp: commitAuthors(commit).includes(context.appLogin) || author === context.appLogin,
    changedPaths:
      pullRequest === undefined ? (context.paths ?? (await changedPathsOf(caller, context.repository, sha))) : [],
    pullRequest:
      pullRequest === undefined
        ? undefined
        : {
            number: pullRequest.integer('number'),
            id: pullRequest.text('id'),
            headSha: commitSha(pullRequest, 'headRefOid'),
            testMergeCommit: maybeOid(pullRequest, 'potentialMergeCommit'),
            mergeCommit: maybeOid(pullRequest, 'mergeCommit'),
            headRef: pullRequest.text('headRefName'),
            changedPaths: await allChangedPaths(
              caller,
              { repository: context.repository, number: pullRequest.integer('number') },
              pullRequest.maybe('files'),
            ),
            author,
          },
  }
}

/**
 * The pull request that brought a commit: the one merged as it, else one merged into the default branch (rebase merges make several commits).
 * Open pull requests that merely contain the commit, and those of forks' own default branches, did not bring it.
 */
function broughtBy(
  commit: Answer,
  { repository, defaultBranch }: { readonly repository: RepoName; readonly defaultBranch: string },
): Answer | undefined {
  const merged = (commit.maybe('associatedPullRequests')?.list('nodes') ?? []).filter(
    (each) =>
      each.flag('merged') &&
      each.text('baseRefName') === defaultBranch &&
      parseRepoName(each.maybe('baseRepository')?.text('nameWithOwner') ?? '') === repository,
  )
  return merged.find((each) => each.maybe('mergeCommit')?.text('oid') === commit.text('oid')) ?? merged[0]
}

function commitAuthors(commit: Answer): readonly (string | undefined)[] {
  const author = commit.maybe('author')
  return [author?.maybe('user')?.text('login'), author?.maybeText('name')]
}
