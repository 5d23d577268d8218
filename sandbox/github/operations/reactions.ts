/** Reactions on threads and comments: one per person and content. GitHub sends no webhook for them. */
import { type OperationContext, requireWrite } from '../access.ts'
import { GitHubFailure, notFound } from '../failure.ts'
import type { Issue, IssueComment, PullRequest, Reaction, ReactionContent } from '../model.ts'
import { REACTION_CONTENTS } from '../serialise/threads.ts'
import { identify, register, timestamp } from '../state.ts'

export type Reactable = Issue | PullRequest | IssueComment

const isOnPullRequest = (subject: Reactable): boolean =>
  subject.kind === 'PullRequest' || (subject.kind === 'IssueComment' && subject.thread.kind === 'PullRequest')

const demandFor = (subject: Reactable) => ({
  permissions: isOnPullRequest(subject) ? ['issues', 'pull_requests'] : ['issues'],
  role: 'read' as const,
})

/** Adds a reaction, or gives the one that is there (`created` false: REST answers 200 then, else 201). */
export function addReaction(
  context: OperationContext,
  subject: Reactable,
  content: ReactionContent,
): { readonly reaction: Reaction; readonly created: boolean } {
  requireWrite(context, subject.repository, demandFor(subject))
  if (!REACTION_CONTENTS.includes(content)) throw new GitHubFailure(422, 'Validation Failed')
  const { state, actor } = context
  const known = subject.reactions.find((each) => each.user === actor.user && each.content === content)
  if (known !== undefined) return { reaction: known, created: false }
  const reaction = register(state, {
    ...identify(state, 'Reaction'),
    content,
    user: actor.user,
    createdAt: timestamp(state),
  })
  subject.reactions.push(reaction)
  return { reaction, created: true }
}

/** Takes the actor's own reaction away; 404 when there is none with that id. */
export function removeReaction(context: OperationContext, subject: Reactable, id: number): Reaction {
  requireWrite(context, subject.repository, demandFor(subject))
  const index = subject.reactions.findIndex((each) => each.id === id)
  const reaction = subject.reactions[index]
  if (reaction === undefined) throw notFound()
  if (reaction.user !== context.actor.user) throw new GitHubFailure(403, 'You can only delete your own reactions')
  subject.reactions.splice(index, 1)
  context.state.nodes.delete(reaction.nodeId)
  return reaction
}
