/** Metrics in a bucket: which object is meant, and what is said when it is not to be had. */
import { describe, expect, it } from 'vitest'
import { type MetricsQuestion, type MetricsReading, readMetrics } from '../../src/services/read-metrics.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { HEAD, repository } from './comparison-world.ts'
import { churnModel, type DocumentsWorld, documentsWorld } from './documents-world.ts'

const MERGE = sha('7e57')
const BY_COMMIT = 's3://acme-metrics/{{ model.name }}/{{ commit.sha }}/metrics.json'
const at = (commit: string, name = 'metrics.json') => `s3://acme-metrics/churn/${commit}/${name}`

function read(world: DocumentsWorld, uri = BY_COMMIT, changes: Partial<MetricsQuestion> = {}): Promise<MetricsReading> {
  const model = churnModel(`candidate: { s3: "${uri}" }`)
  if (model.candidate?.kind !== 'document') throw new Error('not a document')
  const question = { repository, model, commits: [HEAD, MERGE], ref: HEAD, label: '3f9c2e1', final: false }
  return readMetrics({ ...question, ...changes }, model.candidate, world.deps)
}

describe('the object of a commit', () => {
  it('is that of the head, and no other is asked for', async () => {
    const world = documentsWorld()
    world.objects.set(at(HEAD), '{"auc": 0.91}').set(at(MERGE), '{"auc": 0.5}')
    expect(await read(world)).toMatchObject({
      kind: 'found',
      seeds: [new Map([['auc', 0.91]])],
      commit: HEAD,
      reference: at(HEAD),
      ids: [at(HEAD)],
      notes: [],
    })
    expect(world.asked).toEqual([at(HEAD)])
  })

  it("is that of GitHub's merge commit where the head has none", async () => {
    const world = documentsWorld()
    world.objects.set(at(MERGE), '{"auc": 0.9}')
    expect(await read(world)).toMatchObject({ kind: 'found', commit: MERGE, reference: at(MERGE) })
  })

  it('may be named by the head of the pull request alone, and is then asked for once', async () => {
    const world = documentsWorld()
    expect(await read(world, 's3://acme-metrics/{{ pull_request.sha }}.json')).toMatchObject({
      kind: 'none',
      problem: { message: `There is no s3://acme-metrics/${HEAD}.json` },
    })
    expect(world.asked).toHaveLength(1)
  })

  it('may be a table', async () => {
    const world = documentsWorld()
    world.objects.set(at(HEAD, 'metrics.csv'), 'auc,f1\n0.91,0.8\n')
    const reading = await read(world, BY_COMMIT.replace('.json', '.csv'))
    expect(reading).toMatchObject({
      seeds: [
        new Map([
          ['auc', 0.91],
          ['f1', 0.8],
        ]),
      ],
    })
  })

  it('is nowhere: every address that was tried is named', async () => {
    expect(await read(documentsWorld())).toMatchObject({
      kind: 'none',
      problem: { message: `There is no ${at(HEAD)}, nor ${at(MERGE)}` },
    })
  })

  it('is refused where the side that is read has no commit', async () => {
    expect(await read(documentsWorld(), BY_COMMIT, { commits: [], ref: 'main', label: 'main' })).toMatchObject({
      kind: 'refused',
      problem: { code: 'config_invalid', message: expect.stringContaining('main is none') },
    })
  })
})

describe('an object that names no commit', () => {
  it('is read, and the reader is told that it may be of any', async () => {
    const world = documentsWorld()
    world.objects.set('s3://acme-metrics/champion.json', '{"auc": 0.9}')
    expect(await read(world, 's3://acme-metrics/champion.json')).toMatchObject({
      kind: 'found',
      notes: ['The address s3://acme-metrics/champion.json names no commit: whoever wrote it last is shown.'],
    })
  })
})

describe('what the store does not give', () => {
  const hidden = { kind: 'hidden', reason: 'this server may not list the bucket' } as const

  it('is most likely not there yet while training runs; later it is refused, never taken for absent', async () => {
    const world = documentsWorld()
    world.objects.set(at(HEAD), hidden)
    expect(await read(world)).toMatchObject({
      kind: 'none',
      problem: { message: expect.stringContaining('may not list') },
    })
    expect(await read(world, BY_COMMIT, { final: true })).toMatchObject({ kind: 'refused' })
  })

  it('at one commit may be found at the next', async () => {
    const world = documentsWorld()
    world.objects.set(at(HEAD), hidden).set(at(MERGE), '{"auc": 0.9}')
    expect(await read(world, BY_COMMIT, { final: true })).toMatchObject({ kind: 'found', commit: MERGE })
  })

  it.each([
    [{ kind: 'refused', reason: 'there is no bucket acme-metrics' } as const, 'there is no bucket acme-metrics'],
    [Uint8Array.of(0xff, 0xfe), 'it is not UTF-8 text'],
    ['[1]', 'it is not an object of names and numbers'],
  ])('is refused with its reason: %j', async (object, reason) => {
    const world = documentsWorld()
    world.objects.set(at(HEAD), object)
    expect(await read(world)).toMatchObject({
      kind: 'refused',
      problem: { message: `${at(HEAD)} cannot be read: ${reason}` },
    })
  })

  it('is asked for again after an outage', async () => {
    const world = documentsWorld()
    world.objects.set(at(HEAD), 'down')
    expect(await read(world)).toMatchObject({ kind: 'unavailable', problem: { code: 'system_unavailable' } })
  })

  it('is not even asked for without a line in the policy of the operator', async () => {
    const world = documentsWorld()
    world.denied = (need) => need.kind === 'bucket' && need.uri === at(HEAD)
    expect(await read(world)).toMatchObject({ kind: 'refused', problem: { code: 'policy_missing' } })
    expect(world.asked).toEqual([])
  })
})
