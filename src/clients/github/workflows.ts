/** Workflows that the App starts, and their runs. REST: GraphQL can do neither. */
import { GITHUB_CLOCK_MS } from '../../domain/github-clock.ts'
import type { RepoName } from '../../domain/ids.ts'
import type { WorkflowDispatch, WorkflowRunQuestion, WorkflowRunView, WorkflowStart } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import type { Caller } from './call.ts'
import { GitHubRefused } from './failures.ts'

const DISPATCH = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches'

/**
 * `GitHub.dispatchWorkflow`. Without `return_run_details` GitHub answers 204 and no word of the run; a server that is older
 * than it (February 2026) may refuse it as unknown: https://github.blog/changelog/2026-02-19-workflow-dispatch-api-now-returns-run-ids
 */
export async function dispatchWorkflow(
  caller: Caller,
  repository: RepoName,
  { file, ref, inputs }: WorkflowDispatch,
): Promise<WorkflowStart> {
  const parameters = { workflow_id: file, ref: ref ?? (await defaultBranch(caller, repository)), inputs }
  try {
    return await dispatch(caller, repository, { ...parameters, return_run_details: true })
  } catch (error) {
    if (!(error instanceof GitHubRefused)) throw error
    if (!/return_run_details/.test(error.reason)) return refusal(error)
  }
  try {
    return await dispatch(caller, repository, parameters)
  } catch (error) {
    if (!(error instanceof GitHubRefused)) throw error
    return refusal(error)
  }
}

async function dispatch(
  caller: Caller,
  repository: RepoName,
  parameters: Readonly<Record<string, unknown>>,
): Promise<WorkflowStart> {
  const { data } = await caller.rest(repository, DISPATCH, parameters)
  const details = typeof data === 'object' && data !== null ? answerOf('GitHub', data) : undefined
  const id = details?.maybeInteger('workflow_run_id')
  if (details === undefined || id === undefined) return { kind: 'started', run: undefined }
  return {
    kind: 'started',
    run: { id: String(id), url: details.text('html_url'), status: 'queued', conclusion: undefined },
  }
}

/** 404 also stands for a workflow that is not on the default branch. */
const refusal = ({ status, reason }: GitHubRefused): WorkflowStart =>
  status === 403 ? { kind: 'not_allowed' } : { kind: 'refused', reason }

async function defaultBranch(caller: Caller, repository: RepoName): Promise<string> {
  const { data } = await caller.rest(repository, 'GET /repos/{owner}/{repo}')
  return answerOf('GitHub', data).text('default_branch')
}

/** How far back a run is looked for that nothing names: earlier ones may be those of the promotion before, and would prove this one. */
const UNNAMED_MS = 60_000

/** `GitHub.findWorkflowRun`: the App's own run; undefined where there is none yet, `several` where nothing tells which it is. One call: among the newest hundred. */
export async function findWorkflowRun(
  caller: Caller,
  repository: RepoName,
  { file, since, name, appLogin }: WorkflowRunQuestion & { readonly appLogin: string },
): Promise<WorkflowRunView | 'several' | undefined> {
  const { data } = await caller.rest(repository, 'GET /repos/{owner}/{repo}/actions/runs', {
    event: 'workflow_dispatch',
    per_page: 100,
  })
  const own = answerOf('GitHub', data)
    .list('workflow_runs')
    .filter((run) => isOf(run, file) && run.maybe('actor')?.maybeText('login') === appLogin)
  const from = (tolerance: number) => (run: Answer) => run.date('created_at').getTime() >= since.getTime() - tolerance
  const named = own.filter(from(GITHUB_CLOCK_MS)).find((run) => run.maybeText('display_title')?.includes(name) === true)
  if (named !== undefined) return view(named)
  const [only, second] = own.filter(from(UNNAMED_MS))
  if (second !== undefined) return 'several'
  return only && view(only)
}

/** GitHub may put `@ref` behind the path. */
const isOf = (run: Answer, file: string): boolean => run.text('path').split('@')[0] === `.github/workflows/${file}`

/** `GitHub.readWorkflowRun`: undefined where it was deleted. One call. */
export async function readWorkflowRun(
  caller: Caller,
  repository: RepoName,
  id: string,
): Promise<WorkflowRunView | undefined> {
  try {
    const { data } = await caller.rest(repository, 'GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: id })
    return view(answerOf('GitHub', data))
  } catch (error) {
    if (error instanceof GitHubRefused && error.status === 404) return undefined
    throw error
  }
}

const view = (run: Answer): WorkflowRunView => ({
  id: String(run.integer('id')),
  url: run.text('html_url'),
  status: run.maybeText('status') ?? 'queued',
  conclusion: run.maybeText('conclusion'),
})
