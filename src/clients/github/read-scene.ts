/** `GitHub.readThread` and `GitHub.readAccount`: what the payload of a comment would tell, for comments that nobody has written. See src/services/simulate-command.ts. */
import { ownerOf, type RepoName } from '../../domain/ids.ts'
import type { AccountView, ThreadView } from '../../services/ports.ts'
import { answerOf } from '../answer.ts'
import type { Caller, RestAnswer } from './call.ts'
import { GitHubRefused } from './failures.ts'
import { notVisible } from './installations.ts'

/** GitHub says 404 also of a repository that the App cannot see. Throws UserError then. */
export async function readThread(
  caller: Caller,
  repository: RepoName,
  number: number,
): Promise<ThreadView | undefined> {
  const found = await unlessAbsent(
    caller.rest(repository, 'GET /repos/{owner}/{repo}/issues/{issue_number}', { issue_number: number }),
  )
  if (found === undefined) {
    const seen = await unlessAbsent(caller.rest(repository, 'GET /repos/{owner}/{repo}'))
    if (seen === undefined) throw notVisible(repository)
    return undefined
  }
  const thread = answerOf('GitHub', found.data)
  return {
    nodeId: thread.text('node_id'),
    isPullRequest: thread.maybe('pull_request') !== undefined,
    labels: thread.list('labels').map((label) => label.text('name')),
  }
}

export async function readAccount(
  caller: Caller,
  repository: RepoName,
  login: string,
): Promise<AccountView | undefined> {
  const found = await unlessAbsent(
    caller.restForOwner(ownerOf(repository), 'GET /users/{username}', { username: login }),
  )
  if (found === undefined) return undefined
  const account = answerOf('GitHub', found.data)
  return { login: account.text('login'), type: account.text('type') }
}

/** 410: an issue that was deleted. */
async function unlessAbsent(answer: Promise<RestAnswer>): Promise<RestAnswer | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof GitHubRefused && (error.status === 404 || error.status === 410)) return undefined
    throw error
  }
}
