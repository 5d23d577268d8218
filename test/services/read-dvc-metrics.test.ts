/** Metrics of DVC pipelines that the real DVC ran (test/fixtures/dvc/), and what is said when they are not to be had. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDvc } from '../../src/domain/dvc.ts'
import { type MetricsReading, readMetrics } from '../../src/services/read-metrics.ts'
import { HEAD, repository } from './comparison-world.ts'
import { churnModel, type DocumentsWorld, documentsWorld } from './documents-world.ts'

function project(name: string, folder: string): Record<string, string> {
  const root = join(import.meta.dirname, '../fixtures/dvc', name)
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [join(folder, relative(root, path)), readFileSync(path, 'utf8')]
    }),
  )
}

function read(world: DocumentsWorld, path = 'models/{{ model.name }}/dvc.yaml'): Promise<MetricsReading> {
  const model = churnModel(`candidate: { dvc: "${path}" }`)
  if (model.candidate?.kind !== 'dvc') throw new Error('not DVC')
  const question = { repository, model, commits: [HEAD], ref: HEAD, label: '3f9c2e1', final: true }
  return readMetrics(question, model.candidate, world.deps)
}

const found = async (reading: Promise<MetricsReading>) => {
  const result = await reading
  if (result.kind !== 'found') throw new Error(JSON.stringify(result))
  return result
}

const CACHED = { 'models/churn/reports/cached.json': '{"seconds": 12.5}' }

describe('a pipeline', () => {
  it('gives the metrics of its files, its parameters and the digests of its data, in two calls', async () => {
    const world = documentsWorld({ ...project('pipeline', 'models/churn'), ...CACHED })
    const { seeds, params, dataDigests, ids, notes, reference } = await found(read(world))
    expect(Object.fromEntries(seeds[0] ?? [])).toEqual({
      'train.auc': 0.8405,
      'by_segment.eu.auc': 0.79,
      'test.auc': 0.8123,
      log_loss: 0.41,
      seconds: 12.5,
    })
    expect(Object.fromEntries(params)).toEqual({
      'prepare.split': '0.25',
      'train.C': '1.5',
      'train.features': '["tenure"]',
      'train.model': 'logistic',
    })
    expect(dataDigests).toEqual(['data/raw.csv:5a3d02b4a2c1283cbcdb1f3d981994aa'])
    expect(ids).toEqual(
      ['train.json', 'test.yaml', 'cached.json'].map((file) => `models/churn/reports/${file}@${HEAD}`),
    )
    expect(notes).toEqual([
      'Several metrics files have the same names, so these metrics carry their file: train.auc and 1 more.',
    ])
    expect(reference).toBe('models/churn/dvc.yaml')
    expect(world.asked).toHaveLength(2)
  })

  it('whose metrics are in the cache of DVC says that Git has no such file', async () => {
    expect(await read(documentsWorld(project('pipeline', 'models/churn')))).toMatchObject({
      kind: 'refused',
      problem: {
        message: 'models/churn/reports/cached.json is not in Git at 3f9c2e1: DVC keeps it in its cache',
        hint: expect.stringContaining('`cache: false`'),
      },
    })
  })

  it('may have a stage for each item, and stages that run in another folder', async () => {
    const { seeds } = await found(read(documentsWorld(project('items', '')), 'dvc.yaml'))
    expect(Object.fromEntries(seeds[0] ?? [])).toEqual({
      'm.x': 1,
      'each-eu.x': 2,
      'each-us.x': 2,
      'grid-1-rbf.x': 2,
      'grid-2-rbf.x': 2,
    })
  })

  it('may have metrics and parameters but no stages, as DVCLive leaves it', async () => {
    const { seeds, params } = await found(
      read(
        documentsWorld({
          'models/churn/dvc.yaml': 'params:\n- dvclive/params.yaml\nmetrics:\n- dvclive/metrics.json\nplots: []\n',
          'models/churn/dvclive/params.yaml': 'lr: 0.01\n',
          'models/churn/dvclive/metrics.json': '{"auc": 0.9, "step": 3}',
        }),
      ),
    )
    expect(seeds).toEqual([
      new Map([
        ['auc', 0.9],
        ['step', 3],
      ]),
    ])
    expect(params).toEqual(new Map([['lr', '0.01']]))
  })

  it('with one file missing shows the others and says so', async () => {
    const { seeds, notes } = await found(
      read(documentsWorld({ 'models/churn/dvc.yaml': 'metrics: [a.json, ../b.json]', 'models/b.json': '{"auc": 1}' })),
    )
    expect(seeds).toEqual([new Map([['auc', 1]])])
    expect(notes).toEqual(['There is no models/churn/a.json at 3f9c2e1.'])
  })
})

describe('nothing is there yet', () => {
  it.each([
    ['no dvc.yaml', {}, 'There is no models/churn/dvc.yaml at 3f9c2e1'],
    ['no metrics file', { 'models/churn/dvc.yaml': 'metrics: [a.json]' }, 'There is no models/churn/a.json at 3f9c2e1'],
  ])('%s', async (_, files, message) => {
    expect(await read(documentsWorld(files))).toMatchObject({ kind: 'none', problem: { message } })
  })
})

describe('a pipeline is refused', () => {
  const stage = (metrics: string): string => `stages:\n  train:\n    cmd: python train.py\n    metrics: [${metrics}]\n`
  const TEMPLATE = `\${name}.json`
  const lock = (...outs: readonly string[]): string =>
    `schema: '2.0'\nstages:\n  train:\n    cmd: x\n    outs:\n${outs.map((path) => `    - {path: ${path}, md5: abc}\n`).join('')}`
  it.each([
    ['a: [', undefined, 'it is not YAML (line 1'],
    ['stages: {}', undefined, 'names no metrics'],
    [stage('a.json'), '<<<<<<< ours\n', 'its dvc.lock is not a mapping'],
    [stage(`"${TEMPLATE}"`), undefined, 'fits no output in dvc.lock'],
    [stage(`"${TEMPLATE}"`), lock('a.csv'), 'fits no output in dvc.lock'],
    [stage(`"${TEMPLATE}"`), lock('a.json', 'b.json'), 'fits several outputs in dvc.lock'],
    [`metrics: ["${TEMPLATE}"]`, undefined, 'is a template; write the path out'],
    [stage('../../../a.json'), undefined, 'lies outside of the repository'],
    [stage('../..'), undefined, 'lies outside of the repository'],
    [stage('s3://bucket/a.json'), undefined, 'lies outside of the repository'],
    [stage('/etc/passwd'), undefined, 'lies outside of the repository'],
  ])('%j with the lock %j', async (text, locked, reason) => {
    const world = documentsWorld({ 'models/churn/dvc.yaml': text, 'models/churn/dvc.lock': locked })
    expect(await read(world)).toMatchObject({ kind: 'refused', problem: { message: expect.stringContaining(reason) } })
  })

  it('when a file of metrics is broken, with its line', async () => {
    const world = documentsWorld({
      'models/churn/dvc.yaml': 'metrics: [a.json]',
      'models/churn/a.json': '{\n"a": 1,,\n}',
    })
    expect(await read(world)).toMatchObject({
      kind: 'refused',
      problem: {
        message: expect.stringContaining(
          'models/churn/a.json at 3f9c2e1 cannot be read: it is neither JSON nor YAML (line 2',
        ),
      },
    })
  })
})

it('nothing that somebody writes into a pipeline breaks the reader', () => {
  const part = fc.oneof(
    fc.jsonValue(),
    fc.array(fc.constantFrom('a.json', '../..', '/x', `\${a}`, `\${a}b\${c}`, '', '~')),
  )
  const stages = fc.dictionary(
    fc.constantFrom('train', 'train@eu', '__proto__'),
    fc.record({ metrics: part, outs: part, deps: part, params: part, do: part, wdir: part }, { requiredKeys: [] }),
  )
  const document = fc.record({ stages: fc.oneof(stages, fc.jsonValue()), metrics: part, params: part })
  fc.assert(
    fc.property(document, document, (pipeline, lock) => {
      const parsed = parseDvc('models/churn/dvc.yaml', JSON.stringify(pipeline), JSON.stringify(lock))
      for (const { path } of parsed.ok ? parsed.pipeline.metrics : [])
        expect(path).not.toMatch(/^$|(?:^|\/)\.\.?(?:\/|$)|^\//)
    }),
  )
})
