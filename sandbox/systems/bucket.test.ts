/** The bucket, spoken to by the AWS SDK. */
import { request } from 'node:http'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createClock } from '../clock.ts'
import { BUCKET_CREDENTIALS, type BucketSandbox, startBucket } from './bucket.ts'

let bucket: BucketSandbox
const client = (options: S3ClientConfig = {}) =>
  new S3Client({
    endpoint: bucket.url,
    region: 'eu-central-1',
    credentials: BUCKET_CREDENTIALS,
    forcePathStyle: true,
    maxAttempts: 1,
    ...options,
  })
const place = { Bucket: 'acme-models', Key: 'fraud/0d1c/model & co.bin' }

beforeEach(async () => {
  bucket = await startBucket({ clock: createClock(), buckets: ['acme-models'] })
})
afterEach(() => bucket.close())

it('stores, shows and gives back an object through the AWS SDK', async () => {
  const s3 = client()
  await s3.send(new PutObjectCommand({ ...place, Body: 'weights' }))
  expect(await s3.send(new HeadObjectCommand(place))).toMatchObject({ ContentLength: 7 })
  const { Body, ETag } = await s3.send(new GetObjectCommand(place))
  expect([await Body?.transformToString(), ETag]).toEqual(['weights', expect.stringMatching(/^"[0-9a-f]{32}"$/)])
  expect(bucket.keys('acme-models')).toEqual([place.Key])
})

it('is reached by path without being told, because its address is an IP address', async () => {
  bucket.put('s3://acme-models/fraud/1/model.bin', 'weights')
  const s3 = client({ forcePathStyle: false })
  expect(await s3.send(new HeadObjectCommand({ ...place, Key: 'fraud/1/model.bin' }))).toMatchObject({
    ContentLength: 7,
  })
})

it('is reached by virtual host too', async () => {
  bucket.put('s3://acme-models/fraud/1/model.bin', 'weights')
  const scope = `${BUCKET_CREDENTIALS.accessKeyId}/20260303/eu-central-1/s3/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`
  const signed = { authorization, 'x-amz-date': '20260303T090000Z', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
  const headers = { ...signed, host: 'acme-models.s3.eu-central-1.amazonaws.com' }
  const status = await new Promise((resolve, reject) => {
    const sent = request(`${bucket.url}/fraud/1/model.bin`, { method: 'HEAD', headers }, (answer) =>
      resolve(answer.statusCode),
    )
    sent.on('error', reject).end()
  })
  expect(status).toBe(200)
})

it('lists a prefix page by page', async () => {
  for (const name of ['a', 'b', 'c']) bucket.put(`s3://acme-models/fraud/1/${name}`, name)
  bucket.put('s3://acme-models/fraud/10/other')
  const s3 = client()
  const list = { Bucket: 'acme-models', Prefix: 'fraud/1/', MaxKeys: 2 }
  const first = await s3.send(new ListObjectsV2Command(list))
  expect([first.KeyCount, first.IsTruncated, first.Contents?.map(({ Key }) => Key)]).toEqual([
    2,
    true,
    ['fraud/1/a', 'fraud/1/b'],
  ])
  const next = await s3.send(new ListObjectsV2Command({ ...list, ContinuationToken: first.NextContinuationToken }))
  expect([next.IsTruncated, next.Contents?.map(({ Key, Size }) => [Key, Size])]).toEqual([false, [['fraud/1/c', 1]]])
  const none = await s3.send(new ListObjectsV2Command({ ...list, Prefix: 'nothing/' }))
  expect(none.KeyCount).toBe(0)
})

it('fails as S3 does, in names that the SDK understands', async () => {
  const s3 = client()
  await expect(s3.send(new GetObjectCommand(place))).rejects.toMatchObject({ name: 'NoSuchKey' })
  await expect(s3.send(new HeadObjectCommand(place))).rejects.toMatchObject({ name: 'NotFound' })
  await expect(s3.send(new GetObjectCommand({ ...place, Bucket: 'nobody' }))).rejects.toMatchObject({
    name: 'NoSuchBucket',
  })
  bucket.deny('s3://acme-models/fraud/')
  await expect(s3.send(new GetObjectCommand(place))).rejects.toMatchObject({ name: 'AccessDenied' })
  const stranger = client({ credentials: { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' } })
  await expect(stranger.send(new GetObjectCommand(place))).rejects.toMatchObject({ name: 'InvalidAccessKeyId' })
  expect((await fetch(`${bucket.url}/acme-models/x`)).status).toBe(403)
  await bucket.down()
  await expect(s3.send(new GetObjectCommand(place))).rejects.toThrow()
})
