/** Who reports on commits in a story: commit statuses and deployments by people and Apps (CI, Argo CD Notifications). Part of acting.ts. */
import type { OperationContext } from './access.ts'
import type { CommitState, Repository } from './model.ts'
import {
  createDeployment,
  createDeploymentStatus,
  type DeploymentStatusInput,
  findDeployment,
} from './operations/deployments.ts'
import { createStatus } from './operations/statuses.ts'
import { appNamed, asUser, repositoryNamed } from './people.ts'
import type { GitHubState } from './state.ts'

type StatusReport = {
  readonly context: string
  readonly state: CommitState
  readonly description?: string
  readonly targetUrl?: string
  /** `slug[bot]` for an App with a right of its own; default `ci[bot]`. */
  readonly by?: string
}

export const reportActs = (state: GitHubState) => ({
  /** CI reports a commit status. */
  reportStatus: (name: string, sha: string, { by, ...input }: StatusReport): void => {
    createStatus(asReporter(state, name, by ?? 'ci[bot]'), repositoryNamed(state, name), { ...input, sha })
  },
  /** Somebody deploys a commit of the repository; gives the deployment's id. */
  createDeployment: (
    name: string,
    { by, ...input }: { by: string; ref: string; environment: string; payload?: Readonly<Record<string, unknown>> },
  ): number => {
    const made = createDeployment(asReporter(state, name, by), repositoryNamed(state, name), {
      ...input,
      autoMerge: false,
      requiredContexts: [],
    })
    if (made.kind !== 'created') throw new Error(made.message)
    return made.deployment.id
  },
  /** And tells how it stands. */
  reportDeployment: (name: string, id: number, { by, ...input }: { by: string } & DeploymentStatusInput): void => {
    const deployment = findDeployment(repositoryNamed(state, name), id)
    createDeploymentStatus(asReporter(state, name, by), deployment, input)
  },
})

/** A person, or the App of that slug (`argocd[bot]`) with a token of its own that may write statuses and deployments. */
function asReporter(state: GitHubState, name: string, by: string): OperationContext {
  const slug = /^(.+)\[bot\]$/.exec(by)?.[1]
  if (slug === undefined) return asUser(state, by)
  const context = contextOfApp(state, slug, repositoryNamed(state, name))
  if (context.actor.kind !== 'installation') return context
  const permissions = { statuses: 'write', deployments: 'write', metadata: 'read' } as const
  return { state, actor: { ...context.actor, token: { ...context.actor.token, permissions } } }
}

/** Full rights everywhere for an App other than the one under test: CI systems are not what is tested. */
export function contextOfApp(state: GitHubState, slug: string, repository: Repository): OperationContext {
  const app = appNamed(state, slug)
  const installation = {
    kind: 'Installation' as const,
    id: app.id,
    nodeId: '',
    app,
    account: repository.owner,
    repositorySelection: 'all' as const,
    repositories: new Set<Repository>(),
    permissions: { checks: 'write', metadata: 'read' } as const,
    events: [],
    createdAt: app.createdAt,
    updatedAt: app.createdAt,
  }
  const token = { token: '', installation, repositories: null, permissions: installation.permissions, expiresAtMs: 0 }
  return { state, actor: { kind: 'installation', user: app.bot, app, token } }
}
