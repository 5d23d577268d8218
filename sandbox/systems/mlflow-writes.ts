/** Registering at the MLflow stand-in, as MLflow 3.17 answers it (measured; test/live/mlflow-new-version.test.ts asks a real one). Part of mlflow-routes.ts. */
import type { SandboxResponse } from '../http.ts'
import {
  type Answerer,
  type Arguments,
  absent,
  missing,
  ok,
  refuse,
  refuseLoudly,
  text,
  unknownModel,
} from './mlflow-answers.ts'
import { objectAt, parseRaw, type RawObject, textAt } from './raw-json.ts'

/** There is one registered model, `churn`, unless it was forgotten. */
export function createModel({ state, violations }: Answerer, input: Arguments): SandboxResponse {
  const name = text(input, 'name')
  if (name === undefined) return missing('name')
  if (name === 'churn' && !state.isRegistered()) {
    state.registerModel()
    return ok({ registered_model: state.registeredModel() })
  }
  if (name === 'churn') return refuse(`Registered Model (name=${name}) already exists.`, 'RESOURCE_ALREADY_EXISTS')
  return refuseLoudly(violations, 'the stand-in has no registered model but churn')
}

/** The next number; whatever is asked for twice is made twice. */
export function createVersion(context: Answerer, input: Arguments): SandboxResponse {
  const { state } = context
  const unknown = unknownModel(context, input)
  if (unknown !== undefined) return unknown
  const source = text(input, 'source')
  if (source === undefined) return missing('source')
  const logged = /^models:\/(m-[0-9a-f]+)$/.exec(source)?.[1]
  if (logged !== undefined && logged !== text(input, 'model_id')) {
    return refuse(
      `Invalid model version source: '${source}'. The model_id request parameter must identify the resource that contains the source.`,
    )
  }
  const version = state.make({ source, run_id: text(input, 'run_id') ?? '', tags: tagsOf(input) })
  return ok({ model_version: version })
}

function tagsOf(input: Arguments): readonly RawObject[] {
  const tags = parseRaw(JSON.stringify({ tags: input['tags'] ?? [] }))['tags']
  return Array.isArray(tags) ? (tags as readonly RawObject[]) : []
}

/** What MLflow 3 logs as a model is no artefact of its run: a run here has those alone that `MlflowSandbox.exports` gave it. */
export function listArtifacts({ state }: Answerer, input: Arguments): SandboxResponse {
  const id = text(input, 'run_id')
  if (id === undefined) return missing('run_id')
  const run = state.runs().find((candidate) => textAt(objectAt(candidate, 'info'), 'run_id') === id)
  if (run === undefined) return absent(`Run with id=${id} not found`)
  const root = { root_uri: textAt(objectAt(run, 'info'), 'artifact_uri') }
  const folder = text(input, 'path')
  if (folder === undefined || !state.exported.has(folder)) return ok(root)
  return ok({ ...root, files: [{ path: `${folder}/MLmodel`, is_dir: false, ...parseRaw('{"file_size": 512}') }] })
}

/** A logged model's own address, any other source as it is. */
export function locationOf({ state }: Answerer, version: RawObject): string {
  const source = textAt(version, 'source')
  const id = /^models:\/(m-[0-9a-f]+)$/.exec(source)?.[1]
  const model = state.loggedModels().find((each) => textAt(objectAt(each, 'info'), 'model_id') === id)
  return model === undefined ? source : textAt(objectAt(model, 'info'), 'artifact_uri')
}
