/** Check runs, check suites, commit statuses and deployments as GitHub prints them. Records are in ../model.ts. */
import { combinedState } from '../check-facts.ts'
import type {
  CheckAnnotation,
  CheckRun,
  CheckSuite,
  CommitStatus,
  Deployment,
  DeploymentStatus,
  PullRequest,
  Repository,
  Thread,
} from '../model.ts'
import type { GitHubState } from '../state.ts'
import { integration, type Json, nullableIntegration, repositoryPage, repositoryUrl, simpleUser } from './accounts.ts'
import { simpleCommit } from './commits.ts'
import { minimalRepository } from './repository.ts'

/** Open pull requests from a branch of the same repository whose head is the commit, as checks list them. */
function pullRequestsAt(state: GitHubState, repository: Repository, sha: string): Json[] {
  const at = (thread: Thread): thread is PullRequest =>
    thread.kind === 'PullRequest' &&
    thread.state === 'open' &&
    thread.head.sha === sha &&
    thread.head.repository === repository
  const url = repositoryUrl(state, repository)
  const repo = { id: repository.id, url, name: repository.name }
  return [...repository.threads.values()].filter(at).map(({ id, number, head, base }) => ({
    url: `${url}/pulls/${number}`,
    id,
    number,
    head: { ref: head.ref, sha: head.sha, repo },
    base: { ref: base.ref, sha: base.sha, repo },
  }))
}

/** `check-run`. `conclusion: stale` is GitHub's own word for runs it gave up. */
export function checkRun(state: GitHubState, record: CheckRun): Json {
  const url = `${repositoryUrl(state, record.repository)}/check-runs/${record.id}`
  const page = `${repositoryPage(state, record.repository)}/runs/${record.id}`
  return {
    id: record.id,
    name: record.name,
    node_id: record.nodeId,
    head_sha: record.headSha,
    external_id: record.externalId ?? '',
    url,
    html_url: page,
    details_url: record.detailsUrl ?? page,
    status: record.status,
    conclusion: record.conclusion,
    started_at: record.startedAt,
    completed_at: record.completedAt,
    output: {
      title: record.title,
      summary: record.summary,
      text: record.text,
      annotations_count: record.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: record.suite.id },
    app: integration(state, record.app),
    pull_requests: pullRequestsAt(state, record.repository, record.headSha),
  }
}

/** The check run in webhooks, with its suite. */
export function webhookCheckRun(state: GitHubState, record: CheckRun): Json {
  const { suite } = record
  return {
    ...checkRun(state, record),
    check_suite: {
      id: suite.id,
      node_id: suite.nodeId,
      head_branch: suite.headBranch,
      head_sha: suite.headSha,
      status: suite.status,
      conclusion: suite.conclusion,
      url: `${repositoryUrl(state, suite.repository)}/check-suites/${suite.id}`,
      before: null,
      after: suite.headSha,
      pull_requests: pullRequestsAt(state, suite.repository, suite.headSha),
      app: integration(state, suite.app),
      created_at: suite.createdAt,
      updated_at: suite.updatedAt,
    },
  }
}

/** `check-suite`. Webhooks leave `repository` out: they carry it beside. */
export function checkSuite(state: GitHubState, record: CheckSuite): Json {
  const { repository } = record
  const url = `${repositoryUrl(state, repository)}/check-suites/${record.id}`
  return {
    id: record.id,
    node_id: record.nodeId,
    head_branch: record.headBranch,
    head_sha: record.headSha,
    status: record.status,
    conclusion: record.conclusion,
    url,
    before: null,
    after: record.headSha,
    pull_requests: pullRequestsAt(state, repository, record.headSha),
    app: integration(state, record.app),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    latest_check_runs_count: [...repository.checkRuns.values()].filter(({ suite }) => suite === record).length,
    check_runs_url: `${url}/check-runs`,
    head_commit: simpleCommit(repository, record.headSha),
    repository: minimalRepository(state, repository),
  }
}

/** `check-annotation`. */
export function checkAnnotation(state: GitHubState, run: CheckRun, record: CheckAnnotation): Json {
  return {
    path: record.path,
    blob_href: `${repositoryUrl(state, run.repository)}/contents/${encodeURIComponent(record.path)}?ref=${run.headSha}`,
    start_line: record.startLine,
    end_line: record.endLine,
    start_column: record.startColumn,
    end_column: record.endColumn,
    annotation_level: record.level,
    title: record.title,
    message: record.message,
    raw_details: record.rawDetails,
  }
}

/** `simple-commit-status`, without the creator. */
function simpleStatus(state: GitHubState, record: CommitStatus): Json {
  return {
    url: `${repositoryUrl(state, record.repository)}/statuses/${record.sha}`,
    avatar_url: `${state.urls.web}/avatars/${encodeURIComponent(record.creator.login)}`,
    id: record.id,
    node_id: record.nodeId,
    state: record.state,
    description: record.description,
    target_url: record.targetUrl,
    context: record.context,
    created_at: record.createdAt,
    updated_at: record.createdAt,
  }
}

/** `status`. */
export const status = (state: GitHubState, record: CommitStatus): Json => ({
  ...simpleStatus(state, record),
  creator: simpleUser(state, record.creator),
})

/** `combined-commit-status` of the newest status per context, with the page of them to show. */
export function combinedStatus(
  state: GitHubState,
  repository: Repository,
  {
    sha,
    newest,
    page,
  }: { readonly sha: string; readonly newest: readonly CommitStatus[]; readonly page: readonly CommitStatus[] },
): Json {
  const url = repositoryUrl(state, repository)
  return {
    state: combinedState(newest),
    statuses: page.map((each) => simpleStatus(state, each)),
    sha,
    total_count: newest.length,
    repository: minimalRepository(state, repository),
    commit_url: `${url}/commits/${sha}`,
    url: `${url}/commits/${sha}/status`,
  }
}

/** `deployment`. */
export function deployment(state: GitHubState, record: Deployment): Json {
  const repository = repositoryUrl(state, record.repository)
  const url = `${repository}/deployments/${record.id}`
  return {
    url,
    id: record.id,
    node_id: record.nodeId,
    sha: record.sha,
    ref: record.ref,
    task: record.task,
    payload: record.payload,
    original_environment: record.environment,
    environment: record.environment,
    description: record.description,
    creator: simpleUser(state, record.creator),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    statuses_url: `${url}/statuses`,
    repository_url: repository,
    transient_environment: record.transient,
    production_environment: record.production,
    performed_via_github_app: nullableIntegration(state, record.viaApp),
  }
}

/** `deployment-status`. */
export function deploymentStatus(state: GitHubState, record: DeploymentStatus): Json {
  const repository = repositoryUrl(state, record.deployment.repository)
  const url = `${repository}/deployments/${record.deployment.id}`
  return {
    url: `${url}/statuses/${record.id}`,
    id: record.id,
    node_id: record.nodeId,
    state: record.state,
    creator: simpleUser(state, record.creator),
    description: record.description,
    environment: record.environment,
    target_url: record.logUrl,
    created_at: record.createdAt,
    updated_at: record.createdAt,
    deployment_url: url,
    repository_url: repository,
    environment_url: record.environmentUrl,
    log_url: record.logUrl,
    performed_via_github_app: nullableIntegration(state, record.viaApp),
  }
}
