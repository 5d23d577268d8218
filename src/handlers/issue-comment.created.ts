/** `issue_comment.created`: finds slash commands written by people, and by bots that are named, on pull requests and on labelled issues (operations-issue.ts says which). Edits and deletions are never heard. Run by services/answer-command.ts. */
import type { Context } from 'probot'
import { parseCommands } from '../domain/command.ts'
import { parseRepoName, type RepoName } from '../domain/ids.ts'
import { COMMANDS } from './commands/index.ts'
import type { Ears } from './ears.ts'

export async function issueCommentCreated({ payload }: Context<'issue_comment.created'>, ears: Ears): Promise<void> {
  const { comment, issue, sender } = payload
  const repository = parseRepoName(payload.repository.full_name)
  const author = comment.user?.login
  if (repository === undefined || author === undefined) return
  const labels = issue.pull_request === undefined ? issue.labels.map(({ name }) => name) : undefined
  if (labels !== undefined && (issue.state !== 'open' || labels.length === 0)) return
  if (author !== sender.login || comment.user?.type !== sender.type) return
  if (parseCommands(comment.body, COMMANDS).length === 0) return
  if (!(await mayBeHeard({ repository, author, type: sender.type, app: comment.performed_via_github_app }, ears)))
    return
  await ears.hearCommand({
    repository,
    commentId: comment.id,
    commentNodeId: comment.node_id,
    pullRequestNumber: issue.number,
    pullRequestNodeId: issue.node_id,
    ...(labels === undefined ? {} : { issue: { labels } }),
    author,
    createdAt: comment.created_at,
    heardAt: ears.clock.now().toISOString(),
    // PostgreSQL's JSON refuses NUL and halves of characters; GitHub's comments have none, a hostile payload might.
    body: comment.body.replaceAll('\u0000', '').toWellFormed(),
    outcomes: [],
    state: 'received',
  })
  await ears.hint({ kind: 'command', repository, commentId: comment.id })
}

type Speaker = {
  readonly repository: RepoName
  readonly author: string
  readonly type: string
  /** The App that wrote it, in its own name or a person's. */
  readonly app: { readonly slug?: string } | null | undefined
}

/** People are. What an App wrote is not a person's word, though it may stand under their name: it is heard where the App is named, by its bot's login. */
async function mayBeHeard({ repository, author, type, app }: Speaker, ears: Ears): Promise<boolean> {
  if (type === 'User' && !app) return true
  const bot = type === 'Bot' ? author : type === 'User' && app?.slug !== undefined ? `${app.slug}[bot]` : undefined
  return bot !== undefined && bot !== ears.appLogin && ears.isNamedBot(repository, bot)
}
