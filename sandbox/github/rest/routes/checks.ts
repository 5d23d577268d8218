/** Check runs, check suites, deployments. */
import { GitHubFailure, notFound } from '../../failure.ts'
import type { CheckAnnotation, CheckConclusion, CheckSuite, Deployment, DeploymentState } from '../../model.ts'
import {
  type CheckEdit,
  type CheckOutput,
  createCheckRun,
  findCheckRun,
  rerequestCheckRun,
  updateCheckRun,
} from '../../operations/checks.ts'
import {
  createDeployment,
  createDeploymentStatus,
  deleteDeployment,
  findDeployment,
} from '../../operations/deployments.ts'
import { checkAnnotation, checkRun, checkSuite, deployment, deploymentStatus } from '../../serialise/checks.ts'
import { isListed } from '../../state.ts'
import { type Fields, fields, flag, integer, object, objects, oneOf, requiredText, text, texts } from '../body.ts'
import {
  type Call,
  created,
  del,
  get,
  idParam,
  list,
  noContent,
  ok,
  patch,
  post,
  type Reply,
  type Route,
} from '../call.ts'
import { listRuns } from './commits.ts'
import { REPO, repositoryOf } from './repository.ts'

const RUN = `${REPO}/check-runs/{id}`
const DEPLOYMENT = `${REPO}/deployments/{id}`

export const checkRoutes: readonly Route[] = [
  post(`${REPO}/check-runs`, (call) => {
    const body = fields(call.body)
    const made = createCheckRun(call.context, repositoryOf(call), {
      ...editOf(body),
      name: requiredText(body, 'name'),
      headSha: requiredText(body, 'head_sha'),
    })
    return created(checkRun(call.state, made))
  }),
  get(RUN, (call) => ok(checkRun(call.state, runOf(call)))),
  patch(RUN, (call) => {
    const run = runOf(call)
    updateCheckRun(call.context, run, editOf(fields(call.body)))
    return ok(checkRun(call.state, run))
  }),
  get(`${RUN}/annotations`, (call) => {
    const run = runOf(call)
    return list(call, run.annotations, (each) => checkAnnotation(call.state, run, each))
  }),
  post(`${RUN}/rerequest`, (call) => {
    rerequestCheckRun(call.context, runOf(call))
    return created({})
  }),
  get(`${REPO}/check-suites/{id}`, (call) => ok(checkSuite(call.state, suiteOf(call)))),
  get(`${REPO}/check-suites/{id}/check-runs`, (call) => {
    const suite = suiteOf(call)
    return listRuns(
      call,
      [...suite.repository.checkRuns.values()].filter((run) => run.suite === suite),
    )
  }),
  get(`${REPO}/deployments`, listDeployments),
  post(`${REPO}/deployments`, createDeploymentRoute),
  get(DEPLOYMENT, (call) => ok(deployment(call.state, deploymentOf(call)))),
  del(DEPLOYMENT, (call) => {
    deleteDeployment(call.context, deploymentOf(call))
    return noContent()
  }),
  get(`${DEPLOYMENT}/statuses`, (call) =>
    list(call, deploymentOf(call).statuses.toReversed(), (each) => deploymentStatus(call.state, each)),
  ),
  get(`${DEPLOYMENT}/statuses/{status}`, (call) => {
    const found = deploymentOf(call).statuses.find(({ id }) => id === idParam(call, 'status'))
    if (found === undefined) throw notFound()
    return ok(deploymentStatus(call.state, found))
  }),
  post(`${DEPLOYMENT}/statuses`, (call) => {
    const body = fields(call.body)
    const state = oneOf(body, 'state', STATES)
    if (state === undefined) throw new GitHubFailure(422, 'Validation Failed')
    const made = createDeploymentStatus(call.context, deploymentOf(call), {
      state,
      description: text(body, 'description'),
      environment: text(body, 'environment'),
      environmentUrl: text(body, 'environment_url'),
      logUrl: text(body, 'log_url') ?? text(body, 'target_url'),
      autoInactive: flag(body, 'auto_inactive'),
    })
    return created(deploymentStatus(call.state, made))
  }),
]

