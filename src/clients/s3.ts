/** Does an artefact exist in an S3 bucket? Implements the port `Buckets` with the AWS SDK, which is loaded on first use (36 MB). */
import type { S3Client } from '@aws-sdk/client-s3'
import { SystemUnavailable } from '../domain/failure.ts'
import type { Buckets } from '../services/ports.ts'

export type BucketSettings = {
  /** `host/bucket/key` instead of `bucket.host/key`, as most stores other than AWS want it. Default false; addresses that are an IP are always asked so. */
  readonly pathStyle?: boolean
  readonly timeoutMs?: number
}

type Existence = Awaited<ReturnType<Buckets['exists']>>
type Sdk = typeof import('@aws-sdk/client-s3')
type Session = { readonly sdk: Sdk; readonly client: S3Client }
type Place = { readonly bucket: string; readonly key: string }

/** Region, credentials and endpoint (`AWS_ENDPOINT_URL_S3`) are found by the SDK itself. Outages throw SystemUnavailable. */
export function createBuckets(settings: BucketSettings = {}): Buckets {
  let session: Promise<Session> | undefined
  return {
    exists: async (uri) => {
      const place = parseS3Uri(uri)
      if (place === undefined) return { kind: 'refused', reason: 'it is not of the form s3://bucket/key' }
      session ??= open(settings)
      return exists(await session, place)
    },
  }
}

/** `s3://bucket/some/key`; undefined for anything else, a bucket without a key included. */
export function parseS3Uri(uri: string): Place | undefined {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/s.exec(uri) ?? []
  return bucket === undefined || key === undefined ? undefined : { bucket, key }
}

async function open({ pathStyle = false, timeoutMs = 15_000 }: BucketSettings): Promise<Session> {
  const sdk = await import('@aws-sdk/client-s3')
  const client = new sdk.S3Client({
    forcePathStyle: pathStyle,
    followRegionRedirects: true,
    maxAttempts: 3,
    requestHandler: { requestTimeout: timeoutMs, connectionTimeout: 5000 },
  })
  return { sdk, client }
}

/** The object itself, else anything below `key/`: a model is often a folder. */
async function exists({ sdk, client }: Session, { bucket, key }: Place): Promise<Existence> {
  const object = key.endsWith('/')
    ? ('absent' as const)
    : await ask(() => client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key })))
  if (object === 'found') return { kind: 'found' }
  const prefix = key.endsWith('/') ? key : `${key}/`
  const listed = await ask(async () => {
    const page = await client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }))
    return (page.KeyCount ?? page.Contents?.length ?? 0) > 0
  })
  if (listed === 'found') return { kind: 'found' }
  if (listed === 'no_bucket') return { kind: 'refused', reason: `there is no bucket ${bucket}` }
  // Without the right to list, S3 answers 403 for objects that do not exist, too.
  if (listed === 'forbidden') {
    return {
      kind: 'refused',
      reason: `this server may not list the bucket ${bucket} (s3:ListBucket), so absent and forbidden cannot be told apart`,
    }
  }
  if (object === 'forbidden')
    return { kind: 'refused', reason: `this server may not read ${key} in the bucket ${bucket} (s3:GetObject)` }
  return { kind: 'absent' }
}

type Found = 'found' | 'absent' | 'forbidden' | 'no_bucket'

/** Runs one call; `false` means that it found nothing. */
async function ask(call: () => Promise<unknown>): Promise<Found> {
  try {
    return (await call()) === false ? 'absent' : 'found'
  } catch (error) {
    const { name, status } = failureOf(error)
    if (name === 'NoSuchBucket') return 'no_bucket'
    if (status === 404 || name === 'NotFound' || name === 'NoSuchKey') return 'absent'
    if (status === 401 || status === 403 || name === 'CredentialsProviderError') return 'forbidden'
    throw new SystemUnavailable('S3', name ?? `it answers ${status ?? 'nothing'}`, { cause: error })
  }
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
