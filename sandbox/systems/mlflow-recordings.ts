/** Loads what ../recordings/record.ts wrote: runs, registered versions and logged models by candidate, and recorded answers as they are. Played by mlflow.ts. */
import { readFileSync } from 'node:fs'
import { CANDIDATES, type Candidate, type CandidateTable, type Trained } from '../recordings/candidates.ts'
import type { Recording } from '../recordings/exchange.ts'
import { listAt, objectAt, parseRaw, type RawObject, textAt } from './raw-json.ts'

const FILES = ['server', 'experiments', 'runs', 'registry', 'aliases'] as const

/** A recorded answer: status, type and exact text. */
export type RecordedAnswer = { readonly status: number; readonly contentType: string; readonly text: string }

/** Who a recorded thing belongs to: a candidate, or what was there before all of them. */
export type Owner = Candidate | 'earlier'

export type Owned = { readonly owner: Owner; readonly value: RawObject }

export type MlflowRecordings = {
  readonly placeholders: CandidateTable
  readonly trained: Trained
  readonly experiment: RawObject
  readonly registeredModel: RawObject
  /** Newest first, as the server orders them. */
  readonly runs: readonly Owned[]
  /** As `model-versions/search` gives them (without aliases), newest first. */
  readonly versions: readonly Owned[]
  readonly loggedModels: readonly Owned[]
  /** A recorded answer by file and name; throws when there is none. */
  answer(file: (typeof FILES)[number], name: string): RecordedAnswer
}

/** Reads the recordings beside `record.ts`. */
export function loadMlflowRecordings(): MlflowRecordings {
  const files = new Map(FILES.map((name) => [name, read<Recording>(`mlflow-${name}`)]))
  const { placeholders, trained } = read<{ placeholders: CandidateTable; trained: Trained }>('mlflow-trained')
  const answer: MlflowRecordings['answer'] = (file, name) => recorded(files.get(file), name)
  const owner = ownerOfRun(trained)
  const owned = (value: RawObject, runId: string): Owned => ({ owner: owner(runId), value })
  const body = (file: (typeof FILES)[number], name: string) => parseRaw(answer(file, name).text)
  return {
    placeholders,
    trained,
    experiment: objectAt(body('experiments', 'by name'), 'experiment'),
    registeredModel: objectAt(body('registry', 'registered model'), 'registered_model'),
    runs: pages('all-runs', 'runs').map((run) => owned(run, textAt(objectAt(run, 'info'), 'run_id'))),
    versions: listAt(body('registry', 'versions of the model'), 'model_versions').map((version) =>
      owned(version, textAt(version, 'run_id')),
    ),
    loggedModels: pages('logged-models', 'models').map((model) =>
      owned(model, textAt(objectAt(model, 'info'), 'source_run_id')),
    ),
    answer,
  }
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../recordings/${name}.json`, import.meta.url), 'utf8')) as T
}

function recorded(recording: Recording | undefined, name: string): RecordedAnswer {
  const exchange = recording?.exchanges[name]
  if (exchange === undefined) throw new Error(`no recording called "${name}"`)
  const { status, contentType, lines } = exchange.response
  return { status, contentType, text: lines.join('\n') }
}

/** All elements of a listing that was recorded page by page. */
function pages(file: string, key: string): readonly RawObject[] {
  const { exchanges } = read<Recording>(`mlflow-${file}`)
  return Object.values(exchanges).flatMap(({ response }) => listAt(parseRaw(response.lines.join('\n')), key))
}

function ownerOfRun(trained: Trained): (runId: string) => Owner {
  const owners = new Map<string, Owner>()
  for (const name of [...CANDIDATES, 'earlier'] as const) {
    for (const runId of trained.runs[name] ?? []) owners.set(runId, name)
  }
  return (runId) => owners.get(runId) ?? 'earlier'
}
