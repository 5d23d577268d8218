/** Mutations of deployments. The changes are made by ../../operations/deployments.ts. */
import type { CreateDeploymentInput, CreateDeploymentStatusInput } from '@octokit/graphql-schema'
import { GitHubFailure } from '../../failure.ts'
import type { DeploymentState } from '../../model.ts'
import { createDeployment, createDeploymentStatus } from '../../operations/deployments.ts'
import { requireNode } from '../nodes.ts'
import { type Fields, Unmodelled, type ViewContext } from '../view.ts'
import { given, payload } from './payload.ts'

const STATES: Readonly<Record<string, DeploymentState>> = {
  ERROR: 'error',
  FAILURE: 'failure',
  INACTIVE: 'inactive',
  IN_PROGRESS: 'in_progress',
  PENDING: 'pending',
  QUEUED: 'queued',
  SUCCESS: 'success',
}

export function deploymentMutations(context: ViewContext): Fields {
  return {
    createDeployment: ({ input }: { input: CreateDeploymentInput }) => {
      const repository = requireNode(context, input.repositoryId, ['Repository'])
      const ref = requireNode(context, input.refId, ['Ref'])
      if (ref.repository !== repository) throw new GitHubFailure(422, 'The ref is not of this repository.')
      const outcome = createDeployment(context, repository, {
        ref: ref.name.replace(/^refs\/(?:heads|tags)\//, ''),
        // Left out, it is true: GitHub then merges the default branch in first, and creates nothing.
        autoMerge: given(input.autoMerge),
        requiredContexts: given(input.requiredContexts),
        payload: payloadOf(input.payload ?? '{}'),
        environment: given(input.environment),
        description: given(input.description),
        task: given(input.task),
      })
      return payload(input, {
        autoMerged: outcome.kind === 'merged',
        deployment: () => (outcome.kind === 'merged' ? null : context.present(outcome.deployment)),
      })
    },
    createDeploymentStatus: ({ input }: { input: CreateDeploymentStatusInput }) => {
      const state = STATES[input.state]
      if (state === undefined) throw new Unmodelled(`deployments that are ${input.state}`)
      const status = createDeploymentStatus(context, requireNode(context, input.deploymentId, ['Deployment']), {
        state,
        description: given(input.description),
        environment: given(input.environment),
        environmentUrl: given(input.environmentUrl),
        logUrl: given(input.logUrl),
        autoInactive: given(input.autoInactive),
      })
      return payload(input, { deploymentStatus: () => context.present(status) })
    },
  }
}

/** The payload is JSON in a text; a text that is no object stays what it is. */
function payloadOf(text: string): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : text
  } catch {
    return text
  }
}
