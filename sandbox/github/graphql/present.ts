/** The index of views: which file shows which kind of record. One line per kind. */
import type { OperationContext } from '../access.ts'
import type { GitNode, NodeRecord } from '../state.ts'
import { presentApp, presentOrganization, presentTeam, presentUser } from './objects/account.ts'
import { presentCheckRun, presentCheckSuite, presentStatusContext } from './objects/check.ts'
import { presentCommit } from './objects/commit.ts'
import { presentDeployment, presentDeploymentStatus } from './objects/deployment.ts'
import { presentBlob, presentTree } from './objects/git-file.ts'
import { presentPullRequest } from './objects/pull-request.ts'
import { presentRef } from './objects/ref.ts'
import { presentRepository } from './objects/repository.ts'
import { presentReview } from './objects/review.ts'
import { presentComment, presentIssue, presentLabel, presentReaction } from './objects/thread.ts'
import type { View, ViewContext } from './view.ts'

/** The context of one request's views. */
export function createViewContext(operation: OperationContext, report: (violation: string) => void): ViewContext {
  const context: ViewContext = { ...operation, report, present: (record) => present(context, record) }
  return context
}

function present(context: ViewContext, record: NodeRecord | GitNode): View {
  switch (record.kind) {
    case 'User':
      return presentUser(context, record)
    case 'Organization':
      return presentOrganization(context, record)
    case 'Team':
      return presentTeam(context, record)
    case 'App':
      return presentApp(context, record)
    case 'Repository':
      return presentRepository(context, record)
    case 'Label':
      return presentLabel(context, record)
    case 'Issue':
      return presentIssue(context, record)
    case 'PullRequest':
      return presentPullRequest(context, record)
    case 'IssueComment':
      return presentComment(context, record)
    case 'Reaction':
      return presentReaction(context, record)
    case 'PullRequestReview':
      return presentReview(context, record)
    case 'CheckSuite':
      return presentCheckSuite(context, record)
    case 'CheckRun':
      return presentCheckRun(context, record)
    case 'StatusContext':
      return presentStatusContext(context, record)
    case 'Deployment':
      return presentDeployment(context, record)
    case 'DeploymentStatus':
      return presentDeploymentStatus(context, record)
    case 'Commit':
      return presentCommit(context, record.repository, record.oid)
    case 'Blob':
      return presentBlob(context, record.repository, record.oid)
    case 'Tree':
      return presentTree(context, record.repository, record)
    case 'Ref':
      return presentRef(context, record.repository, record.name)
  }
}
