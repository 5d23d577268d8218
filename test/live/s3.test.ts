/** Which artefacts exist, asked of a real S3-compatible server through the AWS SDK, with its signatures and rights. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createBuckets } from '../../src/clients/s3.ts'
import { type RealS3, type S3Credentials, startRealS3 } from './s3-server.ts'

let server: RealS3
beforeAll(async () => {
  server = await startRealS3({
    objects: [
      'acme-models/churn/12/model.pkl',
      'acme-models/churn/12/MLmodel',
      'acme-models/fraud/0d1c.onnx',
      'acme-models/with space/ünïcode+plus/model.pkl',
    ],
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

/** What the bot finds at an address with the rights of a user. */
function exists(uri: string, { user = 'both', credentials = server.users.get(user), url = server.url }: Asking = {}) {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', url)
  vi.stubEnv('AWS_REGION', server.region)
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials?.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials?.secretAccessKey)
  return createBuckets({ pathStyle: true }).exists(uri)
}

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
