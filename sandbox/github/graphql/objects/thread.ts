/** What issues and pull requests have in common, comments, labels and reactions as GraphQL shows them. */
import type { Issue, IssueComment, Label, Reaction, ReactionContent, Thread } from '../../model.ts'
import { authorAssociation, repositoryPage } from '../../serialise/accounts.ts'
import { isListed } from '../../state.ts'
import { connection, type PageArguments } from '../connection.ts'
import { type Fields, Unmodelled, type View, type ViewContext } from '../view.ts'
import { presentPerson } from './account.ts'

const CONTENTS: Readonly<Record<ReactionContent, string>> = {
  '+1': 'THUMBS_UP',
  '-1': 'THUMBS_DOWN',
  laugh: 'LAUGH',
  hooray: 'HOORAY',
  confused: 'CONFUSED',
  heart: 'HEART',
  rocket: 'ROCKET',
  eyes: 'EYES',
}

/** GraphQL's word for a reaction to REST's. Throws for a word that the schema does not have. */
export function reactionContent(word: string): ReactionContent {
  const found = Object.entries(CONTENTS).find(([, each]) => each === word)?.[0]
  if (found === undefined) throw new Error(`no reaction ${word}`)
  return found as ReactionContent
}

type CommentArguments = PageArguments & {
  readonly orderBy?: { readonly field: 'UPDATED_AT'; readonly direction: 'ASC' | 'DESC' } | null
}

/** Fields that both kinds of thread have. `url` differs by kind: `/pull/7`, `/issues/7`. */
export function threadFields(context: ViewContext, thread: Thread): Fields {
  const { repository, number } = thread
  const page = `${repositoryPage(context.state, repository)}/${thread.kind === 'PullRequest' ? 'pull' : 'issues'}/${number}`
  return {
    id: thread.nodeId,
    databaseId: thread.id,
    number,
    title: thread.title,
    body: thread.body ?? '',
    url: page,
    permalink: page,
    locked: thread.locked,
    closed: thread.state === 'closed',
    closedAt: thread.closedAt,
    createdAt: thread.createdAt,
    updatedAt: thread.updatedAt,
    author: () => context.present(thread.author),
    authorAssociation: () => authorAssociation(repository, thread.author),
    viewerDidAuthor: thread.author === context.actor.user,
    repository: () => context.present(repository),
    labels: (bounds: PageArguments, info: never) =>
      connection(bounds, info, {
        items: thread.labels,
        key: (label) => label.nodeId,
        view: (label) => context.present(label),
      }),
    comments: (given: CommentArguments, info: never) => {
      if (given.orderBy != null) throw new Unmodelled('the order of comments')
      return connection(given, info, {
        items: thread.comments.filter((comment) => isListed(context.state, comment)),
        key: (comment) => comment.nodeId,
        view: (comment) => context.present(comment),
      })
    },
    ...reactionFields(context, thread.reactions),
  }
}

export const presentIssue = (context: ViewContext, issue: Issue): View => ({
  __typename: 'Issue',
  ...threadFields(context, issue),
  state: issue.state.toUpperCase(),
})

export function presentComment(context: ViewContext, comment: IssueComment): View {
  const { thread, repository } = comment
  const page = `${repositoryPage(context.state, repository)}/${thread.kind === 'PullRequest' ? 'pull' : 'issues'}/${thread.number}`
  const edit = comment.edits.at(-1)
  return {
    __typename: 'IssueComment',
    id: comment.nodeId,
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    body: comment.body,
    url: `${page}#issuecomment-${comment.id}`,
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
    lastEditedAt: edit?.at ?? null,
    includesCreatedEdit: edit !== undefined,
    editor: () => (edit === undefined ? null : context.present(edit.by)),
    isMinimized: comment.minimized !== null,
    minimizedReason: comment.minimized?.toLowerCase() ?? null,
    viewerDidAuthor: comment.author === context.actor.user,
    author: () => context.present(comment.author),
    authorAssociation: () => authorAssociation(repository, comment.author),
    repository: () => context.present(repository),
    issue: () => {
      if (thread.kind !== 'Issue') throw new Unmodelled('IssueComment.issue of a pull request')
      return context.present(thread)
    },
    pullRequest: () => (thread.kind === 'PullRequest' ? context.present(thread) : null),
    ...reactionFields(context, comment.reactions),
  }
}

/** Fields of everything that can be reacted to. */
export function reactionFields(context: ViewContext, reactions: readonly Reaction[]): Fields {
  return {
    reactions: (given: PageArguments & { content?: string | null }, info: never) =>
      connection(given, info, {
        items: reactions.filter((reaction) => given.content == null || CONTENTS[reaction.content] === given.content),
        key: (reaction) => reaction.nodeId,
        view: (reaction) => context.present(reaction),
        extra: { viewerHasReacted: reactions.some(({ user }) => user === context.actor.user) },
      }),
    reactionGroups: () =>
      Object.entries(CONTENTS).map(([name, content]) => {
        const alike = reactions.filter((reaction) => reaction.content === name)
        return {
          content,
          createdAt: alike[0]?.createdAt ?? null,
          viewerHasReacted: alike.some(({ user }) => user === context.actor.user),
          reactors: (bounds: PageArguments, info: never) =>
            connection(bounds, info, {
              items: alike,
              key: ({ nodeId }) => nodeId,
              view: ({ user }) => context.present(user),
            }),
        }
      }),
  }
}

export const presentReaction = (context: ViewContext, reaction: Reaction): View => ({
  __typename: 'Reaction',
  id: reaction.nodeId,
  databaseId: reaction.id,
  content: CONTENTS[reaction.content],
  createdAt: reaction.createdAt,
  user: () => presentPerson(context, reaction.user),
})

export const presentLabel = (_: ViewContext, label: Label): View => ({
  __typename: 'Label',
  id: label.nodeId,
  name: label.name,
  color: label.color,
  description: label.description,
  isDefault: label.isDefault,
})
