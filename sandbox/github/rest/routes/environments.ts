/** Deployment environments: what protects them, and which branches they take. */
import { type EnvironmentRecord, findEnvironment } from '../../environment-model.ts'
import { notFound } from '../../failure.ts'
import type { Repository } from '../../model.ts'
import { repositoryPage, repositoryUrl, simpleUser, team } from '../../serialise/accounts.ts'
import type { GitHubState } from '../../state.ts'
import { type Call, get, ok, pageOf, param, type Route } from '../call.ts'
import { REPO, repositoryOf } from './repository.ts'

const ENVIRONMENT = `${REPO}/environments/{environment}`

export const environmentRoutes: readonly Route[] = [
  get(ENVIRONMENT, (call) => {
    const { repository, record } = environmentOf(call)
    return ok(environment(call.state, repository, record))
  }),
  get(`${ENVIRONMENT}/deployment-branch-policies`, (call) => {
    const { record } = environmentOf(call)
    const patterns = record.branches === null || record.branches === 'protected' ? [] : record.branches
    const policies = patterns.map((pattern, index) => {
      const isTag = pattern.startsWith('tag:')
      const id = record.id * 100 + index
      const name = isTag ? pattern.slice('tag:'.length) : pattern
      return { id, node_id: nodeId('GateBranchPolicy', id), name, type: isTag ? 'tag' : 'branch' }
    })
    const { items, headers } = pageOf(call, policies)
    return { status: 200, body: { total_count: policies.length, branch_policies: items }, headers }
  }),
]

const nodeId = (kind: string, id: number): string => Buffer.from(`${kind}${id}`).toString('base64')

function environmentOf(call: Call): { readonly repository: Repository; readonly record: EnvironmentRecord } {
  const repository = repositoryOf(call, 'actions')
  const record = findEnvironment(repository, param(call, 'environment'))
  if (record === undefined) throw notFound()
  return { repository, record }
}

function environment(state: GitHubState, repository: Repository, record: EnvironmentRecord) {
  const { id, name, createdAt, reviewers, preventSelfReview, wait, branches } = record
  const rule = (type: string, more: Readonly<Record<string, unknown>> = {}) => ({
    ...{ id, node_id: nodeId('Gate', id), type },
    ...more,
  })
  const shown = (reviewers ?? []).map((reviewer) =>
    reviewer.kind === 'User'
      ? { type: 'User', reviewer: simpleUser(state, reviewer) }
      : { type: 'Team', reviewer: team(state, reviewer) },
  )
  return {
    id,
    node_id: nodeId('Environment', id),
    name,
    url: `${repositoryUrl(state, repository)}/environments/${encodeURIComponent(name)}`,
    html_url: `${repositoryPage(state, repository)}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: createdAt,
    updated_at: createdAt,
    protection_rules: [
      ...(wait === 0 ? [] : [rule('wait_timer', { wait_timer: wait })]),
      ...(reviewers === null
        ? []
        : [rule('required_reviewers', { prevent_self_review: preventSelfReview, reviewers: shown })]),
      ...(branches === null ? [] : [rule('branch_policy')]),
    ],
    deployment_branch_policy:
      branches === null
        ? null
        : { protected_branches: branches === 'protected', custom_branch_policies: branches !== 'protected' },
  }
}
