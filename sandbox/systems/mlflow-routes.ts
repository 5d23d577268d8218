/** The REST routes of the MLflow stand-in, answered from mlflow-state.ts in the shapes that were recorded. */
import type { SandboxRequest, SandboxResponse } from '../http.ts'
import {
  type Answerer,
  type Arguments,
  absent,
  missing,
  ok,
  recorded,
  refuse,
  refuseLoudly,
  text,
  unknownModel,
} from './mlflow-answers.ts'
import { matches, parseFilter } from './mlflow-filter.ts'
import { tagOf } from './mlflow-state.ts'
import { createModel, createVersion, listArtifacts, locationOf } from './mlflow-writes.ts'
import { numberAt, objectAt, type RawObject, textAt } from './raw-json.ts'

type Route = (context: Answerer, input: Arguments) => SandboxResponse

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /experiments/get': getExperiment,
  'GET /experiments/get-by-name': getExperimentByName,
  'POST /experiments/search': searchExperiments,
  'POST /runs/search': searchRuns,
  'GET /runs/get': getRun,
  'GET /registered-models/get': getRegisteredModel,
  'GET /registered-models/alias': getAlias,
  'POST /registered-models/alias': setAlias,
  'DELETE /registered-models/alias': deleteAlias,
  'POST /registered-models/get-latest-versions': getLatestVersions,
  'GET /model-versions/search': searchVersions,
  'GET /model-versions/get': (context, input) => ofVersion(context, input, (version) => ({ model_version: version })),
  'GET /model-versions/get-download-uri': getDownloadLocation,
  'POST /logged-models/search': searchLoggedModels,
  'GET /artifacts/list': listArtifacts,
  'POST /registered-models/create': createModel,
  'POST /model-versions/create': createVersion,
}

/** Answers one request; an unknown route is a violation and MLflow's 404 page. */
export function answer(context: Answerer, request: SandboxRequest): SandboxResponse {
  const { answer: recordedAnswer } = context.state.recordings
  if (request.path === '/health' || request.path === '/version') {
    return recorded(recordedAnswer('server', request.path.slice(1)))
  }
  const path = /^\/(?:ajax-)?api\/2\.0\/mlflow(\/.+)$/.exec(request.path)?.[1] ?? request.path
  const model = /^\/logged-models\/(m-[0-9a-f]+)$/.exec(path)?.[1]
  if (request.method === 'GET' && model !== undefined) return getLoggedModel(context, model)
  const route = ROUTES[`${request.method} ${path}`]
  if (route === undefined) {
    context.violations.push(`unknown route: ${request.method} ${request.path}`)
    return recorded(recordedAnswer('server', 'unknown route'))
  }
  const input = argumentsOf(request)
  return input === undefined
    ? refuse('Malformed request body: not a JSON object', 'MALFORMED_REQUEST')
    : route(context, input)
}

function argumentsOf(request: SandboxRequest): Arguments | undefined {
  if (request.method === 'GET') return Object.fromEntries(request.query)
  try {
    const body: unknown = JSON.parse(request.body.toString('utf8') || '{}')
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Arguments) : undefined
  } catch {
    return undefined
  }
}

function getExperiment({ state }: Answerer, input: Arguments): SandboxResponse {
  const id = text(input, 'experiment_id')
  if (id === undefined) return missing('experiment_id')
  if (!/^\d+$/.test(id)) return refuse(`Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`)
  if (id !== textAt(state.recordings.experiment, 'experiment_id')) {
    return absent(`No Experiment with id=${id} exists`)
  }
  return recorded(state.recordings.answer('experiments', 'by id'))
}

/** As recorded: the newest experiment, and that there is another (MLflow's own `Default`). */
function searchExperiments({ state, violations }: Answerer, input: Arguments): SandboxResponse {
  return input['max_results'] === 1
    ? recorded(state.recordings.answer('experiments', 'all, first page'))
    : refuseLoudly(violations, 'the stand-in lists one experiment at a time')
}

function getExperimentByName({ state }: Answerer, input: Arguments): SandboxResponse {
  const name = text(input, 'experiment_name')
  if (name === undefined) return missing('experiment_name')
  if (name !== textAt(state.recordings.experiment, 'name')) {
    return absent(`Could not find experiment with name '${name}'`)
  }
  return recorded(state.recordings.answer('experiments', 'by name'))
}

const RUN_ATTRIBUTES = ['status', 'run_id', 'run_name', 'user_id']
const ORDERS = ['start_time', 'attributes.start_time', 'attribute.start_time']

