/** Issues (a pull request is one too), comments, reactions, labels of a thread. */
import { notFound } from '../../failure.ts'
import type { IssueComment, Thread } from '../../model.ts'
import { addComment, deleteComment, findComment, updateComment } from '../../operations/comments.ts'
import { updatePullRequest } from '../../operations/pull-requests.ts'
import { addReaction, type Reactable, removeReaction } from '../../operations/reactions.ts'
import { addLabels, findThread, openIssue, removeLabel } from '../../operations/threads.ts'
import { label } from '../../serialise/repository.ts'
import { issue, issueComment, REACTION_CONTENTS, reaction } from '../../serialise/threads.ts'
import { isListed } from '../../state.ts'
import { fields, objects, oneOf, requiredText, text, texts } from '../body.ts'
import {
  type Call,
  created,
  del,
  get,
  idParam,
  list,
  noContent,
  ok,
  param,
  patch,
  post,
  put,
  type Reply,
  type Route,
} from '../call.ts'
import { REPO, repositoryOf } from './repository.ts'

const ISSUE = `${REPO}/issues/{number}`
const COMMENT = `${REPO}/issues/comments/{id}`

export const issueRoutes: readonly Route[] = [
  get(`${REPO}/issues`, listIssues),
  post(`${REPO}/issues`, (call) => {
    const body = fields(call.body)
    const made = openIssue(call.context, repositoryOf(call), {
      title: requiredText(body, 'title'),
      body: text(body, 'body') ?? null,
    })
    return created(issue(call.state, made))
  }),
  get(ISSUE, (call) => ok(issue(call.state, threadOf(call)))),
  patch(ISSUE, (call) => {
    const thread = threadOf(call)
    const body = fields(call.body)
    if (thread.kind !== 'PullRequest') throw notFound()
    updatePullRequest(call.context, thread, {
      title: text(body, 'title'),
      body: text(body, 'body'),
      state: oneOf(body, 'state', ['open', 'closed'] as const),
    })
    return ok(issue(call.state, thread))
  }),
  get(`${ISSUE}/comments`, (call) => listComments(call, threadOf(call).comments)),
  post(`${ISSUE}/comments`, (call) => {
    const comment = addComment(call.context, threadOf(call), requiredText(fields(call.body), 'body'))
    return created(issueComment(call.state, comment))
  }),
  get(`${REPO}/issues/comments`, (call) =>
    listComments(call, [...repositoryOf(call, 'issues', 'pull_requests').comments.values()]),
  ),
  get(COMMENT, (call) => ok(issueComment(call.state, commentOf(call)))),
  patch(COMMENT, (call) => {
    const comment = commentOf(call)
    updateComment(call.context, comment, requiredText(fields(call.body), 'body'))
    return ok(issueComment(call.state, comment))
  }),
  del(COMMENT, (call) => {
    deleteComment(call.context, commentOf(call))
    return noContent()
  }),
  ...reactionRoutes(`${COMMENT}/reactions`, commentOf),
  ...reactionRoutes(`${ISSUE}/reactions`, threadOf),
  get(`${ISSUE}/labels`, (call) => listLabels(call, threadOf(call))),
  post(`${ISSUE}/labels`, (call) => {
    const thread = threadOf(call)
    addLabels(call.context, thread, labelNames(call))
    return listLabels(call, thread)
  }),
  put(`${ISSUE}/labels`, (call) => {
    const thread = threadOf(call)
    const names = labelNames(call)
    const kept = new Set(names.map((name) => name.toLowerCase()))
    for (const { name } of thread.labels) if (!kept.has(name.toLowerCase())) removeLabel(call.context, thread, name)
    addLabels(call.context, thread, names)
    return listLabels(call, thread)
  }),
  del(`${ISSUE}/labels`, (call) => {
    const thread = threadOf(call)
    for (const { name } of thread.labels) removeLabel(call.context, thread, name)
    return noContent()
  }),
  del(`${ISSUE}/labels/{name}`, (call) => {
    const thread = threadOf(call)
    removeLabel(call.context, thread, param(call, 'name'))
    return listLabels(call, thread)
  }),
]

function reactionRoutes(path: string, subjectOf: (call: Call) => Reactable): Route[] {
  return [
    get(path, (call) => {
      const wanted = call.query.get('content')
      const all = subjectOf(call).reactions.filter(({ content }) => wanted === null || content === wanted)
      return list(call, all, (each) => reaction(call.state, each))
    }),
    post(path, (call) => {
      const content = oneOf({ content: requiredText(fields(call.body), 'content') }, 'content', REACTION_CONTENTS)
      const outcome = addReaction(call.context, subjectOf(call), content ?? 'eyes')
      return { status: outcome.created ? 201 : 200, body: reaction(call.state, outcome.reaction) }
    }),
    del(`${path}/{reaction}`, (call) => {
      removeReaction(call.context, subjectOf(call), idParam(call, 'reaction'))
      return noContent()
    }),
  ]
}

function threadOf(call: Call): Thread {
  return findThread(repositoryOf(call, 'issues', 'pull_requests'), idParam(call, 'number'))
}

function commentOf(call: Call): IssueComment {
  return findComment(repositoryOf(call, 'issues', 'pull_requests'), idParam(call, 'id'))
}

function listComments(call: Call, comments: readonly IssueComment[]): Reply {
  const since = call.query.get('since')
  const listed = comments.filter(
    (each) => isListed(call.state, each) && (since === null || Date.parse(each.updatedAt) >= Date.parse(since)),
  )
  return list(call, listed, (each) => issueComment(call.state, each))
}

function listLabels(call: Call, thread: Thread): Reply {
  return list(call, thread.labels, (each) => label(call.state, thread.repository, each))
}

/** `{"labels": ["a"]}`, `["a"]` and lists of `{"name": "a"}` are all documented. */
function labelNames({ body }: Call): readonly string[] {
  if (Array.isArray(body)) return labelNames({ body: { labels: body } } as Call)
  const given = fields(body)
  const first = Array.isArray(given['labels']) ? given['labels'][0] : undefined
  if (typeof first === 'object') return (objects(given, 'labels') ?? []).map((each) => requiredText(each, 'name'))
  return texts(given, 'labels') ?? []
}

function listIssues(call: Call): Reply {
  const repository = repositoryOf(call, 'issues', 'pull_requests')
  const wanted = call.query.get('state') ?? 'open'
  const labels = (call.query.get('labels') ?? '').split(',').filter((name) => name !== '')
  const creator = call.query.get('creator')
  const listed = [...repository.threads.values()].filter(
    (each) =>
      isListed(call.state, each) &&
      (wanted === 'all' || each.state === wanted) &&
      (creator === null || each.author.login === creator) &&
      labels.every((name) => each.labels.some((held) => held.name.toLowerCase() === name.toLowerCase())),
  )
  return list(call, listed.reverse(), (each) => issue(call.state, each))
}
