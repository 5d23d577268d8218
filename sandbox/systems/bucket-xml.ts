/** The XML that S3 answers with: errors and object listings. Used by bucket.ts. */
import type { StoredObject } from './bucket.ts'

const MESSAGES: Readonly<Record<string, string>> = {
  AccessDenied: 'Access Denied',
  AuthorizationHeaderMalformed: 'The authorization header is malformed.',
  InvalidAccessKeyId: 'The AWS Access Key Id you provided does not exist in our records.',
  MethodNotAllowed: 'The specified method is not allowed against this resource.',
  NoSuchBucket: 'The specified bucket does not exist',
  NoSuchKey: 'The specified key does not exist.',
}

export function errorXml(code: string, resource: string): string {
  const told = `<Code>${code}</Code><Message>${MESSAGES[code] ?? code}</Message><Resource>${escaped(resource)}</Resource>`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${told}<RequestId>SANDBOX0000000000</RequestId><HostId>sandbox</HostId></Error>`
}

export type Listing = {
  readonly bucket: string
  readonly prefix: string
  readonly limit: number
  readonly objects: readonly StoredObject[]
  readonly isTruncated: boolean
}

/** ListObjectsV2. The continuation token is the last key. */
export function listXml({ bucket, prefix, limit, objects, isTruncated }: Listing): string {
  const last = objects.at(-1)
  const next =
    isTruncated && last !== undefined ? `<NextContinuationToken>${escaped(last.key)}</NextContinuationToken>` : ''
  const head = `<Name>${escaped(bucket)}</Name><Prefix>${escaped(prefix)}</Prefix><KeyCount>${objects.length}</KeyCount><MaxKeys>${limit}</MaxKeys><IsTruncated>${isTruncated}</IsTruncated>`
  const contents = objects.map(({ key, body, etag, modified }) => {
    const facts = `<LastModified>${modified.toISOString()}</LastModified><ETag>${escaped(etag)}</ETag><Size>${body.length}</Size>`
    return `<Contents><Key>${escaped(key)}</Key>${facts}<StorageClass>STANDARD</StorageClass></Contents>`
  })
  const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult ${namespace}>${head}${next}${contents.join('')}</ListBucketResult>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}
