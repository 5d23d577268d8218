/** `GitHub.readPullRequest`: one query, and one more per further 100 files or checks. */
import type { RepoName } from '../../domain/ids.ts'
import type { PullRequestView } from '../../services/ports.ts'
import type { Answer } from '../answer.ts'
import type { Caller } from './call.ts'
import { CONFIG_PATH, pullRequestRequest } from './documents/pull-request.ts'
import { notVisible } from './installations.ts'
import { requireSame } from './moved.ts'
import { allChangedPaths, allChecks } from './pages.ts'
import { actorLogin, commitSha, maybeOid, pullRequestState } from './parse.ts'
import { parseRequiredChecks } from './parse-branch-rules.ts'
import { readBlob } from './read-blob.ts'

/** undefined when there is no such pull request. Throws UserError when the App cannot see the repository. */
export async function readPullRequest(
  caller: Caller,
  repository: RepoName,
  number: number,
): Promise<PullRequestView | undefined> {
  const { data } = await caller.graphql(repository, pullRequestRequest(repository, number))
  const found = data.maybe('repository')
  if (found === undefined) throw notVisible(repository)
  requireSame(repository, found, 'model')
  const pullRequest = found.maybe('pullRequest')
  if (pullRequest === undefined) return undefined
  const changedPaths = await allChangedPaths(caller, { repository, number }, pullRequest.maybe('files'))
  const headSha = commitSha(pullRequest, 'headRefOid')
  const head = headCommit(pullRequest)
  const branch = found.maybe('defaultBranchRef')
  const base = pullRequest.maybe('baseRef')
  const config = { repository, path: CONFIG_PATH }
  return {
    ...facts(pullRequest),
    repositoryId: found.text('id'),
    headSha,
    changedPaths,
    checks: await allChecks(caller, { repository, sha: headSha }, head),
    requiredChecks: parseRequiredChecks(base, branch),
    defaultBranch: branch?.text('name') ?? pullRequest.text('baseRefName'),
    configFile: await readBlob(caller, config, branch?.maybe('target')?.maybe('file')),
    headConfigFile: changedPaths.includes(CONFIG_PATH)
      ? await readBlob(caller, config, head?.maybe('file'))
      : undefined,
  }
}

/** The head commit, if the list of commits already shows it: right after a push it may still end with the previous one, whose checks are not the head's. */
function headCommit(pullRequest: Answer): Answer | undefined {
  const last = pullRequest.child('commits').list('nodes').at(-1)?.maybe('commit')
  return last?.text('oid') === pullRequest.text('headRefOid') ? last : undefined
}

const facts = (pullRequest: Answer) => ({
  id: pullRequest.text('id'),
  number: pullRequest.integer('number'),
  title: pullRequest.text('title'),
  url: pullRequest.text('url'),
  state: pullRequestState(pullRequest),
  isDraft: pullRequest.flag('isDraft'),
  isFork: pullRequest.flag('isCrossRepository'),
  author: actorLogin(pullRequest.maybe('author')),
  baseRef: pullRequest.text('baseRefName'),
  baseSha: commitSha(pullRequest, 'baseRefOid'),
  headRef: pullRequest.text('headRefName'),
  mergeCommit: maybeOid(pullRequest, 'mergeCommit'),
  testMergeCommit: maybeOid(pullRequest, 'potentialMergeCommit'),
})
