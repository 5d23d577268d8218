/** What `lockkeeper compare` compares: local files and MLflow, read as on a pull request, without GitHub and without a database. */
import type { EnvOfSystems } from './config/env.ts'
import type { ModelReport } from './domain/comparison-report.ts'
import { GROUP_TAG } from './domain/comparison-runs.ts'
import { parseRepoName, type RepoName } from './domain/ids.ts'
import { sharedParams } from './domain/seed-params.ts'
import type { MetricSource, ModelSettings } from './domain/settings.ts'
import { createLog } from './log.ts'
import { connectMlflow } from './outside.ts'
import { judgeSides } from './services/compare-model.ts'
import type { Mlflow } from './services/ports.ts'
import { metricsOfDocument } from './services/read-document-metrics.ts'
import { readLoggedMetrics } from './services/read-logged-metrics.ts'
import { type MetricsReading, type Problem, problemOf, type RunSet, refusal } from './services/read-metrics.ts'
import { readMlflowRun, readMlflowVersion } from './services/read-mlflow-metrics.ts'

export type SidesQuestion = {
  /** Files, `runs:/ID`, `models:/NAME/VERSION`, `models:/NAME/STAGE` or `models:/NAME@ALIAS`; several are seeds of one side. */
  readonly candidate: readonly string[]
  /** Empty: the model's own baseline where that is in MLflow, else none. */
  readonly baseline: readonly string[]
  readonly model: ModelSettings
  readonly env: EnvOfSystems
  /** Rejects as `node:fs` does. */
  readonly readFile: (path: string) => Promise<string>
}

export type Sides =
  | { readonly ok: true; readonly report: ModelReport }
  | { readonly ok: false; readonly problem: Problem }

/** Reads both sides and judges. What cannot be read is a problem; only bugs are thrown. */
export async function compareSides(asked: SidesQuestion): Promise<Sides> {
  const { model, baseline: named } = asked
  const mlflow = mlflowOf(asked)
  const read = reader(asked, mlflow)
  const candidate = await read(asked.candidate.map(toSource))
  if (candidate.kind !== 'found') return { ok: false, problem: candidate.problem }
  const sources = named.length > 0 ? named.map(toSource) : ownBaseline(model)
  if (sources.length === 0 && model.baseline !== undefined && model.gates.some((gate) => gate.maxRegression)) {
    return { ok: false, problem: NO_BASELINE }
  }
  const baseline = sources.length === 0 ? undefined : await read(sources)
  // What was asked for must be there; the model's own alias may still come.
  const isFirst = baseline?.kind === 'none' && named.length === 0
  if (baseline !== undefined && baseline.kind !== 'found' && !isFirst) return { ok: false, problem: baseline.problem }
  const question = { ...NOWHERE, model, headRef: 'candidate', baselineRef: 'baseline', waivers: [] }
  const sides = await readLoggedMetrics({ candidate, baseline }, question, { mlflow })
  if (sides.baseline !== undefined && 'problem' in sides.baseline && !isFirst) {
    return { ok: false, problem: sides.baseline.problem }
  }
  const report = judgeSides(question, sides)
  return { ok: true, report: { ...report, notes: [...report.notes, ...unjudged(model)] } }
}

/** Without it every regression would pass, as with a first model, whatever was forgotten. */
const NO_BASELINE: Problem = {
  code: 'artefact_missing',
  message: 'A gate has `max_regression`, and there is nothing to compare with',
  hint: 'Name the baseline by --with FILE; without it only one in MLflow is found here.',
}

/** A pass here is no pass of these. */
function unjudged({ checks, reports }: ModelSettings): readonly string[] {
  const keys = [...(checks.length > 0 ? ['`checks`'] : []), ...(reports.length > 0 ? ['`reports`'] : [])]
  return keys.length === 0 ? [] : [`${keys.join(' and ')} of the model are judged on pull requests only.`]
}

/** Nothing here belongs to a repository. */
const NOWHERE = { repository: repositoryOf('local/files'), commits: [] }
/** `runs:/…` and `models:/…` are of the server of MLFLOW_TRACKING_URI. */
const SERVER = 'default'

type Source =
  | { readonly kind: 'file'; readonly path: string }
  | Extract<MetricSource, { kind: 'mlflow_run' | 'mlflow_version' }>

