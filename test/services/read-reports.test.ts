/** Reports of other tools as gates: what is found, what may still come, and what is missing. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Waiver } from '../../src/domain/gate.ts'
import type { TrainingState } from '../../src/domain/training.ts'
import { readReports } from '../../src/services/read-reports.ts'
import { HEAD, repository } from './comparison-world.ts'
import { churnModel, type DocumentsWorld, documentsWorld } from './documents-world.ts'

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/reports/${name}`, import.meta.url), 'utf8')
const ADDRESS = `s3://acme-metrics/${HEAD}/drift.json`
const until = new Date('2026-03-03T16:00:00Z')
const FINISHED: TrainingState = { kind: 'finished', failed: [], until, isLate: false }
const WAITING: TrainingState = { kind: 'waiting', for: ['train'], until }

const SETTINGS = `reports:
  drift: { format: evidently, s3: "s3://acme-metrics/{{ commit.sha }}/drift.json" }
  data: { format: great_expectations, file: "models/{{ model.name }}/gx.json", required: false }`

const gates = async (
  world: DocumentsWorld,
  {
    training = FINISHED,
    waivers = [],
    settings = SETTINGS,
  }: { training?: TrainingState | 'release'; waivers?: Waiver[]; settings?: string } = {},
) => {
  const model = churnModel(settings)
  const where = { repository, model, commits: [HEAD], ref: HEAD, label: '3f9c2e1', waivers }
  const question = training === 'release' ? where : { ...where, training }
  const found = await readReports(question, model.reports, world.deps)
  return found.map(({ name, verdict, required, evidence }) => `${verdict}${required ? '' : '?'} ${name}: ${evidence}`)
}

const filled = (): DocumentsWorld => {
  const world = documentsWorld({ 'models/churn/gx.json': fixture('gx-0.18-validation.json') })
  world.objects.set(ADDRESS, fixture('evidently-preset.json'))
  return world
}

describe('the tests of all reports', () => {
  it('are gates, required or not', async () => {
    expect(await gates(filled())).toMatchInlineSnapshot(`
      [
        "fail drift/Share of Drifted Columns: Less 0.500: Actual value 0.667 >= 0.500",
        "fail drift/Value Drift for column tenure: Drift score is 0.00. The drift detection method is K-S p_value. The drift threshold is 0.05.",
        "fail drift/Value Drift for column charges: Drift score is 0.00. The drift detection method is K-S p_value. The drift threshold is 0.05.",
        "pass drift/Value Drift for column contract: Drift score is 0.92. The drift detection method is Z-test p_value. The drift threshold is 0.05.",
        "pass? data/expect_column_values_to_not_be_null(tenure): 0 of 200 unexpected",
        "fail? data/expect_column_mean_to_be_between(tenure): observed 37.9444, min_value 25, max_value 35",
        "fail? data/expect_column_values_to_be_in_set(contract): 4 of 200 unexpected",
        "pass? data/expect_table_row_count_to_be_between: observed 200, min_value 100",
      ]
    `)
  })

  it('are waived one by one', async () => {
    const waivers = [{ gate: 'drift/value drift for column tenure', by: 'alice', reason: 'campaign' }]
    expect((await gates(filled(), { waivers })).slice(0, 3).map((each) => each.split(' ')[0])).toEqual([
      'fail',
      'waived',
      'fail',
    ])
  })
})

describe('a report that is not there', () => {
  const absent = documentsWorld()
  const [drift, data] = [`There is no ${ADDRESS}`, 'There is no models/churn/gx.json at 3f9c2e1']

  it('is missing once training has finished', async () => {
    expect(await gates(absent)).toEqual([`missing drift: ${drift}`, `missing? data: ${data}`])
  })

  it('is pending before, unless it comes with its commit', async () => {
    expect(await gates(absent, { training: WAITING })).toEqual([`pending drift: ${drift}`, `missing? data: ${data}`])
    expect(await gates(absent, { training: 'release' })).toEqual([`pending drift: ${drift}`, `missing? data: ${data}`])
  })
})

describe('a report that cannot be had', () => {
  const settings = SETTINGS.split('\n').slice(0, 2).join('\n')
  it.each([
    ['{"metrics": []}', `missing drift: ${ADDRESS} cannot be read: it holds no tests`],
    ['{"tests": ', `missing drift: ${ADDRESS} cannot be read: it is neither JSON nor YAML (line 1`],
    [
      { kind: 'refused', reason: 'there is no bucket acme-metrics' } as const,
      `missing drift: ${ADDRESS} cannot be read: there is no bucket`,
    ],
    ['down' as const, 'pending drift: S3: it does not answer in time'],
  ])('%j', async (object, gate) => {
    const world = documentsWorld()
    world.objects.set(ADDRESS, object)
    const [only, ...more] = await gates(world, { settings })
    expect(only).toContain(gate)
    expect(more).toEqual([])
  })

  it('because the policy of the operator has no line for it', async () => {
    const world = filled()
    world.denied = ({ kind }) => kind === 'bucket'
    expect(await gates(world, { settings })).toEqual(['missing drift: may not use bucket'])
  })
})
