/** Which artefacts exist, what small objects hold, and what is said when that cannot be told. */
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBuckets, parseS3Uri } from '../../src/clients/s3.ts'
import { interceptCalls } from './intercepted-calls.ts'

const STORE = 'http://minio.test:9000'
const URI = 's3://acme-models/churn/12'
const page = (keys: readonly string[]): string =>
  `<?xml version="1.0"?><ListBucketResult><Name>acme-models</Name><KeyCount>${keys.length}</KeyCount>${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>`
const error = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`
const head = () => nock(STORE).head('/acme-models/churn/12')
const list = () => nock(STORE).get('/acme-models/').query({ 'list-type': '2', 'max-keys': '1', prefix: 'churn/12/' })
const buckets = () => createBuckets({ pathStyle: true })

interceptCalls()
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', STORE)
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
})

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('an artefact', () => {
  it('exists as an object', async () => {
    head().reply(200)
    expect(await buckets().exists(URI)).toEqual({ kind: 'found' })
  })

  it('exists as a folder', async () => {
    head().reply(404)
    list().reply(200, page(['churn/12/model.pkl']))
    expect(await buckets().exists(URI)).toEqual({ kind: 'found' })
  })

  it('is looked for as a folder only when it ends in a slash', async () => {
    list().reply(200, page(['churn/12/model.pkl']))
    expect(await buckets().exists(`${URI}/`)).toEqual({ kind: 'found' })
  })

  it('is absent where neither is there', async () => {
    head().reply(404)
    list().reply(200, page([]))
    expect(await buckets().exists(URI)).toEqual({ kind: 'absent' })
  })

  it('is not called absent when the bucket does not exist', async () => {
    head().reply(404)
    list().reply(404, error('NoSuchBucket'))
    expect(await buckets().exists(URI)).toEqual({ kind: 'refused', reason: 'there is no bucket acme-models' })
  })

  it('is not called absent when the server may not list', async () => {
    head().reply(403)
    list().reply(403, error('AccessDenied'))
    expect(await buckets().exists(URI)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('s3:ListBucket'),
    })
  })

  it('is not called absent when the server may not read it', async () => {
    head().reply(403)
    list().reply(200, page([]))
    expect(await buckets().exists(URI)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('s3:GetObject'),
    })
  })

  it('is asked for again when the store does not answer', async () => {
    head().times(3).reply(503)
    await expect(buckets().exists(URI)).rejects.toMatchObject({ name: 'SystemUnavailable', system: 'S3' })
  })

  it.each(['https://x/y', 's3://bucket', 's3://bucket/', 's3://UPPER/x', 'churn/12'])('cannot be %s', async (uri) => {
    expect(await buckets().exists(uri)).toMatchObject({ kind: 'refused' })
  })
})

const MAX = 1024
const get = () => nock(STORE).get('/acme-models/churn/12').query({ 'x-id': 'GetObject' })
const listBeside = () =>
  nock(STORE).get('/acme-models/').query({ 'list-type': '2', 'max-keys': '1', prefix: 'churn/12' })
const read = () => buckets().read(URI, { maxBytes: MAX })

describe('a small object', () => {
  it('is read whole', async () => {
    get().reply(200, '{"auc": 0.9}')
    expect(await read()).toEqual({ kind: 'found', bytes: Buffer.from('{"auc": 0.9}') })
  })

  it('may have just the size that is allowed, and not one byte more', async () => {
    get().reply(200, 'x'.repeat(MAX))
    expect(await read()).toMatchObject({ kind: 'found' })
    get().reply(200, 'x'.repeat(MAX + 1))
    expect(await read()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('larger than') })
  })

  it('is absent', async () => {
    get().reply(404, error('NoSuchKey'))
    expect(await read()).toEqual({ kind: 'absent' })
  })

  it('is not called absent when the bucket does not exist', async () => {
    get().reply(404, error('NoSuchBucket'))
    expect(await read()).toEqual({ kind: 'refused', reason: 'there is no bucket acme-models' })
  })

  it('is not called forbidden where the store does not say', async () => {
    get().reply(403, error('AccessDenied'))
    listBeside().reply(403, error('AccessDenied'))
    expect(await read()).toMatchObject({ kind: 'hidden', reason: expect.stringContaining('s3:ListBucket') })
  })

  it('is forbidden to who may list and still is refused', async () => {
    get().reply(403, error('AccessDenied'))
    listBeside().reply(200, page(['churn/12']))
    expect(await read()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('s3:GetObject') })
  })

  it('is asked for again when the store does not answer, and not waited for without end', async () => {
    get().times(3).reply(503)
    await expect(read()).rejects.toMatchObject({ name: 'SystemUnavailable', system: 'S3' })
    const endless = Readable.from(
      (async function* () {
        yield '{'
        await sleep(60_000, undefined, { ref: false })
      })(),
    )
    get().reply(200, endless)
    const impatient = createBuckets({ pathStyle: true, timeoutMs: 100 })
    await expect(impatient.read(URI, { maxBytes: MAX })).rejects.toThrow('S3: no answer in time')
  })
})

describe('a store that cannot be asked', () => {
  it('is told by its reason', async () => {
    vi.stubEnv('AWS_REGION', '')
    await expect(read()).rejects.toThrow('S3: Region')
  })
})

it('an address is taken apart into bucket and key', () => {
  expect(parseS3Uri('s3://acme-models/fraud/0d1c')).toEqual({ bucket: 'acme-models', key: 'fraud/0d1c' })
})
