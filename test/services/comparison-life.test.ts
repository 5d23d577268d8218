/** What time does to a pull request's comparison: outages, re-runs, crashes and upgrades leave no conclusion that nobody reached. */
import { describe, expect, it } from 'vitest'
import { SystemUnavailable } from '../../src/domain/failure.ts'
import { createCompareModel } from '../../src/services/compare-model.ts'
import { rememberHead } from '../../src/services/heard-head.ts'
import type { Buckets } from '../../src/services/ports.ts'
import { comparisonCheckKey, promotionCheckKey } from '../../src/services/publish-check.ts'
import { refreshComparison } from '../../src/services/refresh-comparison.ts'
import { readConfiguration } from '../../src/services/refresh-comparison-settings.ts'
import { excuseFromPromotion } from '../../src/services/required-checks.ts'
import { sha } from '../comments/comparison-fixture.ts'
import {
  CONFIG,
  check,
  createWorld,
  fileOf,
  HEAD,
  pullRequest,
  repository,
  run,
  type World,
} from './comparison-world.ts'

const HOUR = 3_600_000
const GATED = CONFIG.replace('    gates:\n      auc', '    checks: [coverage]\n    gates:\n      auc')
const statuses = (world: World) => [...world.checks.values()].map(({ output }) => output.conclusion ?? output.status)

const withCoverage = (state: 'success' | 'failure') =>
  pullRequest({
    ...{ configFile: fileOf(GATED), headConfigFile: undefined },
    checks: [check('train', 'success'), check('coverage', state)],
  })

describe('during an outage of MLflow', () => {
  it('a check that fails since takes the verdict back', async () => {
    const world = createWorld()
    world.view = withCoverage('success')
    await world.refresh()
    expect(statuses(world)).toEqual(['success'])
    world.mlflowDown = true
    world.view = withCoverage('failure')
    await world.refresh()
    expect(statuses(world)).toEqual(['failure'])
    world.mlflowDown = false
    world.view = withCoverage('success')
    await world.refresh()
    expect(statuses(world)).toEqual(['success'])
  })

  it('another model that fails takes the verdict back', async () => {
    const world = createWorld()
    world.view = pullRequest({ changedPaths: ['models/churn/a.py', 'models/fraud/metrics.json'] })
    world.files.set(`${HEAD}:models/fraud/metrics.json`, '{"f1": 0.9}')
    await world.refresh()
    expect(statuses(world)).toEqual(['success'])
    world.mlflowDown = true
    world.files.set(`${HEAD}:models/fraud/metrics.json`, '{"f1": 0.1}')
    await world.refresh()
    expect(statuses(world)).toEqual(['failure'])
  })

  it('what was never judged is not left neutral, whatever it was before', async () => {
    const world = createWorld()
    world.view = pullRequest({ configFile: fileOf('models: 7'), headConfigFile: fileOf('models: 7') })
    await world.refresh()
    expect(statuses(world)).toContain('neutral')
    world.mlflowDown = true
    world.view = pullRequest()
    await world.refresh()
    expect(statuses(world).at(-1)).toBe('in_progress')
  })
})

it('a bucket that does not answer takes back no verdict, and is asked until it does', async () => {
  const world = createWorld()
  const text = CONFIG.replace(
    '    gates:\n      auc',
    '    reports: { drift: { format: great_expectations, s3: "s3://acme/drift.json" } }\n    gates:\n      auc',
  )
  world.view = pullRequest({ configFile: fileOf(text), headConfigFile: undefined })
  let isUp = true
  const report = (success: boolean) => JSON.stringify({ success, statistics: {}, results: [{ success }] })
  let bytes = new TextEncoder().encode(report(true))
  const buckets: Partial<Buckets> = {
    read: async () => {
      if (!isUp) throw new SystemUnavailable('S3', 'connection refused')
      return { kind: 'found', bytes, lastModified: undefined } as unknown as Awaited<ReturnType<Buckets['read']>>
    },
  }
  const { github, mlflow } = world.deps
  const compareModel = createCompareModel({
    ...{ github, mlflow, buckets, mayUse: () => ({ allowed: true }) },
  } as unknown as Parameters<typeof createCompareModel>[0])
  const refresh = () =>
    refreshComparison({ kind: 'pull-request', repository, number: 1 }, { ...world.deps, compareModel })
  await refresh()
  expect(statuses(world)).toEqual(['success'])
  isUp = false
  for (const hours of [1, 7]) {
    world.now = new Date(world.now.getTime() + hours * HOUR)
    await refresh()
    expect(statuses(world)).toEqual(['success'])
    expect(world.wakes.at(-1)?.getTime()).toBeGreaterThan(world.now.getTime())
  }
  // What was seen meanwhile counts all the same.
  world.runs = [run('worse', HEAD, 0.5)]
  await refresh()
  expect(statuses(world)).toEqual(['failure'])
  isUp = true
  world.runs = [run('better', HEAD, 0.91)]
  await refresh()
  expect(statuses(world)).toEqual(['success'])
  bytes = new TextEncoder().encode(report(false))
  await refresh()
  expect(statuses(world)).toEqual(['failure'])
})