/** As MLflow itself writes runs and versions; everything else is a file. */
function toSource(text: string): Source {
  const mlflow = { server: SERVER, groupBy: GROUP_TAG, dataset: undefined }
  const [, runId] = /^runs:\/+([\w-]{1,64})$/.exec(text) ?? []
  if (runId !== undefined) return { kind: 'mlflow_run', runId, ...mlflow }
  const [, model, alias, number, stage] = /^models:\/+([^/@]+)(?:@([\w-]+)|\/(?:(\d+)|([A-Za-z]+)))$/.exec(text) ?? []
  if (model === undefined) return { kind: 'file', path: text }
  if (alias !== undefined) return { kind: 'mlflow_version', model, version: { by: 'alias', alias }, ...mlflow }
  if (number !== undefined)
    return { kind: 'mlflow_version', model, version: { by: 'version', version: number }, ...mlflow }
  return { kind: 'mlflow_version', model, version: { by: 'stage', stage: stage ?? '' }, ...mlflow }
}

function ownBaseline({ baseline }: ModelSettings): readonly Source[] {
  return baseline?.kind === 'mlflow_version' || baseline?.kind === 'mlflow_run' ? [{ ...baseline, server: SERVER }] : []
}

type Side = RunSet | Extract<MetricsReading, { readonly problem: Problem }>

/** Reads one side of several sources: their runs together, or what is wrong with the first that cannot be read. */
function reader(asked: SidesQuestion, mlflow: Mlflow): (sources: readonly Source[]) => Promise<Side> {
  const deps = { mlflow, mayUse: () => ({ allowed: true }) as const }
  const readOne = (source: Source): Promise<MetricsReading> => {
    if (source.kind === 'file') return readLocal(source.path, asked.readFile)
    const question = { ...NOWHERE, model: asked.model, ref: '', label: '', final: true }
    return source.kind === 'mlflow_run'
      ? readMlflowRun(question, source, deps)
      : readMlflowVersion(question, source, deps)
  }
  return async (sources) => {
    const found: RunSet[] = []
    for (const source of sources) {
      const reading = await readOne(source).catch(problemOf)
      if (reading.kind === 'running') throw new Error('a fixed run or a file is never waited for')
      if (reading.kind !== 'found') return reading
      found.push(reading)
    }
    const [first, ...rest] = found
    if (first === undefined) throw new Error('a side has at least one source')
    return rest.reduce(together, first)
  }
}

/** One server, with the sign-in of the environment: whoever runs this uses credentials of their own. */
function mlflowOf({ env }: SidesQuestion): Mlflow {
  return connectMlflow({ env, policy: undefined, signIns: new Map(), log: createLog('silent') })
}

async function readLocal(path: string, readFile: SidesQuestion['readFile']): Promise<MetricsReading> {
  try {
    const document = { kind: 'document', name: path, reference: path, id: path, url: undefined, notes: [] } as const
    const text = await readFile(path)
    return metricsOfDocument({ ...document, text, commit: undefined }, { label: path, ref: path })
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    const reason = error.code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${String(error.code)})`
    const hint = /^[a-z\d]+:/i.test(path)
      ? 'In MLflow it is runs:/ID, models:/NAME/VERSION or models:/NAME@ALIAS; anything else is a file here.'
      : 'Check the name.'
    return refusal('artefact_missing', `${path}: ${reason}`, hint)
  }
}

function together(one: RunSet, other: RunSet): RunSet {
  // Runs that stand beside a file are known by their own names alone: `mlflow` would stand for all seeds.
  const { mlflow, ...rest } = one
  return {
    ...rest,
    label: one.label.endsWith(' and more') ? one.label : `${one.label} and more`,
    runs: [...one.runs, ...other.runs],
    ids: [...one.ids, ...other.ids],
    seeds: [...one.seeds, ...other.seeds],
    ...(mlflow !== undefined && other.mlflow !== undefined && { mlflow: allRuns(mlflow, other.mlflow) }),
    params: sharedParams([one, other]),
    dataDigests: [...new Set([...one.dataDigests, ...other.dataDigests])].toSorted(),
    failedRuns: one.failedRuns + other.failedRuns,
    notes: [...new Set([...one.notes, ...other.notes])],
  }
}

type MlflowRuns = NonNullable<RunSet['mlflow']>

function allRuns(one: MlflowRuns, other: MlflowRuns): MlflowRuns {
  const runs = [...one.seeds.runs, ...other.seeds.runs]
  return { ...one, seeds: { runs, parent: one.seeds.parent ?? other.seeds.parent } }
}

function repositoryOf(text: string): RepoName {
  const name = parseRepoName(text)
  if (name === undefined) throw new Error(`not a name of a repository: ${text}`)
  return name
}
