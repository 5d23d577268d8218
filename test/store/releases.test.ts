/** Releases in the ledger: a complete one is never written over, whoever tries. */
import { beforeEach, describe, expect, it } from 'vitest'
import { type ModelName, parseCommitSha, type RepoName } from '../../src/domain/ids.ts'
import { type Release, type ReleaseContent, releaseId } from '../../src/domain/release.ts'
import type { ReleaseRecord } from '../../src/services/ledger.ts'
import { ledgerBench } from '../support/ledger.ts'

const bench = ledgerBench()

const shaOf = (letter: string) => {
  const sha = parseCommitSha(letter.repeat(40))
  if (sha === undefined) throw new Error('no sha')
  return sha
}
const [COMMIT, HEAD] = [shaOf('c'), shaOf('d')]
const repository = 'acme/models' as RepoName
const model = 'churn' as ModelName

const begun: Omit<ReleaseRecord, 'sequence' | 'state'> = {
  repository,
  model,
  commit: COMMIT,
  pullRequest: { number: 7, id: 'PR', headSha: HEAD, testMergeCommit: undefined, headRef: 'topic', author: 'dave' },
  begunAt: '2026-11-24T09:00:00Z',
}

const release = (change: Partial<Release> = {}): Release => {
  const content: ReleaseContent = {
    repository,
    model,
    commit: COMMIT,
    pullRequest: { number: 7, headSha: HEAD },
    modelVersion: '12',
    registeredModel: 'churn',
    modelUri: 's3://acme-models/churn/12',
    image: undefined,
    runs: ['r1'],
    metrics: { auc: 0.9 },
    dataDigests: [],
    ...change,
  }
  return {
    ...content,
    completedAt: '2026-11-24T09:05:00Z',
    gates: { verdict: 'pass', failing: [] },
    ...change,
    id: releaseId(content),
  }
}

const stored = async (): Promise<ReleaseRecord> => {
  const record = await bench.ledger.release(repository, model, COMMIT)
  if (record === undefined) throw new Error('no release')
  return record
}

describe('a complete release', () => {
  beforeEach(async () => {
    await bench.ledger.beginRelease(begun)
    await bench.ledger.saveRelease({ ...(await stored()), state: { kind: 'complete', release: release() } })
  })

  it('stays as it was first, evidence and all, when another run completes the same', async () => {
    const before = await stored()
    const late = release({ completedAt: '2026-11-24T09:09:00Z', metrics: { auc: 0.1 } })
    await bench.ledger.saveRelease({ ...before, state: { kind: 'complete', release: late } })
    expect(await stored()).toEqual(before)
  })

  it.each<[string, ReleaseRecord['state']]>([
    ['another content', { kind: 'complete', release: release({ modelUri: 's3://acme-models/churn/13' }) }],
    ['a wait', { kind: 'pending', missing: ['the image'] }],
    ['an end', { kind: 'given-up', missing: ['the image'], at: '2026-11-24T11:00:00Z' }],
  ])('is not written over by %s', async (_, state) => {
    const before = await stored()
    await expect(bench.ledger.saveRelease({ ...before, state })).rejects.toThrow('it is not written again')
    expect(await stored()).toEqual(before)
  })

  it('is begun only once', async () => {
    const before = await stored()
    expect(await bench.ledger.beginRelease(begun)).toBe('known')
    expect(await stored()).toEqual(before)
  })
})

describe('the line in the audit log', () => {
  const at = new Date('2026-11-24T09:05:00Z')
  const entry = { at, actor: 'lockkeeper', action: 'release', subject: 'churn', detail: {} }
  const told = async () => (await bench.database.db.selectFrom('audit').select('subject').execute()).length

  it('comes with the release, once', async () => {
    await bench.ledger.beginRelease(begun)
    const before = await stored()
    const done: ReleaseRecord = { ...before, state: { kind: 'complete', release: release() } }
    await bench.ledger.saveRelease(done, entry)
    await bench.ledger.saveRelease(done, entry)
    expect(await told()).toBe(1)
    const other = { ...before, state: { kind: 'pending', missing: [] } } as const
    await expect(bench.ledger.saveRelease(other, entry)).rejects.toThrow('it is not written again')
    expect(await told()).toBe(1)
  })

  it('is there with what it tells of, or neither is', async () => {
    await bench.ledger.beginRelease(begun)
    const before = await stored()
    const unwritable = { ...entry, at: new Date(Number.NaN) }
    const done: ReleaseRecord = { ...before, state: { kind: 'complete', release: release() } }
    await expect(bench.ledger.saveRelease(done, unwritable)).rejects.toThrow()
    expect(await stored()).toEqual(before)
    const publication = { key: 'k', nodeId: '1', hash: undefined, intendedAt: undefined }
    await expect(bench.ledger.savePublication(publication, unwritable)).rejects.toThrow()
    expect(await bench.ledger.publication('k')).toBeUndefined()
  })
})

it('a release that was never begun is not saved', async () => {
  const record: ReleaseRecord = { ...begun, sequence: 1, state: { kind: 'pending', missing: [] } }
  await expect(bench.ledger.saveRelease(record)).rejects.toThrow('never begun')
})

it('releases that wait are found by their commit and by the head they came from', async () => {
  await bench.ledger.beginRelease(begun)
  const at = async (commit: string) =>
    (await bench.ledger.pendingReleases({ repository, commit })).map((each) => each.commit)
  expect(await at(COMMIT)).toEqual([COMMIT])
  expect(await at(HEAD)).toEqual([COMMIT])
  expect(await at('e'.repeat(40))).toEqual([])
  expect(await bench.ledger.pendingReleases({ repository: 'acme/other' as RepoName, commit: COMMIT })).toEqual([])
  await bench.ledger.saveRelease({ ...(await stored()), state: { kind: 'complete', release: release() } })
  expect(await at(COMMIT)).toEqual([])
})

it('one commit is released as the head of each pull request and as what landed, each by itself', async () => {
  const heads = [7, 8].map((number) => ({
    ...begun,
    origin: 'pull_request' as const,
    pullRequest: begun.pullRequest && { ...begun.pullRequest, number },
  }))
  expect(await Promise.all([begun, ...heads].map((each) => bench.ledger.beginRelease(each)))).toEqual(
    Array.from({ length: 3 }, () => 'begun'),
  )
  const seventh = await bench.ledger.release(repository, model, COMMIT, 7)
  if (seventh === undefined) throw new Error('no release of the head')
  await bench.ledger.saveRelease({ ...seventh, state: { kind: 'pending', missing: ['the image'] } })
  const missing = async (unmerged?: number) => {
    const record = await bench.ledger.release(repository, model, COMMIT, unmerged)
    return record?.state.kind === 'pending' ? record.state.missing : undefined
  }
  expect([await missing(), await missing(7), await missing(8), await missing(9)]).toEqual([
    [],
    ['the image'],
    [],
    undefined,
  ])
})
