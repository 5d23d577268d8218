/** `issue_comment.created`: finds slash commands written by people on pull requests. Edits and deletions are never heard. Run by services/answer-command.ts. */
import type { Context } from 'probot'
import { parseCommands } from '../domain/command.ts'
import { parseRepoName } from '../domain/ids.ts'
import { COMMANDS } from './commands/index.ts'
import type { Ears } from './ears.ts'

export async function issueCommentCreated({ payload }: Context<'issue_comment.created'>, ears: Ears): Promise<void> {
  const { comment, issue, sender } = payload
  const repository = parseRepoName(payload.repository.full_name)
  const author = comment.user?.login
  const human = sender.type === 'User' && comment.user?.type === 'User' && author === sender.login
  if (repository === undefined || author === undefined || !human || issue.pull_request === undefined) return
  if (parseCommands(comment.body, COMMANDS).length === 0) return
  await ears.hearCommand({
    repository,
    commentId: comment.id,
    commentNodeId: comment.node_id,
    pullRequestNumber: issue.number,
    pullRequestNodeId: issue.node_id,
    author,
    createdAt: comment.created_at,
    heardAt: ears.clock.now().toISOString(),
    // PostgreSQL's JSON refuses NUL; GitHub's comments have none, a hostile payload might.
    body: comment.body.replaceAll('\u0000', ''),
    outcomes: [],
    state: 'received',
  })
  await ears.hint({ kind: 'command', repository, commentId: comment.id })
}
