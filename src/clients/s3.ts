/** Objects in S3 buckets: whether they exist, and what small ones hold. Implements the port `Buckets` with the AWS SDK, which is loaded on first use (36 MB). */
import { pipeline, Readable, Transform } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { SystemUnavailable } from '../domain/failure.ts'
import type { Buckets, ObjectReading } from '../services/ports.ts'
import { networkReason } from './network-failure.ts'
import { AnswerTooLarge, readAtMost } from './read-at-most.ts'

export type BucketSettings = {
  /** `host/bucket/key` instead of `bucket.host/key`, as most stores other than AWS want it. Default false; addresses that are an IP are always asked so. */
  readonly pathStyle?: boolean
  /** Of each answer, and of a whole object that is read. */
  readonly timeoutMs?: number
}

type Existence = Awaited<ReturnType<Buckets['exists']>>
type Sdk = typeof import('@aws-sdk/client-s3')
type Session = { readonly sdk: Sdk; readonly client: S3Client; readonly timeoutMs: number }
type Place = { readonly bucket: string; readonly key: string }

const TIMEOUT_MS = 15_000
/** Of any answer, beyond the largest document that is read. */
const MAX_BYTES = 16 * 1024 * 1024

/** Region, credentials and endpoint (`AWS_ENDPOINT_URL_S3`) are found by the SDK itself. Outages throw SystemUnavailable. */
export function createBuckets(settings: BucketSettings = {}): Buckets {
  let session: Promise<Session> | undefined
  const sessionOf = (): Promise<Session> => {
    session ??= open(settings)
    return session
  }
  const malformed = { kind: 'refused', reason: 'it is not of the form s3://bucket/key' } as const
  return {
    exists: async (uri) => {
      const place = parseS3Uri(uri)
      return place === undefined ? malformed : exists(await sessionOf(), place)
    },
    read: async (uri, { maxBytes }) => {
      const place = parseS3Uri(uri)
      if (place === undefined) return malformed
      return read(await sessionOf(), place, maxBytes)
    },
  }
}

/** `s3://bucket/some/key`; undefined for anything else, a bucket without a key included. */
export function parseS3Uri(uri: string): Place | undefined {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/s.exec(uri) ?? []
  return bucket === undefined || key === undefined ? undefined : { bucket, key }
}

async function open({ pathStyle = false, timeoutMs = TIMEOUT_MS }: BucketSettings): Promise<Session> {
  const sdk = await import('@aws-sdk/client-s3')
  const client = new sdk.S3Client({
    forcePathStyle: pathStyle,
    followRegionRedirects: true,
    maxAttempts: 3,
    requestHandler: { requestTimeout: timeoutMs, connectionTimeout: 5000 },
  })
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const response = Object(result.response)
      if (response.body instanceof Readable) response.body = pipeline(response.body, atMost(MAX_BYTES), () => undefined)
      return result
    },
    // Next to the network: the SDK reads answers without a bound.
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  )
  return { sdk, client, timeoutMs }
}

/** Of the server, not of an object. */
class EndlessAnswer extends AnswerTooLarge {}

/** Lets so many bytes pass, and fails at the next. */
function atMost(limit: number): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Uint8Array, _, pass) {
      size += chunk.byteLength
      if (size > limit) pass(new EndlessAnswer(limit))
      else pass(null, chunk)
    },
  })
}

/** The object itself, else anything below `key/`: a model is often a folder. */
async function exists(session: Session, { bucket, key }: Place): Promise<Existence> {
  const { sdk, client, timeoutMs } = session
  const object = key.endsWith('/')
    ? ('absent' as const)
    : await ask(() => {
        const head = new sdk.HeadObjectCommand({ Bucket: bucket, Key: key })
        return client.send(head, { abortSignal: AbortSignal.timeout(timeoutMs) })
      })
  if (object === 'found') return { kind: 'found' }
  const listed = await list(session, { bucket, key: key.endsWith('/') ? key : `${key}/` })
  if (listed === 'found') return { kind: 'found' }
  if (listed === 'no_bucket') return { kind: 'refused', reason: noBucket(bucket) }
  if (listed === 'forbidden') return { kind: 'refused', reason: mayNotList(bucket) }
  if (object === 'forbidden') return { kind: 'refused', reason: mayNotRead({ bucket, key }) }
  return { kind: 'absent' }
}

