/** Deployments and their statuses, with GitHub's own merging of the default branch, required contexts and automatic inactivity. */
import { type OperationContext, requireWrite, viaApp } from '../access.ts'
import { checkRunsAt, newestStatuses, requiredState, stateOfRun } from '../check-facts.ts'
import { emitRepositoryEvent } from '../events.ts'
import { GitHubFailure, invalid, notFound } from '../failure.ts'
import { writeCommit } from '../git.ts'
import { isAncestor } from '../git-history.ts'
import { mergeCommits } from '../git-merge.ts'
import type { Deployment, DeploymentState, DeploymentStatus, Repository } from '../model.ts'
import { branchRef } from '../pull-request-facts.ts'
import { resolveCommit } from '../revisions.ts'
import { deployment as serialise, deploymentStatus as serialiseStatus } from '../serialise/checks.ts'
import { commitTime, identityOf, signByGitHub } from '../signatures.ts'
import { bornNow, identify, register, timestamp } from '../state.ts'
import { moveRef } from './push.ts'

const WRITE_DEPLOYMENTS = { permissions: ['deployments'], role: 'write' } as const
const MAX_STATUS_DESCRIPTION = 140

export type DeploymentInput = {
  readonly ref: string
  readonly task?: string | undefined
  readonly autoMerge?: boolean | undefined
  /** Names that must be green; undefined demands everything that reported, an empty list demands nothing. */
  readonly requiredContexts?: readonly string[] | undefined
  readonly payload?: Readonly<Record<string, unknown>> | string | undefined
  readonly environment?: string | undefined
  readonly description?: string | null | undefined
  readonly transient?: boolean | undefined
  readonly production?: boolean | undefined
}

/** `merged` is set (and nothing created) when the default branch was merged into the ref first: REST answers 202. */
export type DeploymentOutcome =
  | { readonly kind: 'created'; readonly deployment: Deployment }
  | { readonly kind: 'merged'; readonly message: string }

/** Creates a deployment of a branch, tag or commit. 409: checks not green, or the automatic merge conflicts. 422: unknown ref. */
export function createDeployment(
  context: OperationContext,
  repository: Repository,
  input: DeploymentInput,
): DeploymentOutcome {
  requireWrite(context, repository, WRITE_DEPLOYMENTS)
  const { state, actor } = context
  const sha = resolveCommit(repository, input.ref)
  if (sha === undefined) throw new GitHubFailure(422, `No ref found for: ${input.ref}`)
  const merged = input.autoMerge === false ? undefined : mergeDefaultBranch(context, repository, input.ref)
  if (merged !== undefined) return merged
  requireContexts(repository, sha, input.requiredContexts)
  const environment = input.environment ?? 'production'
  const now = timestamp(state)
  const deployment: Deployment = register(state, {
    ...identify(state, 'Deployment'),
    repository,
    sha,
    ref: input.ref,
    task: input.task ?? 'deploy',
    payload: input.payload ?? {},
    environment,
    description: input.description ?? null,
    transient: input.transient ?? false,
    production: input.production ?? environment === 'production',
    creator: actor.user,
    viaApp: viaApp(context),
    createdAt: now,
    updatedAt: now,
    statuses: [],
    born: bornNow(state),
  })
  repository.deployments.set(deployment.id, deployment)
  emitRepositoryEvent(state, {
    event: 'deployment',
    action: 'created',
    repository,
    sender: actor.user,
    body: { deployment: serialise(state, deployment), workflow: null, workflow_run: null },
  })
  return { kind: 'created', deployment }
}

function requireContexts(repository: Repository, sha: string, names: readonly string[] | undefined): void {
  const states = (names ?? []).map((name) => ({
    name,
    state: requiredState(repository, sha, { name, appId: undefined }),
  }))
  const reported = [
    ...checkRunsAt(repository, sha).map((run) => ({ name: run.name, state: stateOfRun(run) })),
    ...newestStatuses(repository, sha).map(({ context, state }) => ({ name: context, state })),
  ]
  const failing = (names === undefined ? reported : states).filter(({ state }) => state !== 'success')
  if (failing.length === 0) return
  throw new GitHubFailure(409, 'Conflict: Commit status checks failed for the ref.', {
    errors: failing.map(({ name }) => ({
      resource: 'Deployment',
      field: 'required_contexts',
      code: 'invalid',
      message: name,
    })),
  })
}

