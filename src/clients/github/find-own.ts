/** Looking for what the App itself made, for recovery after a crash between an effect and its record. Anything by others is ignored, whatever it says. */
import { SystemUnavailable } from '../../domain/failure.ts'
import { GITHUB_CLOCK_MS } from '../../domain/github-clock.ts'
import type { CommitSha, RepoName } from '../../domain/ids.ts'
import type { IssueView } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import type { Caller } from './call.ts'
import { commentsRequest, issuesRequest } from './documents/comments.ts'
import type { GraphqlAnswer } from './graphql.ts'
import { actorLogin, nextCursor } from './parse.ts'

const MAX_PAGES = 50

/** The repository of an answer. Throws SystemUnavailable where GitHub withholds a part of it: what may be there must not be made again. */
function legible({ data, problems }: GraphqlAnswer, repository: RepoName): Answer {
  const found = data.maybe('repository')
  const withheld = problems.find(({ type }) => found === undefined || type !== 'NOT_FOUND')
  if (found !== undefined && withheld === undefined) return found
  throw new SystemUnavailable(
    'GitHub',
    `what stands in ${repository} cannot be read: ${withheld?.message ?? 'no answer'}`,
  )
}

/** `GitHub.findComment`: the oldest own comment that begins with `marker`: further down may stand what others wrote, markers among it. One call per 100 comments. */
export async function findComment(
  caller: Caller,
  repository: RepoName,
  question: { readonly number: number; readonly marker: string; readonly appLogin: string },
): Promise<{ readonly id: string; readonly body: string } | undefined> {
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await caller.graphql(repository, commentsRequest(repository, question.number, cursor))
    const at = legible(answer, repository).maybe('issueOrPullRequest')
    // Deleted: whatever is written there is refused as well.
    if (at === undefined) return undefined
    const comments = at.child('comments')
    for (const comment of comments.list('nodes')) {
      const body = comment.text('body')
      if (actorLogin(comment.maybe('author')) === question.appLogin && body.startsWith(question.marker))
        return { id: comment.text('id'), body }
    }
    cursor = nextCursor(comments)
    if (cursor === undefined) return undefined
  }
  return undefined
}

/** `GitHub.findIssue`: the newest own issue that begins with `marker`. GitHub cannot be asked for those of one App: `createdBy` takes people. */
export async function findIssue(
  caller: Caller,
  repository: RepoName,
  question: { readonly marker: string; readonly since: Date; readonly appLogin: string },
): Promise<IssueView | undefined> {
  const since = new Date(question.since.getTime() - GITHUB_CLOCK_MS)
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const issues = legible(
      await caller.graphql(repository, issuesRequest(repository, since, cursor)),
      repository,
    ).child('issues')
    for (const issue of issues.list('nodes')) {
      const body = issue.text('body')
      if (actorLogin(issue.maybe('author')) === question.appLogin && body.startsWith(question.marker))
        return {
          id: issue.text('id'),
          number: issue.integer('number'),
          url: issue.text('url'),
          body,
          isOpen: issue.text('state') === 'OPEN',
        }
    }
    cursor = nextCursor(issues)
    if (cursor === undefined) return undefined
  }
  return undefined
}

/** `GitHub.findCheckRun`: the App's newest check run of this name on the commit. */
export async function findCheckRun(
  caller: Caller,
  repository: RepoName,
  question: { readonly sha: CommitSha; readonly name: string; readonly appId: number },
): Promise<{ readonly id: string; readonly isCompleted: boolean } | undefined> {
  const { data } = await caller.rest(repository, 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs', {
    ref: question.sha,
    check_name: question.name,
    app_id: question.appId,
    filter: 'latest',
    per_page: 100,
  })
  const found = answerOf('GitHub', data)
    .list('check_runs')
    .find((run) => run.text('name') === question.name && run.maybe('app')?.maybeInteger('id') === question.appId)
  return found === undefined
    ? undefined
    : { id: found.text('node_id'), isCompleted: found.text('status') === 'completed' }
}