function searchRuns(context: Answerer, input: Arguments): SandboxResponse {
  const { state, violations } = context
  const parsed = parseFilter(text(input, 'filter') ?? '', RUN_ATTRIBUTES)
  if ('refusal' in parsed) return refuseLoudly(violations, parsed.refusal)
  const order = orderOf(input)
  if (order === undefined) return refuseLoudly(violations, `Invalid order_by clause '${String(input['order_by'])}'`)
  const experiments = Array.isArray(input['experiment_ids']) ? input['experiment_ids'].map(String) : []
  const found = state.runs().filter((run) => {
    const info = objectAt(run, 'info')
    if (!experiments.includes(textAt(info, 'experiment_id')) || input['run_view_type'] === 'DELETED_ONLY') return false
    return matches(parsed.clauses, ({ scope, key }) => (scope === 'tag' ? tagOf(run, key) : textAt(info, key)))
  })
  const started = (run: RawObject) => numberAt(objectAt(run, 'info'), 'start_time')
  const id = (run: RawObject) => textAt(objectAt(run, 'info'), 'run_id')
  found.sort((left, right) => order * (started(left) - started(right)) || id(left).localeCompare(id(right)))
  return page('runs', found, { input, byDefault: 1000, most: 50_000 })
}

/** 1 ascending, -1 descending (the default), absent when the order is not one that the stand-in knows. */
function orderOf(input: Arguments): 1 | -1 | undefined {
  const orders: readonly unknown[] = Array.isArray(input['order_by']) ? input['order_by'] : []
  const [first, ...others] = orders
  if (first === undefined) return -1
  const [key = '', direction = 'ASC', ...rest] = String(first).trim().split(/\s+/)
  const known = ORDERS.includes(key) && /^(asc|desc)$/i.test(direction)
  return known && rest.length === 0 && others.length === 0 ? (/^asc$/i.test(direction) ? 1 : -1) : undefined
}

type Paging = {
  readonly input: Arguments
  readonly byDefault: number
  readonly most: number
  /** What the server puts into the token besides the offset. */
  readonly scope?: string
}

/** One page in MLflow's form: an empty list is left out, the token is base64 of an offset. */
function page(
  key: string,
  items: readonly RawObject[],
  { input, byDefault, most, scope = '' }: Paging,
): SandboxResponse {
  const limit = input['max_results'] === undefined ? byDefault : Number(input['max_results'])
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    const hint = " Hint: Value was of type 'int'. See the API docs for more information about request parameters."
    return refuse(`Invalid value ${String(input['max_results'])} for parameter 'max_results' supplied: ${hint}`)
  }
  const offset = offsetOf(text(input, 'page_token'))
  if (offset === undefined) return refuse("Invalid page token, decoded value=b''")
  const shown = items.slice(offset, offset + limit)
  if (shown.length === 0) return ok({})
  const more = items.length > offset + limit
  const token = Buffer.from(`{${scope}"offset": ${offset + limit}}`).toString('base64')
  return ok({ [key]: shown, ...(more ? { next_page_token: token } : {}) })
}

function offsetOf(token: string | undefined): number | undefined {
  if (token === undefined || token === '') return 0
  const decoded = /^\{.*"offset": (\d+)\}$/.exec(Buffer.from(token, 'base64').toString('latin1'))
  return decoded === null ? undefined : Number(decoded[1])
}

function getRun({ state }: Answerer, input: Arguments): SandboxResponse {
  const id = text(input, 'run_id') ?? text(input, 'run_uuid')
  if (id === undefined) return missing('run_id')
  const run = state.runs().find((candidate) => textAt(objectAt(candidate, 'info'), 'run_id') === id)
  return run === undefined ? absent(`Run with id=${id} not found`) : ok({ run })
}

function getRegisteredModel(context: Answerer, input: Arguments): SandboxResponse {
  return unknownModel(context, input) ?? ok({ registered_model: context.state.registeredModel() })
}

function getAlias(context: Answerer, input: Arguments): SandboxResponse {
  const { state } = context
  const unknown = unknownModel(context, input)
  if (unknown !== undefined) return unknown
  const alias = text(input, 'alias')
  if (alias === undefined) return missing('alias')
  const number = state.aliases.get(alias)
  const version = number === undefined ? undefined : state.versionWithAliases(number)
  return version === undefined ? refuse(`Registered model alias ${alias} not found.`) : ok({ model_version: version })
}

function setAlias(context: Answerer, input: Arguments): SandboxResponse {
  const alias = text(input, 'alias')
  if (alias === undefined) return missing('alias')
  if (alias.toLowerCase() === 'latest') return refuse("'latest' alias name (case insensitive) is reserved.")
  if (/^[vV]\d+$/.test(alias)) return refuse(`Version alias name '${alias}' is reserved.`)
  return ofVersion(context, input, (version) => {
    if (!context.state.isAliasLost()) context.state.aliases.set(alias, textAt(version, 'version'))
    return {}
  })
}

