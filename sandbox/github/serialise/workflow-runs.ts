/** Workflow runs and artifacts as GitHub prints them. Records are in ../model.ts. */
import { createHash } from 'node:crypto'
import { formatTimestamp, type GitHubState } from '../state.ts'
import type { Artifact, WorkflowRun } from '../workflow-model.ts'
import { type Json, repositoryPage, repositoryUrl, simpleUser } from './accounts.ts'
import { simpleCommit } from './commits.ts'
import { minimalRepository } from './repository.ts'

const RETENTION_MS = 90 * 24 * 60 * 60 * 1000

/** A number for each workflow file of a repository. */
const workflowId = ({ repository, workflow }: WorkflowRun): number =>
  createHash('sha256').update(`${repository.id} ${workflow}`).digest().readUIntBE(0, 4)

/** `workflow-run`. `pull_requests` is empty, as it is for forks, and when it is not asked for. */
export function workflowRun(state: GitHubState, record: WorkflowRun): Json {
  const repository = repositoryUrl(state, record.repository)
  const url = `${repository}/actions/runs/${record.id}`
  return {
    id: record.id,
    name: record.workflow.replace(/\.ya?ml$/, ''),
    node_id: record.nodeId,
    head_branch: record.headBranch,
    head_sha: record.headSha,
    path: `.github/workflows/${record.workflow}`,
    display_title: record.title,
    run_number: record.id,
    run_attempt: record.attempt,
    event: record.event,
    status: record.status,
    conclusion: record.conclusion,
    workflow_id: workflowId(record),
    url,
    html_url: `${repositoryPage(state, record.repository)}/actions/runs/${record.id}`,
    pull_requests: [],
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    run_started_at: record.startedAt,
    actor: simpleUser(state, record.actor),
    triggering_actor: simpleUser(state, record.actor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repository}/check-suites/${record.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: record.attempt === 1 ? null : `${url}/attempts/${record.attempt - 1}`,
    workflow_url: `${repository}/actions/workflows/${workflowId(record)}`,
    head_commit: simpleCommit(record.headRepository, record.headSha),
    repository: minimalRepository(state, record.repository),
    head_repository: minimalRepository(state, record.headRepository),
  }
}

/** `artifact`. */
export function artifact(state: GitHubState, record: Artifact): Json {
  const { run } = record
  const url = `${repositoryUrl(state, run.repository)}/actions/artifacts/${record.id}`
  return {
    id: record.id,
    node_id: record.nodeId,
    name: record.name,
    size_in_bytes: record.content.length,
    url,
    archive_download_url: `${url}/zip`,
    expired: record.expired,
    digest: `sha256:${createHash('sha256').update(record.content).digest('hex')}`,
    created_at: record.createdAt,
    updated_at: record.createdAt,
    expires_at: formatTimestamp(new Date(Date.parse(record.createdAt) + RETENTION_MS)),
    workflow_run: {
      id: run.id,
      repository_id: run.repository.id,
      head_repository_id: run.headRepository.id,
      head_branch: run.headBranch ?? '',
      head_sha: run.headSha,
    },
  }
}
