/** Workflow runs and artifacts, for reading. */
import { GitHubFailure } from '../../failure.ts'
import { dispatchWorkflow } from '../../operations/workflow-dispatch.ts'
import { artifactsOf, findArtifact, findWorkflowRun } from '../../operations/workflow-runs.ts'
import { artifact, workflowRun } from '../../serialise/workflow-runs.ts'
import { isListed } from '../../state.ts'
import { storageAddress } from '../../storage.ts'
import type { Artifact, WorkflowRun } from '../../workflow-model.ts'
import { fields, flag, requiredText } from '../body.ts'
import { type Call, get, idParam, noContent, ok, pageOf, param, post, type Reply, type Route } from '../call.ts'
import { REPO, repositoryOf } from './repository.ts'

const ACTIONS = `${REPO}/actions`

export const actionRoutes: readonly Route[] = [
  post(`${ACTIONS}/workflows/{workflow}/dispatches`, dispatch),
  get(`${ACTIONS}/runs`, listRuns),
  get(`${ACTIONS}/runs/{id}`, (call) => ok(workflowRun(call.state, runOf(call)))),
  get(`${ACTIONS}/runs/{id}/artifacts`, (call) => listArtifacts(call, runOf(call).artifacts.toReversed())),
  get(`${ACTIONS}/artifacts`, (call) => listArtifacts(call, artifactsOf(repositoryOf(call, 'actions')))),
  get(`${ACTIONS}/artifacts/{id}`, (call) => ok(artifact(call.state, artifactOf(call)))),
  get(`${ACTIONS}/artifacts/{id}/{format}`, download),
]

const runOf = (call: Call): WorkflowRun => findWorkflowRun(repositoryOf(call, 'actions'), idParam(call, 'id'))
const artifactOf = (call: Call): Artifact => findArtifact(repositoryOf(call, 'actions'), idParam(call, 'id'))

/** 204, or the run with `return_run_details`. */
function dispatch(call: Call): Reply {
  const body = fields(call.body)
  const repository = repositoryOf(call)
  const run = dispatchWorkflow(call.context, repository, {
    workflow: param(call, 'workflow'),
    ref: requiredText(body, 'ref'),
    inputs: fields(body['inputs']),
  })
  if (flag(body, 'return_run_details') !== true) return noContent()
  const { id, url, html_url } = workflowRun(call.state, run)
  return ok({ workflow_run_id: id, run_url: url, html_url })
}

/** Newest first. */
function listRuns(call: Call): Reply {
  const { query, state } = call
  const meets = (name: string, value: string | null): boolean => query.get(name) === null || query.get(name) === value
  const runs = [...repositoryOf(call, 'actions').workflowRuns.values()]
    .filter((run) => isListed(state, run))
    .filter((run) => meets('head_sha', run.headSha) && meets('event', run.event) && meets('branch', run.headBranch))
    .filter((run) => meets('status', run.status) || meets('status', run.conclusion))
    .reverse()
  const { items, headers } = pageOf(call, runs)
  const body = { total_count: runs.length, workflow_runs: items.map((run) => workflowRun(state, run)) }
  return { status: 200, body, headers }
}

function listArtifacts(call: Call, all: readonly Artifact[]): Reply {
  const { query, state } = call
  const name = query.get('name')
  const listed = all.filter((each) => isListed(state, each) && (name === null || each.name === name))
  const { items, headers } = pageOf(call, listed)
  return {
    status: 200,
    body: { total_count: listed.length, artifacts: items.map((each) => artifact(state, each)) },
    headers,
  }
}

function download(call: Call): Reply {
  const found = artifactOf(call)
  if (param(call, 'format') !== 'zip') throw new GitHubFailure(404, 'Not Found')
  if (found.expired) throw new GitHubFailure(410, 'Artifact has expired')
  return { status: 302, headers: { location: storageAddress(call.state, found) } }
}
