/** S3 stand-in: objects of any number of buckets, path-style and virtual-host style, with S3's XML errors. Its other half in the bot is src/clients/s3.ts (@aws-sdk/client-s3). */
import { createHash } from 'node:crypto'
import type { SandboxClock } from '../clock.ts'
import type { SandboxHandler, SandboxRequest, SandboxResponse } from '../http.ts'
import { errorXml, listXml } from './bucket-xml.ts'
import { type LoggedRequest, listenSwitchable, type Outage } from './switchable-server.ts'

/** What the AWS SDK's environment variables should hold to be let in. */
export const BUCKET_CREDENTIALS = { accessKeyId: 'AKIASANDBOX000000000', secretAccessKey: 'sandbox-secret-access-key' }

export type StoredObject = {
  readonly key: string
  readonly body: Buffer
  readonly etag: string
  readonly modified: Date
}

export type BucketSandbox = {
  readonly url: string
  readonly requests: readonly LoggedRequest[]
  createBucket(name: string): void
  /** Puts an object at an `s3://bucket/key` address. */
  put(uri: string, body?: string | Buffer): void
  remove(uri: string): void
  keys(bucket: string): readonly string[]
  /** Refuses everything under an `s3://bucket/prefix` with AccessDenied (`false` allows it again). */
  deny(uriPrefix: string, denied?: boolean): void
  down(outage?: Outage): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

type Buckets = {
  readonly buckets: Map<string, Map<string, StoredObject>>
  readonly denied: Set<string>
  readonly now: () => Date
}

export type BucketOptions = {
  readonly clock: SandboxClock
  readonly port?: number
  readonly buckets?: readonly string[]
}

export async function startBucket(options: BucketOptions): Promise<BucketSandbox> {
  const { clock, buckets = [], ...listening } = options
  const state: Buckets = {
    buckets: new Map(buckets.map((name) => [name, new Map()])),
    denied: new Set(),
    now: clock.now,
  }
  const handler: SandboxHandler = (request) => answer(state, request)
  const server = await listenSwitchable(handler, { ...listening, now: clock.now })
  const bucketOf = (name: string) => {
    const found = state.buckets.get(name)
    if (found === undefined) throw new Error(`no bucket ${name}`)
    return found
  }
  return {
    url: server.url,
    requests: server.requests,
    createBucket: (name) => {
      state.buckets.set(name, new Map())
    },
    put: (uri, body = '') => {
      const { bucket, key } = parse(uri)
      bucketOf(bucket).set(key, stored(state, key, Buffer.from(body)))
    },
    remove: (uri) => {
      const { bucket, key } = parse(uri)
      bucketOf(bucket).delete(key)
    },
    keys: (bucket) => [...bucketOf(bucket).keys()].sort(byBytes),
    deny: (uriPrefix, denied = true) => {
      if (denied) state.denied.add(uriPrefix)
      else state.denied.delete(uriPrefix)
    },
    down: server.down,
    up: server.up,
    close: server.close,
  }
}

function parse(uri: string): { readonly bucket: string; readonly key: string } {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? []
  if (bucket === undefined || key === undefined) throw new Error(`not an s3:// address: ${uri}`)
  return { bucket, key }
}

function stored({ now }: Buckets, key: string, body: Buffer): StoredObject {
  return { key, body, etag: `"${createHash('md5').update(body).digest('hex')}"`, modified: now() }
}

/** S3 lists in the order of UTF-8 bytes. */
const byBytes = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right))

function answer(state: Buckets, request: SandboxRequest): SandboxResponse {
  const refusal = unsigned(request)
  if (refusal !== undefined) return withoutBodyOfHead(request, refusal)
  const place = placeOf(request)
  const bucket = state.buckets.get(place.bucket)
  const uri = `s3://${place.bucket}/${place.key === '' ? (request.query.get('prefix') ?? '') : place.key}`
  const isDenied = [...state.denied].some((prefix) => uri.startsWith(prefix))
  if (isDenied) return withoutBodyOfHead(request, failed(403, 'AccessDenied', request))
  if (bucket === undefined) return withoutBodyOfHead(request, failed(404, 'NoSuchBucket', request))
  return withoutBodyOfHead(
    request,
    place.key === '' ? ofBucket(bucket, place.bucket, request) : ofObject(state, bucket, { request, key: place.key }),
  )
}

