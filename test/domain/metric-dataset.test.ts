/** MLflow 3 measures one name for several datasets and logged models: what the plain name then means, and what the others are called. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DatasetReading,
  datasetMetricName,
  type LoggedMetric,
  type NameableRun,
  tellDatasetsApart,
} from '../../src/domain/metric-dataset.ts'

type Point = Partial<LoggedMetric> & Pick<LoggedMetric, 'value'>

const point = (metric: Point): LoggedMetric => ({
  runId: 'a',
  name: 'auc',
  step: 0,
  timestamp: 1,
  dataset: undefined,
  model: 'model',
  modelId: `m-${metric.model ?? 'model'}`,
  ...metric,
})
const HOLDOUT = { value: 0.8, dataset: 'holdout', timestamp: 2 }
const TRAIN = { value: 0.9, dataset: 'train', timestamp: 1 }

/** What a run's own value says: the last one written. */
const run = (metrics: Record<string, number>, latest: LoggedMetric[] = [], runId = 'a'): NameableRun => ({
  runId,
  metrics: new Map(Object.entries(metrics)),
  logged: { latest: new Map(latest.map((each) => [each.name, each])) },
})
const name = (runs: readonly NameableRun[], logged: readonly Point[], reading: Partial<DatasetReading> = {}) => {
  const points = logged.map(point)
  const named = tellDatasetsApart(runs, points, { dataset: undefined, isWanted: () => false, ...reading })
  return { ...named, runs: named.runs.map(({ metrics }) => Object.fromEntries(metrics)) }
}

describe('a name of MLflow 3', () => {
  it('stays plain, without further rows, where it has one dataset', () => {
    expect(name([run({ auc: 0.8, f1: 0.5 })], [HOLDOUT])).toEqual({
      runs: [{ auc: 0.8, f1: 0.5 }],
      ambiguous: [],
      doubtful: [],
      meaning: new Map([['auc', 'holdout']]),
    })
  })

  it('is a slice per dataset and no plain name where there are several, in all seeds alike', () => {
    const runs = [run({ auc: 0.8 }), run({ auc: 0.7 }, [], 'b')]
    expect(name(runs, [TRAIN, HOLDOUT, { ...HOLDOUT, runId: 'b', value: 0.7 }])).toMatchObject({
      runs: [{ 'auc/dataset=train': 0.9, 'auc/dataset=holdout': 0.8 }, { 'auc/dataset=holdout': 0.7 }],
      ambiguous: ['auc'],
    })
  })

  it('means the dataset that is configured, and the others stay slices', () => {
    const runs = [run({ auc: 0.9 })]
    expect(name(runs, [HOLDOUT, TRAIN], { dataset: 'holdout' })).toMatchObject({
      runs: [{ auc: 0.8, 'auc/dataset=train': 0.9 }],
      ambiguous: [],
      meaning: new Map([['auc', 'holdout']]),
    })
  })

  it('is missing, not another one, where the dataset that is configured has no such metric', () => {
    expect(name([run({ auc: 0.9, f1: 0.5 })], [TRAIN], { dataset: 'holdout' }).runs).toEqual([
      { f1: 0.5, 'auc/dataset=train': 0.9 },
    ])
  })

  it('means on the baseline what it means on the candidate', () => {
    const meaning = new Map([['auc', 'holdout']])
    expect(name([run({ auc: 0.9 })], [HOLDOUT, TRAIN], { meaning })).toMatchObject({
      runs: [{ auc: 0.8, 'auc/dataset=train': 0.9 }],
      ambiguous: [],
    })
    expect(name([run({ auc: 0.9 })], [TRAIN], { meaning }).runs).toEqual([{ auc: 0.9 }])
    const neither = [TRAIN, { ...TRAIN, dataset: 'test', value: 0.5 }]
    expect(name([run({ auc: 0.9 })], neither, { meaning }).ambiguous).toEqual(['auc'])
  })

  it('is a slice as well where a gate asks for it', () => {
    expect(name([run({ auc: 0.8 })], [HOLDOUT], { isWanted: (slice) => slice === 'auc/dataset=holdout' }).runs).toEqual(
      [{ auc: 0.8, 'auc/dataset=holdout': 0.8 }],
    )
  })

  it('names the model only where several models have it', () => {
    const models = [
      { value: 0.8, model: 'small', timestamp: 1 },
      { value: 0.9, model: 'large', timestamp: 2 },
    ]
    expect(name([run({ auc: 0.9 })], models)).toMatchObject({
      runs: [{ 'auc/model=small': 0.8, 'auc/model=large': 0.9 }],
      ambiguous: ['auc'],
    })
    const both = models.flatMap((model) => [
      { ...model, dataset: 'train' },
      { ...model, dataset: 'holdout', value: model.value / 2 },
    ])
    expect(Object.keys(name([run({ auc: 0.9 })], both).runs[0] ?? {})).toEqual([
      'auc/model=small,dataset=train',
      'auc/model=small,dataset=holdout',
      'auc/model=large,dataset=train',
      'auc/model=large,dataset=holdout',
    ])
    expect(name([run({ auc: 0.9 })], both, { dataset: 'train' }).ambiguous).toEqual(['auc'])
  })

  it('is left out under a name that two models of the run share', () => {
    const twins = [
      { value: 0.8, modelId: 'm-1' },
      { value: 0.9, modelId: 'm-2' },
    ]
    expect(name([run({ auc: 0.9 })], twins).runs).toEqual([{}])
  })

  it('stays plain where MLflow wrote one measurement to all models of the run', () => {
    const both = [
      { value: 0.8, model: 'model' },
      { value: 0.8, model: 'best_estimator' },
    ]
    expect(name([run({ auc: 0.8 })], both)).toMatchObject({ runs: [{ auc: 0.8 }], ambiguous: [] })
  })

  it('is that of the last checkpoint: those before are history', () => {
    const checkpoints = [1, 2, 3].map((step) => ({
      value: step / 10,
      step,
      timestamp: step,
      model: `checkpoint-${step}`,
    }))
    expect(name([run({ auc: 0.3 })], checkpoints)).toMatchObject({ runs: [{ auc: 0.3 }], ambiguous: [] })
    // All points of one model come, not only the last.
    const history = [3, 1, 2].map((step) => ({ ...HOLDOUT, step, timestamp: 9 - step, value: step / 10 }))
    expect(name([run({ auc: 0.3 })], history, { dataset: 'holdout' }).runs).toEqual([{ auc: 0.3 }])
  })

  it('of a slice keeps the slice', () => {
    const slices = [TRAIN, HOLDOUT].map((metric) => ({ ...metric, name: 'auc/segment:eu' }))
    expect(Object.keys(name([run({ 'auc/segment:eu': 0.8 })], slices).runs[0] ?? {})).toEqual([
      'auc/segment=eu,dataset=train',
      'auc/segment=eu,dataset=holdout',
    ])
  })
})

