/**
 * MLflow 3 keeps a metric per dataset and logged model: `auc` of `holdout` is the slice `auc/dataset=holdout`. A run of it has one value per name,
 * whichever was written last. Here is said what each name means. Read by services/read-logged-metrics.ts.
 */
import { canonicalMetricName, type Metrics, parseMetricName } from './metric.ts'

/** Where in a run's history a value stands. `timestamp` is in milliseconds since 1970. */
export type MetricPoint = { readonly step: number; readonly timestamp: number }

/** One value that a run wrote for a logged model. */
export type LoggedMetric = MetricPoint & {
  readonly runId: string
  readonly name: string
  readonly value: number
  readonly dataset: string | undefined
  /** The logged model's name; `modelId` where two share one. */
  readonly model: string
  readonly modelId: string
}

/** What naming needs of a run; MLflow's runs fit. `latest` says where the values of `metrics` stand. */
export type NameableRun = {
  readonly runId: string
  readonly metrics: Metrics
  readonly logged?: { readonly latest: ReadonlyMap<string, MetricPoint> }
}

export type DatasetReading = {
  /** The dataset that plain names mean, as configured. */
  readonly dataset: string | undefined
  /** What plain names mean on the other side; used where this side leaves it open. */
  readonly meaning?: ReadonlyMap<string, string>
  /** Is this slice asked for, although there is but one? */
  readonly isWanted: (name: string) => boolean
}

export type NamedMetrics<Run> = {
  readonly runs: readonly Run[]
  /** Plain names that several datasets or logged models share, so that they mean none. */
  readonly ambiguous: readonly string[]
  /** Slices that MLflow keeps as 0, which may have been NaN. */
  readonly doubtful: readonly string[]
  /** The dataset of each plain name that has one. */
  readonly meaning: ReadonlyMap<string, string>
}

/** The runs of one side with `metrics` under names that mean one thing each. */
export function tellDatasetsApart<Run extends NameableRun>(
  runs: readonly Run[],
  logged: readonly LoggedMetric[],
  reading: DatasetReading,
): NamedMetrics<Run> {
  const found = Map.groupBy(logged, (metric) => metric.runId)
  const shared = sharedNames(runs.map((run) => measurements(found.get(run.runId) ?? [])))
  const ambiguous = new Set<string>()
  const doubtful = new Set<string>()
  const named = runs.map((run) => {
    const metrics = new Map(run.metrics)
    for (const [name, values] of measurements(found.get(run.runId) ?? [])) {
      const meant = meantBy(name, values, { ...reading, isShared: shared.has(name) })
      if (meant === 'none') metrics.delete(name)
      else if (meant === 'several') ambiguous.add(name)
      else if (meant !== 'own') setValue(metrics, name, { value: trueValue(meant, run), doubtful })
      for (const [slice, value] of slicesOf(name, values, { shared, reading, meant })) {
        if (value !== undefined) setValue(metrics, slice, { value: trueValue(value, run), doubtful })
      }
    }
    return { ...run, metrics }
  })
  return {
    runs: named.map((run) => ({ ...run, metrics: without(run.metrics, ambiguous, doubtful) })),
    ambiguous: [...ambiguous].toSorted(),
    doubtful: [...doubtful].toSorted(),
    meaning: meaningOf(logged, reading.dataset, shared),
  }
}

/** The name of a metric of one dataset, and of one of several logged models where `model` is given. */
export function datasetMetricName(key: string, { dataset, model }: { dataset?: string; model?: string }): string {
  const dimensions = [
    ...(model === undefined ? [] : [`model=${sliceValue(model)}`]),
    ...(dataset === undefined ? [] : [`dataset=${sliceValue(dataset)}`]),
  ]
  if (dimensions.length === 0) return key
  const { slice } = parseMetricName(key)
  return slice === undefined ? `${key}/${dimensions.join(',')}` : `${canonicalMetricName(key)},${dimensions.join(',')}`
}

type Measurements = ReadonlyMap<string, readonly LoggedMetric[]>

/**
 * By name, what a run measured last: MLflow's value is that of the highest step, so that earlier checkpoints are history.
 * One measurement that MLflow linked to all models of its run counts once.
 */
function measurements(logged: readonly LoggedMetric[]): Measurements {
  const byName = Map.groupBy(logged, (metric) => metric.name)
  return new Map([...byName].map(([name, points]) => [name, atTheEnd(points)]))
}