function deleteAlias(context: Answerer, input: Arguments): SandboxResponse {
  const { state } = context
  const unknown = unknownModel(context, input)
  if (unknown !== undefined) return unknown
  const alias = text(input, 'alias')
  if (alias === undefined) return missing('alias')
  state.aliases.delete(alias)
  return ok({})
}

function ofVersion(context: Answerer, input: Arguments, make: (version: RawObject) => RawObject): SandboxResponse {
  const { state } = context
  const unknown = unknownModel(context, input)
  if (unknown !== undefined) return unknown
  const number = text(input, 'version')
  if (number === undefined) return missing('version')
  const version = state.versionWithAliases(number)
  return version === undefined ? absent(`Model Version (name=churn, version=${number}) not found`) : ok(make(version))
}

function getDownloadLocation(context: Answerer, input: Arguments): SandboxResponse {
  const { recordings, isMade } = context.state
  const number = text(input, 'version')
  const known = number !== undefined && context.state.version(number) !== undefined
  if (!known) return ofVersion(context, input, () => ({}))
  if (isMade(number)) return ofVersion(context, input, (version) => ({ artifact_uri: locationOf(context, version) }))
  return (
    unknownModel(context, input) ?? recorded(recordings.answer('registry', `download location of version ${number}`))
  )
}

function searchVersions({ state, violations }: Answerer, input: Arguments): SandboxResponse {
  const parsed = parseFilter(text(input, 'filter') ?? '', ['name', 'run_id', 'source_path', 'version_number'])
  if ('refusal' in parsed) return refuseLoudly(violations, parsed.refusal)
  const stored: Readonly<Record<string, string>> = { source_path: 'source', version_number: 'version' }
  const found = state
    .versions()
    .filter((version) =>
      matches(parsed.clauses, ({ scope, key }) => (scope === 'tag' ? undefined : textAt(version, stored[key] ?? key))),
    )
  return page('model_versions', found, { input, byDefault: 10_000, most: 200_000 })
}

const STAGES = ['None', 'Staging', 'Production', 'Archived']

/** The newest version in each of the stages asked for; an empty list is left out. */
function getLatestVersions(context: Answerer, input: Arguments): SandboxResponse {
  const { state } = context
  const unknown = unknownModel(context, input)
  if (unknown !== undefined) return unknown
  const stages = Array.isArray(input['stages']) ? input['stages'].map(String) : []
  const stranger = stages.find((stage) => !STAGES.includes(stage))
  if (stranger !== undefined) {
    return refuse(`Invalid Model Version stage: ${stranger}. Value must be one of ${STAGES.join(', ')}.`)
  }
  const newest = stages.flatMap(
    (stage) => state.versions().find((version) => textAt(version, 'current_stage') === stage) ?? [],
  )
  return ok(newest.length === 0 ? {} : { model_versions: newest })
}

function searchLoggedModels({ state, violations }: Answerer, input: Arguments): SandboxResponse {
  if (input['experiment_ids'] === undefined) return missing('experiment_ids')
  const filter = text(input, 'filter')
  const parsed = parseFilter(filter ?? '', ['model_id', 'source_run_id', 'name', 'status'])
  if ('refusal' in parsed) return refuseLoudly(violations, parsed.refusal)
  if (input['order_by'] !== undefined) return refuseLoudly(violations, 'the stand-in orders logged models by time only')
  const experiments = Array.isArray(input['experiment_ids']) ? input['experiment_ids'].map(String) : []
  const found = state
    .loggedModels()
    .map((model) => ({ model, info: objectAt(model, 'info') }))
    .filter(({ info }) => experiments.includes(textAt(info, 'experiment_id')))
    .filter(({ info }) =>
      matches(parsed.clauses, ({ scope, key }) => (scope === 'tag' ? undefined : textAt(info, key))),
    )
    .map(({ model }) => model)
  const listed = experiments.map((id) => JSON.stringify(id)).join(', ')
  const scope = `"experiment_ids": [${listed}], "filter_string": ${filter === undefined ? 'null' : JSON.stringify(filter)}, "order_by": null, `
  return page('models', found, { input, byDefault: 50, most: 50, scope })
}

function getLoggedModel({ state }: Answerer, id: string): SandboxResponse {
  const model = state.loggedModels().find((candidate) => textAt(objectAt(candidate, 'info'), 'model_id') === id)
  return model === undefined ? absent(`Logged model with ID '${id}' not found.`) : ok({ model })
}
