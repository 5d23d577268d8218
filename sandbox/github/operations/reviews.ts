/** Reviews of pull requests. */
import { type OperationContext, requireWrite } from '../access.ts'
import { emitRepositoryEvent } from '../events.ts'
import { GitHubFailure } from '../failure.ts'
import type { PullRequest, Review, ReviewState } from '../model.ts'
import { simplePullRequest } from '../serialise/pull-request.ts'
import { review as serialise } from '../serialise/threads.ts'
import { bornNow, identify, register, timestamp } from '../state.ts'
import { advanceAutoMerges } from './auto-merge.ts'
import { requireBody } from './threads.ts'

export type ReviewInput = {
  readonly state: Exclude<ReviewState, 'DISMISSED'>
  readonly body?: string | undefined
  /** Default: the head as it is now. */
  readonly commitSha?: string | undefined
}

/** Submits a review. 422: nobody approves or refuses their own pull request; a comment or refusal needs a body. */
export function submitReview(context: OperationContext, pullRequest: PullRequest, input: ReviewInput): Review {
  const { state, actor } = context
  const { repository } = pullRequest
  requireWrite(context, repository, { permissions: ['pull_requests'], role: 'read' })
  const body = input.body ?? ''
  requireBody(body)
  if (actor.user === pullRequest.author && input.state !== 'COMMENTED') {
    const verb = input.state === 'APPROVED' ? 'approve' : 'request changes on'
    throw new GitHubFailure(422, 'Unprocessable Entity', {
      errors: [{ code: 'custom', message: `Can not ${verb} your own pull request` }],
    })
  }
  if (body === '' && input.state !== 'APPROVED')
    throw new GitHubFailure(422, 'Unprocessable Entity', {
      errors: [{ code: 'custom', message: 'body can not be blank' }],
    })
  const review: Review = register(state, {
    ...identify(state, 'PullRequestReview'),
    pullRequest,
    author: actor.user,
    state: input.state,
    body,
    commitSha: input.commitSha ?? pullRequest.head.sha,
    submittedAt: timestamp(state),
    born: bornNow(state),
  })
  pullRequest.reviews.push(review)
  pullRequest.requestedReviewers = pullRequest.requestedReviewers.filter((user) => user !== actor.user)
  pullRequest.updatedAt = review.submittedAt
  emitRepositoryEvent(state, {
    event: 'pull_request_review',
    action: 'submitted',
    repository,
    sender: actor.user,
    body: {
      review: { ...serialise(state, review), state: review.state.toLowerCase(), updated_at: review.submittedAt },
      pull_request: simplePullRequest(state, pullRequest),
    },
  })
  advanceAutoMerges(state, repository)
  return review
}

/** Somebody starts a conversation on the files. */
export function openConversation({ state, actor }: OperationContext, pullRequest: PullRequest): void {
  const { nodeId } = identify(state, 'PullRequestReview')
  pullRequest.conversations.push({ nodeId: nodeId.replace(/^PRR_/, 'PRRT_'), author: actor.user, resolved: false })
}

/** Resolves every conversation. The event shows none of their comments: they are not modelled. */
export function resolveConversations({ state, actor }: OperationContext, pullRequest: PullRequest): void {
  for (const conversation of pullRequest.conversations.filter(({ resolved }) => !resolved)) {
    conversation.resolved = true
    emitRepositoryEvent(state, {
      event: 'pull_request_review_thread',
      action: 'resolved',
      repository: pullRequest.repository,
      sender: actor.user,
      body: {
        thread: { node_id: conversation.nodeId, comments: [] },
        pull_request: simplePullRequest(state, pullRequest),
      },
    })
  }
  advanceAutoMerges(state, pullRequest.repository)
}