function atTheEnd(points: readonly LoggedMetric[]): readonly LoggedMetric[] {
  const last = new Map<string, LoggedMetric>()
  for (const point of points) {
    const key = JSON.stringify([point.dataset, point.modelId])
    const known = last.get(key)
    if (known === undefined || isAfter(point, known)) last.set(key, point)
  }
  const step = [...last.values()].reduce((highest, point) => Math.max(highest, point.step), -Infinity)
  const distinct = new Map<string, LoggedMetric>()
  for (const point of last.values()) {
    const key = JSON.stringify([point.dataset, point.timestamp, String(point.value)])
    if (point.step === step && !distinct.has(key)) distinct.set(key, point)
  }
  return [...distinct.values()]
}

function isAfter(one: MetricPoint, other: MetricPoint): boolean {
  return one.step > other.step || (one.step === other.step && one.timestamp > other.timestamp)
}

/** Names with several measurements in one run, and whether several models are the reason in part. */
function sharedNames(runs: readonly Measurements[]): ReadonlyMap<string, { readonly byModel: boolean }> {
  const shared = new Map<string, { byModel: boolean }>()
  for (const run of runs) {
    for (const [name, values] of run) {
      if (values.length < 2) continue
      const byModel = values.length > new Set(values.map((value) => value.dataset)).size
      shared.set(name, { byModel: byModel || shared.get(name)?.byModel === true })
    }
  }
  return shared
}

/** `own`: the run's own value. `none`: another dataset was asked for. */
type Meant = LoggedMetric | 'own' | 'several' | 'none'

function meantBy(
  name: string,
  values: readonly LoggedMetric[],
  { dataset, meaning, isShared }: DatasetReading & { readonly isShared: boolean },
): Meant {
  const wanted = dataset ?? (isShared ? meaning?.get(name) : undefined)
  const ofDatasets = values.filter((value) => value.dataset !== undefined)
  if (wanted !== undefined && ofDatasets.length > 0) {
    const [first, second] = ofDatasets.filter((value) => value.dataset === wanted)
    if (first === undefined) return dataset === undefined ? 'several' : 'none'
    return second === undefined ? first : 'several'
  }
  return isShared ? 'several' : 'own'
}

/** Slices where there is something to tell apart or a gate asks; undefined under a name that two of them would have. */
function slicesOf(
  name: string,
  values: readonly LoggedMetric[],
  {
    shared,
    reading,
    meant,
  }: {
    readonly shared: ReadonlyMap<string, { readonly byModel: boolean }>
    readonly reading: DatasetReading
    readonly meant: Meant
  },
): ReadonlyMap<string, LoggedMetric | undefined> {
  const slices = new Map<string, LoggedMetric | undefined>()
  for (const value of values) {
    const slice = datasetMetricName(name, {
      ...(value.dataset === undefined ? {} : { dataset: value.dataset }),
      ...(shared.get(name)?.byModel === true ? { model: value.model } : {}),
    })
    const isShown = reading.isWanted(slice) || (shared.has(name) ? value !== meant : meant === 'none')
    if (slice !== name && isShown) slices.set(slice, slices.has(slice) ? undefined : value)
  }
  return slices
}

/**
 * MLflow keeps NaN as 0 on its logged models. A 0 is one only where the run's own value stands at the same point and says so;
 * undefined where that cannot be told.
 */
function trueValue(metric: LoggedMetric, { metrics, logged }: NameableRun): number | undefined {
  if (metric.value !== 0) return metric.value
  const latest = logged?.latest.get(metric.name)
  if (latest?.step !== metric.step || latest.timestamp !== metric.timestamp) return undefined
  const own = metrics.get(metric.name)
  return own === 0 || Number.isNaN(own) ? own : undefined
}

function setValue(
  metrics: Map<string, number>,
  name: string,
  { value, doubtful }: { readonly value: number | undefined; readonly doubtful: Set<string> },
): void {
  if (value === undefined) doubtful.add(name)
  else metrics.set(name, value)
}

function without(metrics: Metrics, ...names: readonly ReadonlySet<string>[]): Metrics {
  return new Map([...metrics].filter(([name]) => !names.some((set) => set.has(name))))
}

function meaningOf(
  logged: readonly LoggedMetric[],
  dataset: string | undefined,
  shared: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, string> {
  const meaning = new Map<string, string>()
  for (const metric of logged) {
    const meant = dataset ?? (shared.has(metric.name) ? undefined : metric.dataset)
    if (meant !== undefined) meaning.set(metric.name, meant)
  }
  return meaning
}

/** `,`, `=`, `:` and `/` part dimensions; in a value they become `_`. */
function sliceValue(text: string): string {
  return text.replaceAll(/[,=:/]/g, '_')
}