/** Checks that the request is signed for SigV4 with the known access key; the signature itself is not computed. */
function unsigned(request: SandboxRequest): SandboxResponse | undefined {
  const header = request.headers.authorization
  if (header === undefined) return failed(403, 'AccessDenied', request)
  const [, accessKey, service] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request, ?SignedHeaders=[^,]*\bhost\b[^,]*, ?Signature=[0-9a-f]{64}$/.exec(
      header,
    ) ?? []
  const isDated = /^\d{8}T\d{6}Z$/.test(String(request.headers['x-amz-date']))
  if (service !== 's3' || !isDated || request.headers['x-amz-content-sha256'] === undefined) {
    return failed(400, 'AuthorizationHeaderMalformed', request)
  }
  return accessKey === BUCKET_CREDENTIALS.accessKeyId ? undefined : failed(403, 'InvalidAccessKeyId', request)
}

/** `bucket.host/key` or `host/bucket/key`. */
function placeOf({ path, headers }: SandboxRequest): { readonly bucket: string; readonly key: string } {
  const decoded = decodeURIComponent(path).slice(1)
  const host = (headers.host ?? '').replace(/:\d+$/, '')
  const virtual = /^(.+)\.(localhost|s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com|127\.0\.0\.1)$/.exec(host)?.[1]
  if (virtual !== undefined) return { bucket: virtual, key: decoded }
  const [bucket = '', ...key] = decoded.split('/')
  return { bucket, key: key.join('/') }
}

function ofBucket(bucket: ReadonlyMap<string, StoredObject>, name: string, request: SandboxRequest): SandboxResponse {
  const { method, query } = request
  if (method === 'HEAD') return { status: 200, headers: { 'x-amz-bucket-region': 'eu-central-1' } }
  if (method !== 'GET') return failed(405, 'MethodNotAllowed', request)
  const prefix = query.get('prefix') ?? ''
  const after = query.get('continuation-token') ?? query.get('start-after') ?? ''
  const limit = Math.min(Number(query.get('max-keys') ?? 1000), 1000)
  const objects = [...bucket.values()]
    .filter(({ key }) => key.startsWith(prefix) && (after === '' || byBytes(key, after) > 0))
    .sort((left, right) => byBytes(left.key, right.key))
  const body = listXml({
    bucket: name,
    prefix,
    limit,
    objects: objects.slice(0, limit),
    isTruncated: objects.length > limit,
  })
  return { status: 200, headers: { 'content-type': 'application/xml' }, body }
}

type ObjectRequest = { readonly request: SandboxRequest; readonly key: string }

function ofObject(state: Buckets, bucket: Map<string, StoredObject>, { request, key }: ObjectRequest): SandboxResponse {
  const { method, body } = request
  if (method === 'PUT') {
    const object = stored(state, key, unchunked(request, body))
    bucket.set(key, object)
    return { status: 200, headers: { etag: object.etag } }
  }
  if (method !== 'GET' && method !== 'HEAD') return failed(405, 'MethodNotAllowed', request)
  const object = bucket.get(key)
  if (object === undefined) return failed(404, 'NoSuchKey', request)
  const headers = {
    'accept-ranges': 'bytes',
    'content-length': String(object.body.length),
    'content-type': 'application/octet-stream',
    etag: object.etag,
    'last-modified': object.modified.toUTCString(),
  }
  return { status: 200, headers, body: object.body }
}

/** The SDK sends bodies in signed or checksummed chunks: `<hex length>[;…]\r\n<bytes>\r\n … 0 …`. */
function unchunked({ headers }: SandboxRequest, body: Buffer): Buffer {
  if (!String(headers['content-encoding'] ?? '').includes('aws-chunked')) return body
  const parts: Buffer[] = []
  let offset = 0
  while (offset < body.length) {
    const lineEnd = body.indexOf('\r\n', offset)
    const length = Number.parseInt(body.subarray(offset, lineEnd).toString('latin1'), 16)
    if (!(length > 0)) break
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + length))
    offset = lineEnd + 2 + length + 2
  }
  return Buffer.concat(parts)
}

function withoutBodyOfHead({ method }: SandboxRequest, response: SandboxResponse): SandboxResponse {
  const { body: _, ...head } = response
  return method === 'HEAD' ? head : response
}

function failed(status: number, code: string, { path }: SandboxRequest): SandboxResponse {
  return { status, headers: { 'content-type': 'application/xml' }, body: errorXml(code, path) }
}