/** `auto_merge`: a branch behind the default branch gets it merged in, and no deployment comes of the call. */
function mergeDefaultBranch(
  context: OperationContext,
  repository: Repository,
  ref: string,
): DeploymentOutcome | undefined {
  const tip = repository.refs.get(branchRef(ref))
  const main = repository.refs.get(branchRef(repository.defaultBranch))
  if (tip === undefined || main === undefined || isAncestor(repository.objects, main, tip)) return undefined
  const merged = mergeCommits(repository.objects, tip, main)
  if (!merged.clean) throw new GitHubFailure(409, `Conflict merging ${repository.defaultBranch} into ${ref}.`)
  const person = { ...identityOf(context.state, context.actor.user), at: commitTime(context.state) }
  const message = `Auto-merged ${repository.defaultBranch} into ${ref} on deployment.`
  const after = writeCommit(
    repository.objects,
    signByGitHub({ tree: merged.tree, parents: [tip, main], author: person, committer: person, message }),
  )
  moveRef(context, repository, { ref: branchRef(ref), after })
  return { kind: 'merged', message }
}

export type DeploymentStatusInput = {
  readonly state: DeploymentState
  readonly description?: string | undefined
  readonly environment?: string | undefined
  readonly environmentUrl?: string | undefined
  readonly logUrl?: string | undefined
  readonly autoInactive?: boolean | undefined
}

/** Adds a status. A success makes older, non-transient, non-production deployments of the environment inactive unless told not to. */
export function createDeploymentStatus(
  context: OperationContext,
  deployment: Deployment,
  input: DeploymentStatusInput,
): DeploymentStatus {
  requireWrite(context, deployment.repository, WRITE_DEPLOYMENTS)
  if ([...(input.description ?? '')].length > MAX_STATUS_DESCRIPTION)
    throw invalid(
      'DeploymentStatus',
      `description is too long (maximum is ${MAX_STATUS_DESCRIPTION} characters)`,
      'description',
    )
  const status = addStatus(context, deployment, input)
  if (input.state === 'success' && input.autoInactive !== false) retireOlder(context, deployment)
  return status
}

function addStatus(context: OperationContext, deployment: Deployment, input: DeploymentStatusInput): DeploymentStatus {
  const { state, actor } = context
  const status: DeploymentStatus = register(state, {
    ...identify(state, 'DeploymentStatus'),
    deployment,
    state: input.state,
    description: input.description ?? '',
    environment: input.environment ?? deployment.environment,
    environmentUrl: input.environmentUrl ?? '',
    logUrl: input.logUrl ?? '',
    creator: actor.user,
    viaApp: viaApp(context),
    createdAt: timestamp(state),
  })
  deployment.statuses.push(status)
  deployment.updatedAt = status.createdAt
  emitRepositoryEvent(state, {
    event: 'deployment_status',
    action: 'created',
    repository: deployment.repository,
    sender: actor.user,
    body: { deployment_status: serialiseStatus(state, status), deployment: serialise(state, deployment) },
  })
  return status
}

function retireOlder(context: OperationContext, newest: Deployment): void {
  for (const older of newest.repository.deployments.values()) {
    if (older.id >= newest.id || older.environment !== newest.environment) continue
    if (older.transient || older.production) continue
    if (older.statuses.at(-1)?.state === 'success') addStatus(context, older, { state: 'inactive' })
  }
}

/** Deletes a deployment; 422 while it is the active one. */
export function deleteDeployment(context: OperationContext, deployment: Deployment): void {
  requireWrite(context, deployment.repository, WRITE_DEPLOYMENTS)
  const isActive = deployment.statuses.length > 0 && deployment.statuses.at(-1)?.state !== 'inactive'
  if (isActive && deployment.repository.deployments.size > 1)
    throw new GitHubFailure(
      422,
      'We cannot delete an active deployment unless it is the only deployment in a given environment.',
    )
  deployment.repository.deployments.delete(deployment.id)
  context.state.nodes.delete(deployment.nodeId)
}

/** The deployment by database id; 404 when there is none in the repository. */
export function findDeployment(repository: Repository, id: number): Deployment {
  const deployment = repository.deployments.get(id)
  if (deployment === undefined) throw notFound()
  return deployment
}