async function read(session: Session, place: Place, maxBytes: number): Promise<ObjectReading> {
  let found: Downloaded | undefined
  const object = await ask(async () => {
    found = await download(session, place, maxBytes)
  })
  if (found !== undefined) return { kind: 'found', ...found }
  if (object === 'too_large') {
    return { kind: 'refused', reason: `it is larger than ${maxBytes / 1024 / 1024} MiB` }
  }
  if (object === 'no_bucket') return { kind: 'refused', reason: noBucket(place.bucket) }
  if (object !== 'forbidden') return { kind: 'absent' }
  // Who may list is told 404 for what is absent, so 403 then means the right to read.
  const listed = await list(session, place)
  if (listed === 'no_bucket') return { kind: 'refused', reason: noBucket(place.bucket) }
  return listed === 'forbidden'
    ? { kind: 'hidden', reason: mayNotList(place.bucket) }
    : { kind: 'refused', reason: mayNotRead(place) }
}

type Downloaded = { readonly bytes: Uint8Array; readonly modifiedAt?: Date }

async function download(
  { sdk, client, timeoutMs }: Session,
  { bucket, key }: Place,
  maxBytes: number,
): Promise<Downloaded> {
  const abortSignal = AbortSignal.timeout(timeoutMs)
  const get = new sdk.GetObjectCommand({ Bucket: bucket, Key: key })
  try {
    const { Body: body, LastModified: modifiedAt } = await client.send(get, { abortSignal })
    // In Node the body is a stream of bytes; the SDK's type also covers browsers.
    const bytes = await readAtMost((body ?? null) as AsyncIterable<Uint8Array> | null, maxBytes)
    return { bytes, ...(modifiedAt === undefined ? {} : { modifiedAt }) }
  } catch (error) {
    // A body that is broken off says `aborted`, and not why.
    if (abortSignal.aborted) throw new SystemUnavailable('S3', 'no answer in time', { cause: error })
    throw error
  }
}

type Found = 'found' | 'absent' | 'forbidden' | 'no_bucket' | 'too_large'

/** Is there any object whose key begins so? */
function list({ sdk, client, timeoutMs }: Session, { bucket, key }: Place): Promise<Found> {
  return ask(async () => {
    const first = new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 })
    const page = await client.send(first, { abortSignal: AbortSignal.timeout(timeoutMs) })
    return (page.KeyCount ?? page.Contents?.length ?? 0) > 0
  })
}

/** Runs one call; `false` means that it found nothing. */
async function ask(call: () => Promise<unknown>): Promise<Found> {
  try {
    return (await call()) === false ? 'absent' : 'found'
  } catch (error) {
    // In new words: the SDK adds to those of what it throws.
    if (error instanceof EndlessAnswer) throw new SystemUnavailable('S3', new AnswerTooLarge(MAX_BYTES).message)
    if (error instanceof AnswerTooLarge) return 'too_large'
    if (error instanceof SystemUnavailable) throw error
    const { name, status } = failureOf(error)
    if (name === 'NoSuchBucket') return 'no_bucket'
    if (status === 404 || name === 'NotFound' || name === 'NoSuchKey') return 'absent'
    if (status === 401 || status === 403 || name === 'CredentialsProviderError') return 'forbidden'
    throw new SystemUnavailable('S3', status === undefined ? unsentReason(error) : (name ?? `it answers ${status}`), {
      cause: error,
    })
  }
}

/** The SDK's own complaints (`Region is missing`) have no code; those of the network have no good words. */
function unsentReason(error: unknown): string {
  const reason = networkReason(error)
  return reason === 'no answer' && error instanceof Error ? error.message : reason
}

function failureOf(error: unknown): { readonly name: string | undefined; readonly status: number | undefined } {
  if (!(error instanceof Error)) return { name: undefined, status: undefined }
  const metadata = '$metadata' in error ? error.$metadata : undefined
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined
  return { name: error.name, status: typeof status === 'number' ? status : undefined }
}

const noBucket = (bucket: string): string => `there is no bucket ${bucket}`

/** Without the right to list, S3 answers 403 for objects that do not exist, too. */
const mayNotList = (bucket: string): string =>
  `this server may not list the bucket ${bucket} (s3:ListBucket), so absent and forbidden cannot be told apart`

const mayNotRead = ({ bucket, key }: Place): string =>
  `this server may not read ${key} in the bucket ${bucket} (s3:GetObject)`
