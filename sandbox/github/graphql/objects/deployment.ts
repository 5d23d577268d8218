/** Deployments and their statuses as GraphQL shows them. */
import type { Deployment, DeploymentState, DeploymentStatus } from '../../model.ts'
import { connection, type PageArguments } from '../connection.ts'
import type { View, ViewContext } from '../view.ts'

/** A deployment has a state of its own words: it is `ACTIVE` where its newest status is `SUCCESS`, and `PENDING` before the first. */
const STATES: Readonly<Record<DeploymentState, string>> = {
  error: 'ERROR',
  failure: 'FAILURE',
  inactive: 'INACTIVE',
  in_progress: 'IN_PROGRESS',
  pending: 'PENDING',
  queued: 'QUEUED',
  success: 'ACTIVE',
}

export function presentDeployment(context: ViewContext, deployment: Deployment): View {
  const { repository, payload, statuses } = deployment
  const latest = statuses.at(-1)
  const branch = `refs/heads/${deployment.ref}`
  return {
    __typename: 'Deployment',
    id: deployment.nodeId,
    databaseId: deployment.id,
    environment: deployment.environment,
    originalEnvironment: deployment.environment,
    latestEnvironment: latest?.environment ?? deployment.environment,
    task: deployment.task,
    description: deployment.description,
    // JSON text: of an object its serialisation, and of a text the text itself.
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    commitOid: deployment.sha,
    createdAt: deployment.createdAt,
    updatedAt: deployment.updatedAt,
    state: latest === undefined ? 'PENDING' : STATES[latest.state],
    commit: () => context.present({ kind: 'Commit', repository, oid: deployment.sha }),
    ref: () => (repository.refs.has(branch) ? context.present({ kind: 'Ref', repository, name: branch }) : null),
    creator: () => context.present(deployment.creator),
    repository: () => context.present(repository),
    latestStatus: () => (latest === undefined ? null : context.present(latest)),
    // Newest first, unlike most lists.
    statuses: (bounds: PageArguments, info: never) =>
      connection(bounds, info, {
        items: [...statuses].reverse(),
        key: (status) => status.nodeId,
        view: (status) => context.present(status),
      }),
  }
}

export function presentDeploymentStatus(context: ViewContext, status: DeploymentStatus): View {
  return {
    __typename: 'DeploymentStatus',
    id: status.nodeId,
    state: status.state.toUpperCase(),
    description: status.description,
    environment: status.environment,
    environmentUrl: status.environmentUrl === '' ? null : status.environmentUrl,
    logUrl: status.logUrl === '' ? null : status.logUrl,
    createdAt: status.createdAt,
    updatedAt: status.createdAt,
    creator: () => context.present(status.creator),
    deployment: () => context.present(status.deployment),
  }
}
