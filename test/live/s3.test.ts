/** Which artefacts exist and what documents hold, asked of a real S3-compatible server through the AWS SDK, with its signatures and rights. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createBuckets } from '../../src/clients/s3.ts'
import { type RealS3, type S3Credentials, startRealS3 } from './s3-server.ts'

const MAX_BYTES = 1024 * 1024

let server: RealS3
beforeAll(async () => {
  server = await startRealS3({
    objects: [
      'acme-models/churn/12/model.pkl',
      'acme-models/churn/12/MLmodel',
      'acme-models/fraud/0d1c.onnx',
      'acme-models/with space/ünïcode+plus/model.pkl',
    ],
    documents: {
      'acme-metrics/3f9c2e1/metrics.json': '{"auc": 0.91, "größe": NaN}',
      'acme-metrics/exact.json': 'x'.repeat(MAX_BYTES),
      'acme-metrics/large.json': 'x'.repeat(MAX_BYTES + 1),
      'acme-metrics/empty.json': '',
      'acme-metrics/with space/ünïcode+plus.json': '{}',
      'acme-metrics/binary.json': Uint8Array.of(0xff, 0x00, 0xfe),
    },
    users: {
      both: ['s3:GetObject', 's3:ListBucket'],
      reader: ['s3:GetObject'],
      lister: ['s3:ListBucket'],
      nobody: ['s3:GetBucketAcl'],
    },
  })
})
afterAll(() => server?.close())
afterEach(() => {
  vi.unstubAllEnvs()
})

type Asking = { readonly user?: string; readonly credentials?: S3Credentials; readonly url?: string }

/** The bot's client with the rights of a user. */
function buckets({ user = 'both', credentials = server.users.get(user), url = server.url }: Asking = {}) {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', url)
  vi.stubEnv('AWS_REGION', server.region)
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials?.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials?.secretAccessKey)
  return createBuckets({ pathStyle: true })
}

const exists = (uri: string, asking?: Asking) => buckets(asking).exists(uri)
const read = (key: string, asking?: Asking) => buckets(asking).read(`s3://acme-metrics/${key}`, { maxBytes: MAX_BYTES })

describe('an artefact', () => {
  it.each([
    's3://acme-models/churn/12',
    's3://acme-models/churn/12/',
    's3://acme-models/churn/12/model.pkl',
    's3://acme-models/fraud/0d1c.onnx',
    's3://acme-models/with space/ünïcode+plus',
  ])('is found at %s', async (uri) => {
    expect(await exists(uri)).toEqual({ kind: 'found' })
  })

  it.each([
    's3://acme-models/churn/13',
    // Others begin with the same letters.
    's3://acme-models/churn/1',
    's3://acme-models/churn/1/',
    's3://acme-models/chur',
    's3://acme-models/churn/12/model',
    's3://acme-models/fraud/0d1c.onnx/',
    's3://acme-models/fraud/0d1c',
    's3://acme-models/CHURN/12',
  ])('is absent at %s', async (uri) => {
    expect(await exists(uri)).toEqual({ kind: 'absent' })
  })
})

describe('what cannot be told', () => {
  it('is a bucket that does not exist', async () => {
    expect(await exists('s3://acme-typo/churn/12')).toEqual({ kind: 'refused', reason: 'there is no bucket acme-typo' })
  })

  it('is an absent object without the right to list', async () => {
    expect(await exists('s3://acme-models/churn/13', { user: 'reader' })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('s3:ListBucket'),
    })
    expect(await exists('s3://acme-models/fraud/0d1c.onnx', { user: 'reader' })).toEqual({ kind: 'found' })
  })

  it('is an object without the right to read', async () => {
    expect(await exists('s3://acme-models/fraud/0d1c.onnx', { user: 'lister' })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('s3:GetObject'),
    })
    expect(await exists('s3://acme-models/churn/12', { user: 'lister' })).toEqual({ kind: 'found' })
  })

  it('is everything, without any right or with a wrong key', async () => {
    expect(await exists('s3://acme-models/churn/12', { user: 'nobody' })).toMatchObject({ kind: 'refused' })
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wrong' }
    expect(await exists('s3://acme-models/churn/12', { credentials })).toMatchObject({ kind: 'refused' })
  })

  it('is a server that does not answer', async () => {
    const url = 'http://127.0.0.1:9'
    await expect(exists('s3://acme-models/churn/12', { url })).rejects.toMatchObject({
      name: 'SystemUnavailable',
      system: 'S3',
    })
  })
})

describe('a document', () => {
  it('is read byte by byte, whatever its name', async () => {
    expect(await read('3f9c2e1/metrics.json')).toEqual({
      kind: 'found',
      bytes: Buffer.from('{"auc": 0.91, "größe": NaN}'),
      modifiedAt: expect.any(Date),
    })
    expect(await read('with space/ünïcode+plus.json')).toMatchObject({ kind: 'found', bytes: Buffer.from('{}') })
    expect(await read('empty.json')).toMatchObject({ kind: 'found', bytes: Buffer.from('') })
    expect(await read('binary.json')).toMatchObject({ kind: 'found', bytes: Buffer.of(0xff, 0x00, 0xfe) })
  })

  it('is read by who may read and nothing else', async () => {
    expect(await read('3f9c2e1/metrics.json', { user: 'reader' })).toMatchObject({ kind: 'found' })
  })

  it('is absent', async () => {
    expect(await read('3f9c2e2/metrics.json')).toEqual({ kind: 'absent' })
    expect(await read('3f9c2e1')).toEqual({ kind: 'absent' })
    expect(await read('3f9c2e1/metrics.json/more')).toEqual({ kind: 'absent' })
  })

  it('may have the size that is allowed, and not one byte more', async () => {
    expect(await read('exact.json')).toMatchObject({ kind: 'found' })
    expect(await read('large.json')).toEqual({ kind: 'refused', reason: 'it is larger than 1 MiB' })
  })

  it('that is forbidden is not called absent, nor an absent one forbidden', async () => {
    expect(await read('3f9c2e1/metrics.json', { user: 'lister' })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('s3:GetObject'),
    })
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wrong' }
    expect(await read('3f9c2e1/metrics.json', { credentials })).toMatchObject({ kind: 'hidden' })
    expect(await read('3f9c2e1/metrics.json', { user: 'nobody' })).toMatchObject({
      kind: 'hidden',
      reason: expect.stringContaining('s3:ListBucket'),
    })
  })

  it('in a bucket that does not exist is refused by the name of the bucket', async () => {
    expect(await buckets().read('s3://acme-typo/a.json', { maxBytes: MAX_BYTES })).toEqual({
      kind: 'refused',
      reason: 'there is no bucket acme-typo',
    })
  })

  it('is asked for at the address that the variables of the SDK name', async () => {
    await expect(read('exact.json', { url: 'http://127.0.0.1:9' })).rejects.toThrow('S3: connection refused')
    const client = buckets()
    vi.stubEnv('AWS_ENDPOINT_URL_S3', undefined)
    vi.stubEnv('AWS_ENDPOINT_URL', server.url)
    expect(await client.read('s3://acme-metrics/empty.json', { maxBytes: 1 })).toMatchObject({ kind: 'found' })
  })

  it('is asked for in the path of an address that is an IP, also where that was not configured', async () => {
    buckets()
    const unconfigured = createBuckets({ pathStyle: false })
    expect(await unconfigured.read('s3://acme-metrics/empty.json', { maxBytes: 1 })).toMatchObject({ kind: 'found' })
  })
})