const STATES: readonly DeploymentState[] = [
  'error',
  'failure',
  'inactive',
  'in_progress',
  'queued',
  'pending',
  'success',
]
const CONCLUSIONS: readonly CheckConclusion[] = [
  'success',
  'failure',
  'neutral',
  'cancelled',
  'skipped',
  'timed_out',
  'action_required',
  'stale',
]

const runOf = (call: Call) => findCheckRun(repositoryOf(call, 'checks'), idParam(call, 'id'))
const deploymentOf = (call: Call): Deployment => findDeployment(repositoryOf(call, 'deployments'), idParam(call, 'id'))

function suiteOf(call: Call): CheckSuite {
  const found = repositoryOf(call, 'checks').checkSuites.get(idParam(call, 'id'))
  if (found === undefined) throw notFound()
  return found
}

function editOf(body: Fields): CheckEdit {
  const output = object(body, 'output')
  return {
    name: text(body, 'name'),
    detailsUrl: text(body, 'details_url'),
    externalId: text(body, 'external_id'),
    status: oneOf(body, 'status', ['queued', 'in_progress', 'completed'] as const),
    conclusion: oneOf(body, 'conclusion', CONCLUSIONS),
    startedAt: text(body, 'started_at'),
    completedAt: text(body, 'completed_at'),
    output: output === undefined ? undefined : outputOf(output),
    actions: objects(body, 'actions')?.map((action) => ({
      label: requiredText(action, 'label'),
      description: requiredText(action, 'description'),
      identifier: requiredText(action, 'identifier'),
    })),
  }
}

function outputOf(body: Fields): CheckOutput {
  return {
    title: text(body, 'title'),
    summary: requiredText(body, 'summary'),
    text: text(body, 'text'),
    annotations: objects(body, 'annotations')?.map(annotationOf),
  }
}

function annotationOf(body: Fields): CheckAnnotation {
  const start = integer(body, 'start_line')
  const level = oneOf(body, 'annotation_level', ['notice', 'warning', 'failure'] as const)
  if (start === undefined || level === undefined) throw new GitHubFailure(422, 'Invalid request.')
  return {
    path: requiredText(body, 'path'),
    startLine: start,
    endLine: integer(body, 'end_line') ?? start,
    startColumn: integer(body, 'start_column') ?? null,
    endColumn: integer(body, 'end_column') ?? null,
    level,
    title: text(body, 'title') ?? null,
    message: requiredText(body, 'message'),
    rawDetails: text(body, 'raw_details') ?? null,
  }
}

function listDeployments(call: Call): Reply {
  const repository = repositoryOf(call, 'deployments')
  const matches = (each: Deployment, name: 'sha' | 'ref' | 'task' | 'environment'): boolean => {
    const wanted = call.query.get(name)
    return wanted === null || each[name] === wanted
  }
  const listed = [...repository.deployments.values()].filter(
    (each) =>
      isListed(call.state, each) &&
      (['sha', 'ref', 'task', 'environment'] as const).every((name) => matches(each, name)),
  )
  return list(call, listed.reverse(), (each) => deployment(call.state, each))
}

function createDeploymentRoute(call: Call): Reply {
  const body = fields(call.body)
  const payload = body['payload']
  const outcome = createDeployment(call.context, repositoryOf(call), {
    ref: requiredText(body, 'ref'),
    task: text(body, 'task'),
    autoMerge: flag(body, 'auto_merge'),
    requiredContexts: texts(body, 'required_contexts'),
    payload: typeof payload === 'string' ? payload : object(body, 'payload'),
    environment: text(body, 'environment'),
    description: text(body, 'description'),
    transient: flag(body, 'transient_environment'),
    production: flag(body, 'production_environment'),
  })
  return outcome.kind === 'created'
    ? created(deployment(call.state, outcome.deployment))
    : { status: 202, body: { message: outcome.message } }
}
