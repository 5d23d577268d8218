/** MLflow 3's metrics per dataset and logged model, for both sides by one request per server. Part of compare-model.ts; the meaning of names: domain/metric-dataset.ts. */
import { seedMetrics } from '../domain/comparison-runs.ts'
import { expandGates } from '../domain/gate-pattern.ts'
import { canonicalMetricName } from '../domain/metric.ts'
import { type LoggedMetric, type NamedMetrics, tellDatasetsApart } from '../domain/metric-dataset.ts'
import type { GateSpec } from '../domain/settings.ts'
import type { CompareQuestion, SidesRead } from './compare-model.ts'
import type { LoggedMetrics, MlflowRun } from './ports.ts'
import { type MetricsDeps, type MetricsReading, problemOf, type RunSet, refusal } from './read-metrics.ts'

type MlflowSide = RunSet & { readonly mlflow: NonNullable<RunSet['mlflow']> }

/** The sides with every name meaning one thing. What is not MLflow 3's stays as it is. Throws only bugs. */
export async function readLoggedMetrics(
  sides: SidesRead,
  { model: { gates } }: Pick<CompareQuestion, 'model'>,
  { mlflow }: Pick<MetricsDeps, 'mlflow'>,
): Promise<SidesRead> {
  const [candidate, baseline] = [mlflowSide(sides.candidate), mlflowSide(sides.baseline)]
  const found = [candidate, baseline].filter((side) => side !== undefined)
  const answers = new Map<string, LoggedMetrics>()
  try {
    for (const [server, asking] of Map.groupBy(found, (side) => side.mlflow.server)) {
      answers.set(server, await mlflow.loggedMetrics(server, asking.flatMap(runsOf)))
    }
  } catch (error) {
    // Whichever side it belongs to: what cannot be named cannot be compared.
    return { ...sides, baseline: problemOf(error) }
  }
  const unnamed = found.find(({ mlflow: { server, dataset } }) => dataset && answers.get(server)?.refusal)
  if (unnamed !== undefined) return { ...sides, baseline: withoutDatasets(unnamed, answers) }
  const isWanted = (name: string): boolean => asksFor(gates, name)
  const named = candidate && nameSide(candidate, answers, { isWanted, meaning: undefined })
  const meaning = named?.meaning
  return {
    candidate: named?.side ?? sides.candidate,
    baseline: baseline ? nameSide(baseline, answers, { isWanted, meaning }).side : sides.baseline,
  }
}

/** The plain names were to mean one dataset: what they mean is not known now, and it may be the training data. */
function withoutDatasets({ mlflow: { server, dataset } }: MlflowSide, answers: ReadonlyMap<string, LoggedMetrics>) {
  return refusal(
    'mlflow_refused',
    `The metrics of the dataset ${dataset} cannot be told from those of others, because logged models cannot be read: ${answers.get(server)?.refusal}`,
    `Let the Lockkeeper user read logged models on the MLflow server ${server}, or remove \`dataset\` from the configuration.`,
  )
}

function mlflowSide(reading: MetricsReading | undefined): MlflowSide | undefined {
  if (reading?.kind !== 'found' || reading.mlflow === undefined) return undefined
  const side = { ...reading, mlflow: reading.mlflow }
  return runsOf(side).some((run) => run.logged !== undefined) ? side : undefined
}

function runsOf({ mlflow: { seeds } }: MlflowSide): readonly MlflowRun[] {
  return seeds.parent === undefined ? seeds.runs : [...seeds.runs, seeds.parent]
}

function nameSide(
  side: MlflowSide,
  answers: ReadonlyMap<string, LoggedMetrics>,
  {
    isWanted,
    meaning,
  }: { readonly isWanted: (name: string) => boolean; readonly meaning: ReadonlyMap<string, string> | undefined },
): { readonly side: RunSet; readonly meaning: ReadonlyMap<string, string> } {
  const { dataset, seeds } = side.mlflow
  const answer = answers.get(side.mlflow.server)
  const ids = new Set(runsOf(side).map((run) => run.runId))
  const logged: readonly LoggedMetric[] = (answer?.metrics ?? []).filter((metric) => ids.has(metric.runId))
  const named = tellDatasetsApart(runsOf(side), logged, {
    dataset,
    isWanted,
    ...(meaning === undefined ? {} : { meaning }),
  })
  const byId = new Map(named.runs.map((run) => [run.runId, run]))
  const renamed = (run: MlflowRun): MlflowRun => byId.get(run.runId) ?? run
  const { runs, parent } = seeds
  return {
    side: {
      ...side,
      seeds: seedMetrics({ runs: runs.map(renamed), parent: parent && renamed(parent) }),
      notes: [...side.notes, ...notesOn(named, answer)],
    },
    meaning: named.meaning,
  }
}

/** A gate on a slice asks for it, and a pattern for all that it matches. */
function asksFor(gates: readonly GateSpec[], name: string): boolean {
  const slice = canonicalMetricName(name)
  return expandGates(gates, [slice]).some(({ key }) => key === slice)
}

function notesOn({ ambiguous, doubtful }: NamedMetrics<MlflowRun>, answer: LoggedMetrics | undefined): string[] {
  const notes: string[] = []
  if (ambiguous.length > 0) {
    notes.push(
      `${listed(ambiguous)}: several datasets or models have this metric, so the plain name means none of them; set \`dataset\`, or gate one slice.`,
    )
  }
  if (doubtful.length > 0) {
    notes.push(
      `${listed(doubtful)}: MLflow keeps a NaN here as 0, and this 0 may be one; log this dataset last, or in a run of its own.`,
    )
  }
  if (answer !== undefined && answer.unread > 0) {
    notes.push(`${answer.unread} logged models were not read: too many belong to these runs.`)
  }
  if (answer?.refusal !== undefined) {
    notes.push(`Datasets are not told apart, because logged models cannot be read. ${answer.refusal}.`)
  }
  return notes
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`
}
