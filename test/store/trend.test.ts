/** The releases that were live in an environment, as the trend of a comparison asks for them. */
import { expect, it } from 'vitest'
import type { CommitSha, EnvironmentName, ModelName, ReleaseId, RepoName } from '../../src/domain/ids.ts'
import type { EnvironmentKey, Promotion } from '../../src/domain/promotion.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { ledgerBench } from '../support/ledger.ts'

const bench = ledgerBench()

const PROD: EnvironmentKey = {
  repository: 'acme/models' as RepoName,
  model: 'churn' as ModelName,
  environment: 'prod' as EnvironmentName,
}
const STAGING = { ...PROD, environment: 'staging' as EnvironmentName }
const FRAUD = { ...PROD, model: 'fraud' as ModelName }

const idOf = (version: number, { model }: EnvironmentKey): ReleaseId => `rel-${model}-${version}` as ReleaseId

async function releases(version: number, key: EnvironmentKey = PROD): Promise<void> {
  const { repository, model } = key
  const commit: CommitSha = sha(`${version}${model === 'churn' ? 'c' : 'f'}`)
  const begunAt = '2026-11-24T09:00:00Z'
  await bench.ledger.beginRelease({ repository, model, commit, pullRequest: undefined, begunAt })
  const content = {
    ...{ repository, model, commit, pullRequest: undefined, modelVersion: `${version}`, registeredModel: model },
    ...{ modelUri: undefined, image: undefined, runs: [], metrics: { auc: version / 100 }, dataDigests: [] },
  }
  const release = {
    ...content,
    id: idOf(version, key),
    completedAt: begunAt,
    gates: { verdict: 'pass', failing: [] },
  } as const
  await bench.ledger.saveRelease({ ...content, begunAt, sequence: version, state: { kind: 'complete', release } })
}

let count = 0
async function ends(version: number, stage: Promotion['stage'], key: EnvironmentKey = PROD): Promise<void> {
  count += 1
  await bench.ledger.propose(
    {
      ...key,
      ...{ id: `p${count}`, kind: 'promotion', release: idOf(version, key), label: `v${version}` },
      ...{ via: { kind: 'automation' }, leaves: undefined, restore: [], thread: 1, asked: undefined },
      ...{ createdAt: '2026-11-24T09:00:00Z', changes: [], pullRequest: undefined, stage },
    },
    undefined,
  )
}

const verified = (minute: number): Promotion['stage'] => ({
  at: 'verified',
  revision: sha('ab'),
  mergedAt: '2026-11-24T09:00:00.000Z',
  verifiedAt: new Date(Date.UTC(2026, 10, 24, 9, minute)).toISOString(),
  evidence: [],
  alias: undefined,
})
const trend = async (limit = 20) =>
  (await bench.ledger.verifiedReleases(PROD, limit)).map(({ at, release }) => [
    at.slice(14, 16),
    release.metrics['auc'],
  ])

it('oldest first, at most as many as asked for, and the newest of them', async () => {
  for (const version of [11, 12, 13]) {
    await releases(version)
    await ends(version, verified(version))
  }
  expect(await trend()).toEqual([
    ['11', 0.11],
    ['12', 0.12],
    ['13', 0.13],
  ])
  expect(await trend(2)).toEqual([
    ['12', 0.12],
    ['13', 0.13],
  ])
})

it('each once: what came back by a rollback stands where it was verified last', async () => {
  for (const version of [11, 12]) await releases(version)
  await ends(11, verified(11))
  await ends(12, verified(12))
  await ends(11, verified(20))
  expect(await trend()).toEqual([
    ['12', 0.12],
    ['20', 0.11],
  ])
})

it('no other environment, no other model, and nothing that was not verified', async () => {
  for (const version of [11, 12]) await releases(version)
  await releases(11, FRAUD)
  await ends(11, verified(11), STAGING)
  await ends(11, verified(11), FRAUD)
  await ends(12, { at: 'cancelled', endedAt: '2026-11-24T09:00:00Z', reason: 'closed' })
  expect(await trend()).toEqual([])
})
