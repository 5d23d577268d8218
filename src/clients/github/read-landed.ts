/** `GitHub.readLanded`: what reached the default branch, and through which pull requests. */
import { type CommitSha, parseRepoName, type RepoName } from '../../domain/ids.ts'
import type { GitHub, LandedCommit } from '../../services/ports.ts'
import type { Answer } from '../answer.ts'
import type { Caller } from './call.ts'
import { landedRequest } from './documents/landed.ts'
import { CONFIG_PATH } from './documents/pull-request.ts'
import { changedPathsOf, contains } from './history.ts'
import { notVisible } from './installations.ts'
import { allChangedPaths } from './pages.ts'
import { actorLogin, commitSha, maybeOid } from './parse.ts'
import { readBlob } from './read-blob.ts'

type Landed = Awaited<ReturnType<GitHub['readLanded']>>

/** One call; one more for a direct push (its paths), for more than 100 files, and when the default branch has moved past `sha`. */
export async function readLanded(
  caller: Caller,
  repository: RepoName,
  question: { readonly sha: CommitSha; readonly limit: number; readonly appLogin: string },
): Promise<Landed> {
  const { sha, limit } = question
  // History lists side branches of merges too; ask for more and keep the line of first parents.
  const first = Math.min(100, Math.max(1, limit === 1 ? 1 : limit * 3))
  const { data } = await caller.graphql(repository, landedRequest(repository, sha, first))
  const found = data.maybe('repository')
  if (found === undefined) throw notVisible(repository)
  const branch = found.maybe('defaultBranchRef')
  const defaultBranch = branch?.text('name') ?? ''
  const tip = branch === undefined ? undefined : maybeOid(branch, 'target')
  const history = found.maybe('object')?.maybe('history')?.list('nodes') ?? []
  const context = { repository, defaultBranch, appLogin: question.appLogin }
  const commits: LandedCommit[] = []
  for (const commit of firstParents(history, sha).slice(0, limit)) {
    commits.push(await landedCommit(caller, context, commit))
  }
  return {
    defaultBranch,
    onDefaultBranch: tip !== undefined && (await contains(caller, repository, { ancestor: sha, sha: tip })),
    configFile: await readBlob(caller, { repository, path: CONFIG_PATH }, branch?.maybe('target')?.maybe('file')),
    commits,
  }
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

type LandedContext = { readonly repository: RepoName; readonly defaultBranch: string; readonly appLogin: string }

async function landedCommit(caller: Caller, context: LandedContext, commit: Answer): Promise<LandedCommit> {
  const sha = commitSha(commit, 'oid')
  const pullRequest = broughtBy(commit, context)
  const author = pullRequest === undefined ? undefined : actorLogin(pullRequest.maybe('author'))
  return {
    sha,
    authoredByApp: commitAuthors(commit).includes(context.appLogin) || author === context.appLogin,
    changedPaths: pullRequest === undefined ? await changedPathsOf(caller, context.repository, sha) : [],
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
function broughtBy(commit: Answer, { repository, defaultBranch }: LandedContext): Answer | undefined {
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
