/** The Probot function: which handler hears which event. No logic; app.yml asks for exactly these events (contract-tested). */
import type { Probot } from 'probot'
import { checkRunChanged, checkSuiteCompleted } from './handlers/check-run.completed.ts'
import { deploymentStatusCreated } from './handlers/deployment-status.created.ts'
import type { Ears } from './handlers/ears.ts'
import { issueCommentCreated } from './handlers/issue-comment.created.ts'
import { mergeGroupChecksRequested } from './handlers/merge-group.checks-requested.ts'
import { pullRequestChanged } from './handlers/pull-request.changed.ts'
import { pullRequestReviewChanged } from './handlers/pull-request-review.changed.ts'
import { push } from './handlers/push.ts'
import { status } from './handlers/status.ts'

const PULL_REQUEST = [
  'pull_request.opened',
  'pull_request.reopened',
  'pull_request.synchronize',
  'pull_request.ready_for_review',
  'pull_request.edited',
  'pull_request.closed',
] as const
const QUEUE = ['pull_request.dequeued', 'pull_request.auto_merge_enabled'] as const
const REVIEW = ['pull_request_review.submitted', 'pull_request_review.dismissed'] as const
const THREAD = ['pull_request_review_thread.resolved', 'pull_request_review_thread.unresolved'] as const
const CHECK_RUN = ['check_run.completed', 'check_run.rerequested', 'check_run.requested_action'] as const
const OTHERS = [
  'push',
  'status',
  'check_suite.completed',
  'deployment_status.created',
  'merge_group.checks_requested',
  'issue_comment.created',
] as const

const HEARD: ReadonlySet<string> = new Set([...PULL_REQUEST, ...QUEUE, ...REVIEW, ...THREAD, ...CHECK_RUN, ...OTHERS])

/** Whether anything follows from such a delivery: what tells of an installation is learnt from, whatever it is. */
export const isHeard = (event: string, action: string | undefined): boolean =>
  event.startsWith('installation') || HEARD.has(action === undefined ? event : `${event}.${action}`)

export const lockkeeper =
  (ears: Ears) =>
  (app: Probot): void => {
    app.on([...PULL_REQUEST], (context) => pullRequestChanged(context, ears))
    app.on([...QUEUE], (context) => pullRequestReviewChanged(context, ears))
    app.on([...REVIEW], (context) => pullRequestReviewChanged(context, ears))
    app.on([...THREAD], (context) => pullRequestReviewChanged(context, ears))
    app.on([...CHECK_RUN], (context) => checkRunChanged(context, ears))
    app.on('push', (context) => push(context, ears))
    app.on('status', (context) => status(context, ears))
    app.on('check_suite.completed', (context) => checkSuiteCompleted(context, ears))
    app.on('deployment_status.created', (context) => deploymentStatusCreated(context, ears))
    app.on('merge_group.checks_requested', (context) => mergeGroupChecksRequested(context, ears))
    app.on('issue_comment.created', (context) => issueCommentCreated(context, ears))
  }
