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

export const lockkeeper =
  (ears: Ears) =>
  (app: Probot): void => {
    app.on(['pull_request.opened', 'pull_request.reopened', 'pull_request.synchronize'], (context) =>
      pullRequestChanged(context, ears),
    )
    app.on(['pull_request.ready_for_review', 'pull_request.edited', 'pull_request.closed'], (context) =>
      pullRequestChanged(context, ears),
    )
    app.on(['pull_request.dequeued', 'pull_request.auto_merge_enabled'], (context) =>
      pullRequestReviewChanged(context, ears),
    )
    app.on(['pull_request_review.submitted', 'pull_request_review.dismissed'], (context) =>
      pullRequestReviewChanged(context, ears),
    )
    app.on(['pull_request_review_thread.resolved', 'pull_request_review_thread.unresolved'], (context) =>
      pullRequestReviewChanged(context, ears),
    )
    app.on('push', (context) => push(context, ears))
    app.on(['check_run.completed', 'check_run.rerequested', 'check_run.requested_action'], (context) =>
      checkRunChanged(context, ears),
    )
    app.on('check_suite.completed', (context) => checkSuiteCompleted(context, ears))
    app.on('status', (context) => status(context, ears))
    app.on('deployment_status.created', (context) => deploymentStatusCreated(context, ears))
    app.on('merge_group.checks_requested', (context) => mergeGroupChecksRequested(context, ears))
    app.on('issue_comment.created', (context) => issueCommentCreated(context, ears))
  }
