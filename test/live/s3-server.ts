/** A real S3-compatible server (moto, over HTTP, with IAM users whose rights it enforces) for the live suite: installed by pip, its data in memory. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { installPython } from '../../sandbox/recordings/installations.ts'
import { freePort, type Leashed, startOnLeash } from '../../sandbox/recordings/processes.ts'

export type S3Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string }

export type RealS3 = {
  readonly url: string
  readonly region: string
  /** Credentials by user. */
  readonly users: ReadonlyMap<string, S3Credentials>
  close(): Promise<void>
}

export type RealS3Options = {
  /** `bucket/key`, each an object of a few bytes. */
  readonly objects: readonly string[]
  /** What objects hold that are read, by `bucket/key`. */
  readonly documents?: Readonly<Record<string, string | Uint8Array>>
  /** What each user may do with everything: `s3:GetObject`, `s3:ListBucket`. */
  readonly users: Readonly<Record<string, readonly string[]>>
}

const REGION = 'eu-central-1'
const REQUIREMENTS = fileURLToPath(new URL('./requirements-s3.txt', import.meta.url))

/** Installs the server when needed (about half a minute) and starts it with these objects and users; from then on it refuses whoever may not. */
export async function startRealS3({ objects, documents = {}, users }: RealS3Options): Promise<RealS3> {
  const bin = await installPython('s3', REQUIREMENTS)
  const port = await freePort()
  const server = startOnLeash(join(bin, 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)])
  const url = `http://127.0.0.1:${port}`
  try {
    await untilReady(url, server)
    await fill(url, { ...Object.fromEntries(objects.map((object) => [object, 'a model'])), ...documents })
    const made = new Map<string, S3Credentials>()
    for (const [name, actions] of Object.entries(users)) made.set(name, await createUser(url, { name, actions }))
    await post(`${url}/moto-api/reset-auth`, '0')
    return { url, region: REGION, users: made, close: server.close }
  } catch (error) {
    await server.close()
    throw error
  }
}

async function untilReady(url: string, server: Leashed): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline && !server.hasExited()) {
    const answer = await fetch(`${url}/moto-api/`).catch(() => undefined)
    if (answer?.ok === true) return
    await sleep(200)
  }
  throw new Error('the S3 server did not start')
}

async function fill(endpoint: string, objects: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  // Nobody's rights are checked yet.
  const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' }
  const client = new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true })
  const placed = Object.entries(objects).map(([object, body]) => {
    const [bucket = '', ...key] = object.split('/')
    return { Bucket: bucket, Key: key.join('/'), Body: Buffer.from(body) }
  })
  for (const Bucket of new Set(placed.map((each) => each.Bucket))) {
    await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }))
  }
  for (const place of placed) await client.send(new PutObjectCommand(place))
  client.destroy()
}

type NewUser = { readonly name: string; readonly actions: readonly string[] }

async function createUser(url: string, { name, actions }: NewUser): Promise<S3Credentials> {
  await iam(url, { Action: 'CreateUser', UserName: name })
  const statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }]
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  await iam(url, { Action: 'PutUserPolicy', UserName: name, PolicyName: 'rights', PolicyDocument: document })
  const created = await iam(url, { Action: 'CreateAccessKey', UserName: name })
  const [, accessKeyId = ''] = /<AccessKeyId>([^<]+)</.exec(created) ?? []
  const [, secretAccessKey = ''] = /<SecretAccessKey>([^<]+)</.exec(created) ?? []
  return { accessKeyId, secretAccessKey }
}

/** The server tells its services apart by the scope of the signature, which it does not check yet. */
function iam(url: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const scope = 'nobody/20260101/us-east-1/iam/aws4_request'
  return post(url, new URLSearchParams({ Version: '2010-05-08', ...parameters }), {
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
  })
}

async function post(
  url: string,
  body: string | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers, body })
  const text = await response.text()
  if (!response.ok) throw new Error(`the S3 server answers ${response.status}: ${text.slice(0, 500)}`)
  return text
}