describe('a check run that opens again', () => {
  it('is a new one also after a crash before it was made', async () => {
    const world = createWorld()
    await world.refresh()
    world.runs = [run('again', HEAD, 0.92, { status: 'RUNNING' })]
    world.beforeWrite = () => {
      throw new Error('killed')
    }
    await expect(world.refresh()).rejects.toThrow('killed')
    world.beforeWrite = () => undefined
    await world.refresh()
    expect(statuses(world)).toEqual(['success', 'in_progress'])
  })

  it('is a new one also where a version before this one wrote it', async () => {
    const world = createWorld()
    await world.refresh()
    for (const [key, { said: _, ...old }] of world.publications) world.publications.set(key, old)
    world.runs = [run('again', HEAD, 0.92, { status: 'RUNNING' })]
    await world.refresh()
    expect(statuses(world)).toEqual(['success', 'in_progress'])
  })
})

it('what a version before this one said is told once more, so that merge queues can follow it', async () => {
  const world = createWorld()
  await world.refresh()
  for (const [key, { said: _, ...old }] of world.publications) world.publications.set(key, old)
  await world.refresh()
  const key = comparisonCheckKey({ repository, number: 1, headSha: HEAD })
  expect(world.publications.get(key)?.said).toMatchObject({ status: 'completed', conclusion: 'success' })
  expect(statuses(world)).toEqual(['success'])
})

it('a run that stays at work for ever is not asked about for ever', async () => {
  const world = createWorld()
  world.runs = [
    run('better', HEAD, 0.91),
    run('zombie', HEAD, 0.92, { status: 'RUNNING', startedAt: new Date('2026-03-03T09:30:00Z') }),
  ]
  await world.refresh()
  expect(world.wakes).toHaveLength(1)
  world.now = new Date(world.now.getTime() + 7 * HOUR)
  await world.refresh()
  expect(world.wakes).toHaveLength(1)
})

it("another pull request with a promotion's head says nothing in its place", async () => {
  const world = createWorld()
  const view = pullRequest({
    configFile: fileOf('version: 1\naccepts:\n  - from: acme/models\n    paths: ["prod/**"]\n'),
  })
  const configuration = readConfiguration(view, world.deps.parseConfig)
  if (configuration === undefined) throw new Error('no configuration')
  const key = promotionCheckKey(HEAD)
  world.publications.set(key, {
    ...{ key, nodeId: 'CR_0', hash: 'of the promotion', intendedAt: undefined },
    said: { status: 'completed', conclusion: 'failure', title: 'A rule is closed' },
  })
  await excuseFromPromotion(view, { repository, configuration }, world.deps)
  expect(world.calls).toEqual([])
  const own = { ...view, headSha: sha('0e') }
  await excuseFromPromotion(own, { repository, configuration }, world.deps)
  await excuseFromPromotion(own, { repository, configuration }, world.deps)
  expect(world.calls).toEqual(['write create-check-run'])
})

it.each([
  ['closed', 'open', 'closed'],
  ['closed', 'open', 'merged'],
  ['open', 'closed', 'open'],
] as const)(
  'a pull request that became %s and still shows as %s is looked at until it shows as %s',
  async (became, before, after) => {
    const world = createWorld()
    world.view = pullRequest({ headSha: HEAD, state: before })
    await rememberHead({ repository, number: 1, sha: HEAD, state: became }, world.deps)
    const heardAt = world.now.getTime()
    for (const seconds of [0, 3]) {
      world.now = new Date(heardAt + seconds * 1000)
      await world.refresh()
    }
    expect(world.wakes.map((wake) => (wake.getTime() - heardAt) / 1000)).toEqual([3, 15])
    world.view = pullRequest({ headSha: HEAD, state: after })
    await world.refresh()
    expect(world.wakes).toHaveLength(2)
  },
)

it('a head that GitHub does not show yet is looked for, although no later event may come', async () => {
  const world = createWorld()
  const head = sha('beef')
  await rememberHead({ repository, number: 1, sha: head }, world.deps)
  const heardAt = world.now.getTime()
  for (const seconds of [0, 3, 15]) {
    world.now = new Date(heardAt + seconds * 1000)
    await world.refresh()
  }
  expect(world.wakes.map((wake) => (wake.getTime() - heardAt) / 1000)).toEqual([3, 15, 60])
  world.view = pullRequest({ headSha: head, checks: [] })
  world.runs = [run('new', head, 0.92)]
  await world.refresh()
  expect([...world.checks.values()].at(-1)).toMatchObject({ headSha: head, output: { conclusion: 'success' } })
  expect(world.wakes).toHaveLength(3)
  world.view = undefined
  await rememberHead({ repository, number: 1, sha: sha('f00d') }, world.deps)
  await world.refresh()
  expect(world.wakes).toHaveLength(4)
})

it('a head that another replica heard of is looked for by one whose clock is two minutes ahead', async () => {
  const world = createWorld()
  const behind = { now: () => new Date(world.now.getTime() - 120_000) }
  await rememberHead({ repository, number: 1, sha: sha('beef') }, { ...world.deps, clock: behind })
  const start = world.now.getTime()
  for (const seconds of [0, 3, 15, 60]) {
    world.now = new Date(start + seconds * 1000)
    await world.refresh()
  }
  expect(world.wakes.map((wake) => (wake.getTime() - start) / 1000)).toEqual([3, 15, 60])
})
