/** Documents that somebody wrote to stop the server: whatever they hold, one is read or refused while others still wait gladly. */
import { describe, expect, it } from 'vitest'
import { answerOf } from '../../src/clients/answer.ts'
import { parseWandbRun } from '../../src/clients/wandb-parse.ts'
import { flattenParams, parseDvc } from '../../src/domain/dvc.ts'
import { parseEvidently } from '../../src/domain/evidently.ts'
import { parseGreatExpectations } from '../../src/domain/great-expectations.ts'
import { canonicalMetricName } from '../../src/domain/metric.ts'
import { tellDatasetsApart } from '../../src/domain/metric-dataset.ts'
import { flattenTree, parseMetricsFile } from '../../src/domain/metrics-file.ts'
import { gatesOfTests } from '../../src/domain/tool-report.ts'
import { parseJson } from '../../src/domain/yaml-text.ts'

const LARGEST = 8 * 1024 * 1024
/** Milliseconds; before they were bounded, each of these took from five seconds to hours. */
const PATIENCE = 3000

const filled = (head: string, part: string): string => head + part.repeat((LARGEST - head.length) / part.length)
const numbered = (count: number, write: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => write(index)).join('')

function quickly<T>(read: () => T): T {
  const start = performance.now()
  const result = read()
  expect(performance.now() - start).toBeLessThan(PATIENCE)
  return result
}

describe('a metrics file', () => {
  it.each([
    ['of lines', numbered(600_000, (index) => `k${index}: 1\n`)],
    ['of documents', filled('', '---\n')],
    ['of brackets', filled('', '[')],
    ['of short lines', filled('x:\n', ' a\n')],
    ['of words that are no JSON', filled('', 'NaN ')],
  ])('of eight MiB, %s, is refused', (_, text) => {
    expect(quickly(() => parseMetricsFile(text, 'metrics.yaml'))).toMatchObject({ ok: false })
  })

  it('whose one long name is repeated by all names below it costs no memory', () => {
    const text = `{"auc": 0.9, "${'k'.repeat(4_000_000)}": {${numbered(19_000, (index) => `"${index}": 1, `)}"x": 1}}`
    expect(quickly(() => parseMetricsFile(text, 'metrics.json'))).toEqual({
      ok: true,
      metrics: new Map([['auc', 0.9]]),
    })
  })

  it('is read to a depth of 32', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) })
    expect([...flattenTree(nested(33))]).toEqual([[Array(33).fill('a').join('.'), 1]])
    expect([...flattenTree(nested(34))]).toEqual([])
  })

  it('that gives one name two values gives it none', () => {
    expect(parseMetricsFile('{"a.b": 0.1, "a": {"b": 0.9}, "c.d": 1, "c": {"d": 1}}', 'metrics.json')).toEqual({
      ok: true,
      metrics: new Map([
        ['a.b', Number.NaN],
        ['c.d', 1],
      ]),
    })
  })

  it('may have columns with names that are none', () => {
    expect(parseMetricsFile(`auc,${'x'.repeat(501)}\n0.9,1\n`, 'm.csv')).toEqual({
      ok: true,
      metrics: new Map([['auc', 0.9]]),
    })
  })

  it('may call a metric as a part of every object is called', () => {
    const read = parseMetricsFile('{"__proto__": {"auc": 1}, "constructor": 2, "toString": "NaN"}', 'metrics.json')
    expect(read).toEqual({
      ok: true,
      metrics: new Map([
        ['__proto__.auc', 1],
        ['constructor', 2],
        ['toString', Number.NaN],
      ]),
    })
    expect(Object.prototype).not.toHaveProperty('auc')
  })
})

describe('the name of a metric', () => {
  it('of a megabyte, with a line end behind many slices, is read at once', () => {
    const name = `x${'/a=b'.repeat(250_000)}\n`
    expect(quickly(() => canonicalMetricName(name))).toBe(name)
  })
})

describe("JSON with Python's words", () => {
  it.each([
    ['{"a\\"NaN": NaN, "b\\\\": -Infinity}', { 'a"NaN': 'NaN', 'b\\': '-Infinity' }],
    ['[Infinity, "NaN", "say \\"NaN\\""]', ['Infinity', 'NaN', 'say "NaN"']],
  ])('is read as they mean it: %s', (text, value) => {
    expect(parseJson(text)).toEqual({ ok: true, value })
  })

  it.each(['{"a": NaNs}', '{"a": "NaN}', 'NaN NaN', '{NaN: 1', '"\\'])('is nothing where it is none: %s', (text) => {
    expect(parseJson(text)).toBeUndefined()
  })
})