describe('a 0 that MLflow keeps for NaN', () => {
  const last = { ...HOLDOUT, value: 0 }

  it('is what the run says where that stands at the same point', () => {
    for (const own of [0, Number.NaN]) {
      const named = name([run({ auc: own }, [point(last)])], [TRAIN, last])
      expect(named).toMatchObject({ runs: [{ 'auc/dataset=train': 0.9, 'auc/dataset=holdout': own }], doubtful: [] })
    }
    const only = name([run({ auc: Number.NaN }, [point(last)])], [last], { dataset: 'holdout' })
    expect(only.runs).toEqual([{ auc: Number.NaN }])
  })

  it('is left out where nobody can tell, so that its gate fails', () => {
    const first = { ...TRAIN, value: 0 }
    expect(name([run({ auc: 0.8 }, [point(HOLDOUT)])], [first, HOLDOUT])).toMatchObject({
      runs: [{ 'auc/dataset=holdout': 0.8 }],
      doubtful: ['auc/dataset=train'],
    })
    const zeros = name([run({ auc: 0 }, [point(last)])], [first, last])
    expect(zeros).toMatchObject({ runs: [{ 'auc/dataset=holdout': 0 }], doubtful: ['auc/dataset=train'] })
    const meant = name([run({ auc: 0.8 }, [point(HOLDOUT)])], [first, HOLDOUT], { dataset: 'train' })
    expect(meant).toMatchObject({ runs: [{ 'auc/dataset=holdout': 0.8 }], doubtful: ['auc'] })
  })
})

describe('the name of a metric of a dataset', () => {
  it.each([
    ['auc', { dataset: 'holdout' }, 'auc/dataset=holdout'],
    ['auc', { dataset: 'a/b=c,d:e' }, 'auc/dataset=a_b_c_d_e'],
    ['auc', { dataset: 'd', model: 'm' }, 'auc/model=m,dataset=d'],
    ['auc/segment:eu', { dataset: 'd' }, 'auc/segment=eu,dataset=d'],
    ['auc', {}, 'auc'],
  ])('of %s and %j is %s', (key, of, expected) => {
    expect(datasetMetricName(key, of)).toBe(expected)
  })
})

describe('whatever was logged', () => {
  const points = fc.array(
    fc.record({
      runId: fc.constantFrom('a', 'b'),
      name: fc.constantFrom('auc', 'loss'),
      value: fc.double({ min: 0.1, max: 1, noNaN: true }),
      step: fc.integer({ min: 0, max: 2 }),
      timestamp: fc.integer({ min: 0, max: 3 }),
      dataset: fc.constantFrom(undefined, 'train', 'holdout'),
      model: fc.constantFrom('x', 'y'),
    }),
    { maxLength: 12 },
  )

  it('does not depend on the order in which it is listed, and never leaves a name that is ambiguous', () => {
    fc.assert(
      fc.property(points, fc.constantFrom(undefined, 'holdout'), (logged, dataset) => {
        const runs = [run({ auc: 0.5, loss: 0.5 }), run({ auc: 0.5 }, [], 'b')]
        // The same point twice in one model is refused by MLflow's database.
        const distinct = [
          ...new Map(
            logged.map((each) => [
              JSON.stringify([each.runId, each.name, each.step, each.timestamp, each.model]),
              each,
            ]),
          ).values(),
        ]
        const named = name(runs, distinct, { dataset })
        const sorted = ({ runs: all, ...rest }: typeof named) => ({
          ...rest,
          runs: all.map((metrics) => new Map(Object.entries(metrics).toSorted())),
        })
        expect(sorted(name(runs, distinct.toReversed(), { dataset })).runs).toEqual(sorted(named).runs)
        for (const metrics of named.runs)
          for (const plain of named.ambiguous) expect(metrics).not.toHaveProperty([plain])
      }),
    )
  })
})
