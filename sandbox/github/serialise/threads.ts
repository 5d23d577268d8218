/** Issues, comments, reactions and reviews as GitHub prints them. Records are in ../model.ts. */
import type { IssueComment, Reaction, ReactionContent, Review, Thread } from '../model.ts'
import type { GitHubState } from '../state.ts'
import {
  authorAssociation,
  type Json,
  nullableIntegration,
  nullableUser,
  repositoryPage,
  repositoryUrl,
  simpleUser,
} from './accounts.ts'
import { label } from './repository.ts'

export const REACTION_CONTENTS: readonly ReactionContent[] = [
  '+1',
  '-1',
  'laugh',
  'confused',
  'heart',
  'hooray',
  'rocket',
  'eyes',
]

/** `reaction-rollup`: counts by content, `url` is where they are listed. */
function reactionRollup(url: string, reactions: readonly Reaction[]): Json {
  const counts = REACTION_CONTENTS.map((content) => [
    content,
    reactions.filter((each) => each.content === content).length,
  ])
  return { url, total_count: reactions.length, ...Object.fromEntries(counts) }
}

/** `reaction`. */
export function reaction(state: GitHubState, record: Reaction): Json {
  return {
    id: record.id,
    node_id: record.nodeId,
    user: simpleUser(state, record.user),
    content: record.content,
    created_at: record.createdAt,
  }
}

const pageKind = (thread: Thread): string => (thread.kind === 'PullRequest' ? 'pull' : 'issues')

/** `issue`: the issue side of a thread; `pull_request` is there exactly when it is one. */
export function issue(state: GitHubState, thread: Thread): Json {
  const { repository } = thread
  const base = repositoryUrl(state, repository)
  const page = `${repositoryPage(state, repository)}/${pageKind(thread)}/${thread.number}`
  const url = `${base}/issues/${thread.number}`
  return {
    url,
    repository_url: base,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    id: thread.kind === 'PullRequest' ? thread.issueId : thread.id,
    node_id: thread.nodeId,
    number: thread.number,
    title: thread.title,
    user: simpleUser(state, thread.author),
    labels: thread.labels.map((each) => label(state, repository, each)),
    state: thread.state,
    locked: thread.locked,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: thread.comments.length,
    created_at: thread.createdAt,
    updated_at: thread.updatedAt,
    closed_at: thread.closedAt,
    author_association: authorAssociation(repository, thread.author),
    active_lock_reason: null,
    body: thread.body,
    closed_by: nullableUser(state, thread.closedBy),
    reactions: reactionRollup(`${url}/reactions`, thread.reactions),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: nullableIntegration(state, thread.viaApp),
    state_reason: null,
    ...(thread.kind === 'PullRequest'
      ? {
          draft: thread.draft,
          pull_request: {
            url: `${base}/pulls/${thread.number}`,
            html_url: page,
            diff_url: `${page}.diff`,
            patch_url: `${page}.patch`,
            merged_at: thread.mergedAt,
          },
        }
      : {}),
  }
}

/** `issue` in webhooks, which leave out `closed_by`. */
export function webhookIssue(state: GitHubState, thread: Thread): Json {
  const { closed_by: _, ...rest } = issue(state, thread)
  return rest
}

/** `issue-comment`. */
export function issueComment(state: GitHubState, comment: IssueComment): Json {
  const { thread, repository } = comment
  const base = repositoryUrl(state, repository)
  const url = `${base}/issues/comments/${comment.id}`
  return {
    url,
    html_url: `${repositoryPage(state, repository)}/${pageKind(thread)}/${thread.number}#issuecomment-${comment.id}`,
    issue_url: `${base}/issues/${thread.number}`,
    id: comment.id,
    node_id: comment.nodeId,
    user: simpleUser(state, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    body: comment.body,
    author_association: authorAssociation(repository, comment.author),
    reactions: reactionRollup(`${url}/reactions`, comment.reactions),
    performed_via_github_app: nullableIntegration(state, comment.viaApp),
  }
}

/** `pull-request-review`; webhooks print `state` in lower case. */
export function review(state: GitHubState, record: Review): Json {
  const { pullRequest } = record
  const { repository } = pullRequest
  const url = `${repositoryUrl(state, repository)}/pulls/${pullRequest.number}`
  const page = `${repositoryPage(state, repository)}/pull/${pullRequest.number}#pullrequestreview-${record.id}`
  return {
    id: record.id,
    node_id: record.nodeId,
    user: simpleUser(state, record.author),
    body: record.body,
    state: record.state,
    html_url: page,
    pull_request_url: url,
    author_association: authorAssociation(repository, record.author),
    _links: { html: { href: page }, pull_request: { href: url } },
    submitted_at: record.submittedAt,
    commit_id: record.commitSha,
  }
}