describe('a DVC pipeline', () => {
  const bomb = `stages:\n  t:\n    params:\n      params.yaml:\n        l0: &l0 1\n${numbered(10, (index) => `        l${index + 1}: &l${index + 1} {${numbered(10, (key) => `k${key}: *l${index}, `)}}\n`)}`

  it('whose lock file repeats itself ten billion times is refused', () => {
    expect(quickly(() => parseDvc('dvc.yaml', 'stages: {}\n', bomb))).toEqual({
      ok: false,
      reason: expect.stringContaining('aliases'),
    })
  })

  it('that names more files than are read is refused before GitHub is asked for them', () => {
    const listed = `metrics: [${numbered(101, (index) => `m${index}.json, `)}]\n`
    expect(parseDvc('dvc.yaml', listed, undefined)).toEqual({ ok: false, reason: 'it names more than 100 files' })
    const repeated = `x: &x [${numbered(90_000, () => 'a.json, ')}]\nstages: {${numbered(99, (index) => `s${index}: {metrics: *x}, `)}}\n`
    expect(quickly(() => parseDvc('dvc.yaml', repeated, undefined))).toMatchObject({ ok: false })
  })

  it('may have a parameter of lists in lists, a million deep', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`)
    expect([...flattenParams('params.yaml', { lr: deep, words: 'x'.repeat(1000) })]).toEqual([
      ['lr', '…'],
      ['words', `${'x'.repeat(500)}…`],
    ])
  })
})

describe('a report', () => {
  const facts = { report: { name: 'drift', required: true }, url: undefined, waivers: [] }

  it('whose tests have one name in ten thousand spellings is numbered at once', () => {
    const spelt = (index: number): string =>
      [...'abcdefghijklmnop'].map((letter, bit) => ((index >> bit) & 1 ? letter.toUpperCase() : letter)).join('')
    const tests = Array.from({ length: 10_000 }, (_, index) => ({
      name: spelt(index),
      passes: index < 9000,
      evidence: '',
    }))
    const gates = quickly(() => gatesOfTests(tests, facts))
    expect(new Set(gates.map(({ name }) => name.toLowerCase())).size).toBe(502)
    expect(gates.slice(-2)).toMatchObject([
      { name: 'drift/500 more tests', verdict: 'fail' },
      { name: 'drift/9000 more tests', verdict: 'pass' },
    ])
  })

  it.each([
    ['Evidently', parseEvidently, `{"tests": [${'{},'.repeat(10_000)}{}]}`],
    ['Great Expectations', parseGreatExpectations, `{"results": [${'{},'.repeat(10_000)}{}]}`],
  ])('of %s with more than ten thousand tests is refused', (_, parse, text) => {
    expect(parse(text)).toEqual({ ok: false, reason: 'it holds more than 10000 tests' })
  })

  it('whose tests have names without end is shown, and each test has its own', () => {
    const tests = [1, 2].map(() => ({ name: 'x'.repeat(1_000_000), passes: true, evidence: 'y'.repeat(1_000_000) }))
    const gates = gatesOfTests(tests, facts)
    expect(gates.map(({ name, evidence }) => [name.length, evidence.length])).toEqual([
      [207, 301],
      [211, 301],
    ])
  })

  it('in a report in a report, and so on, is refused', () => {
    const [open, close] = ['{"validation_results": [', ']}']
    const text = `${open.repeat(100_000)}{"results": [{"success": true}]}${close.repeat(100_000)}`
    expect(quickly(() => parseGreatExpectations(text))).toMatchObject({ ok: false })
    const nested = `${'{"a": '.repeat(100_000)}{"raised_exception": true}${'}'.repeat(100_000)}`
    expect(parseGreatExpectations(`{"results": [{"success": false, "exception_info": ${nested}}]}`)).toMatchObject({
      ok: true,
      tests: [{ passes: false }],
    })
  })

  it.each([
    ['{"success": false, "results": [{"success": true}]}'],
    ['{"success": false, "validation_results": [{"success": true, "results": [{"success": true}]}]}'],
    ['{"success": true, "validation_results": [{"success": false, "expectations": [{"success": true}]}]}'],
  ])('that is no success as a whole does not pass by what it lists: %s', (text) => {
    const report = parseGreatExpectations(text)
    expect(report.ok && report.tests.filter(({ passes }) => !passes)).toHaveLength(1)
  })
})

describe('a run of Weights & Biases', () => {
  const run = (node: Readonly<Record<string, unknown>>) =>
    parseWandbRun(
      answerOf('W&B', {
        name: 'r1',
        commit: 'a'.repeat(40),
        state: 'finished',
        createdAt: '2026-01-01T00:00:00',
        config: '{}',
        summaryMetrics: '{"auc": NaN}',
        ...node,
      }),
      'https://wandb.test/acme/churn',
    )

  it('may have a parameter of lists in lists, two hundred thousand deep', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(run({ config: `{"a": ${deep}, "lr": 0.1}` })?.params).toEqual(
      new Map([
        ['a', '…'],
        ['lr', '0.1'],
      ]),
    )
  })

  it.each(['constructor', '__proto__', 'SUCCESS'])('in the state %s has not finished', (state) => {
    expect(run({ state })?.status).toBe('FAILED')
  })

  it('may have measured NaN', () => {
    expect(run({})?.metrics).toEqual(new Map([['auc', Number.NaN]]))
  })
})

describe('a run of MLflow', () => {
  it('may have measured one metric on two hundred thousand datasets', () => {
    const logged = Array.from({ length: 200_000 }, (_, index) => ({
      ...{ runId: 'a', name: 'auc', value: index, step: 0, timestamp: 0 },
      ...{ dataset: `d${index}`, model: 'm', modelId: 'm-1' },
    }))
    const run = { runId: 'a', metrics: new Map([['auc', 1]]) }
    const named = tellDatasetsApart([run], logged, { dataset: undefined, isWanted: () => false })
    expect(named.ambiguous).toEqual(['auc'])
    expect(named.runs[0]?.metrics.has('auc')).toBe(false)
  })
})
