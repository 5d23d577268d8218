/** The `Registries` port: what a tag points to, by the OCI distribution protocol (https://github.com/opencontainers/distribution-spec). */
import { createHash } from 'node:crypto'
import { type Dispatcher, getGlobalDispatcher, request } from 'undici'
import { SystemUnavailable } from '../domain/failure.ts'
import { type Digest, parseDigest } from '../domain/ids.ts'
import { fieldsOf } from '../domain/json-fields.ts'
import type { Registries } from '../services/ports.ts'
import { networkReason, sendTwiceIfBroken } from './network-failure.ts'
import { readAtMost } from './read-at-most.ts'
import { type ImageLocation, locateImage, type RegistryCredentials } from './registry-image.ts'
import { isOwnRealm } from './registry-realm.ts'
import { retryAfterSeconds } from './retry-after.ts'
import { type Route, routeRequest } from './routes.ts'
import { createGuardedDispatcher, refuseUnsafeHost, UnsafeAddress } from './safe-address.ts'

/** `credentials` by registry host (`docker.io` for Docker Hub); registries without are asked anonymously. */
export type RegistrySettings = {
  readonly routes: readonly Route[]
  readonly userAgent: string
  readonly credentials?: ReadonlyMap<string, RegistryCredentials>
  readonly timeoutMs?: number
}

type Resolution = Awaited<ReturnType<Registries['resolve']>>

/** Index types come first: without them a registry may answer with one platform's digest. */
const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** The specification lets registries refuse manifests above 4 MiB; so do we. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

/** Throws SystemUnavailable for 429, 5xx and network trouble. A refusal by the registry is a value, with what to do. */
export function createRegistries(settings: RegistrySettings): Registries {
  const send = createSender(settings)
  return {
    resolve: async ({ repository, tag, anonymously }) => {
      const image = locateImage(repository)
      if (image === undefined) return { kind: 'refused', reason: `${repository} is not an image name` }
      if (!/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(tag)) return { kind: 'refused', reason: `${tag} is not a tag` }
      const url = new URL(`${image.origin}/v2/${image.name}/manifests/${tag}`)
      const known = settings.credentials?.get(image.host)
      return resolveManifest(send, {
        image,
        url,
        credentials: anonymously ? undefined : known,
        advice:
          anonymously && known !== undefined
            ? "name it under `registries:` in the operator's policy, so that the server's credentials are used"
            : 'give the server credentials that may pull it',
        mayAskRealm: (realm) => isOwnRealm(url, realm) || routeRequest(settings.routes, realm).isRouted,
      })
    },
  }
}

type Answered = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

type Send = (method: 'GET' | 'HEAD', url: URL, headers: Readonly<Record<string, string>>) => Promise<Answered>

type Question = {
  readonly image: ImageLocation
  readonly url: URL
  readonly credentials: RegistryCredentials | undefined
  /** What to do about a refusal. */
  readonly advice: string
  /** Whether a token may be asked for there: any host named by the registry would be asked otherwise. */
  readonly mayAskRealm: (realm: URL) => boolean
}

async function resolveManifest(send: Send, question: Question): Promise<Resolution> {
  const headers: Record<string, string> = { accept: MANIFEST_TYPES }
  let head = await send('HEAD', question.url, headers)
  if (head.status === 401) {
    const authorization = await authorise(send, question, head)
    if (authorization === undefined) return refused(question, 'it wants credentials')
    if (typeof authorization === 'object')
      return refused(
        question,
        `it wants a token from ${authorization.foreign}, which is neither its own nor in the policy's routes`,
      )
    headers['authorization'] = authorization
    head = await send('HEAD', question.url, headers)
  }
  const digest = head.status === 200 ? digestHeader(head) : undefined
  if (digest !== undefined) return { kind: 'found', digest }
  if (head.status === 404) return { kind: 'absent' }
  if (head.status === 401 || head.status === 403) return refused(question, `it answers ${head.status}`)
  // Some registries do not know HEAD or leave the digest out: the digest is the hash of the manifest's bytes.
  const whole = await send('GET', question.url, headers)
  if (whole.status === 200) return { kind: 'found', digest: digestHeader(whole) ?? hashOf(whole.body) }
  if (whole.status === 404 || errorCodes(whole).includes('MANIFEST_UNKNOWN')) return { kind: 'absent' }
  return refused(question, `it answers ${whole.status}`)
}

const refused = ({ image, advice }: Question, why: string): Resolution => ({
  kind: 'refused',
  reason: `registry ${image.host} does not show ${image.name}: ${why}; ${advice}`,
})

function digestHeader(answer: Answered): Digest | undefined {
  const header = answer.headers['docker-content-digest']
  return typeof header === 'string' ? parseDigest(header) : undefined
}

function hashOf(body: Buffer): Digest {
  const digest = parseDigest(`sha256:${createHash('sha256').update(body).digest('hex')}`)
  if (digest === undefined) throw new Error('a SHA-256 hash is always a digest')
  return digest
}

function errorCodes(answer: Answered): readonly unknown[] {
  const errors = jsonOf(answer)?.['errors']
  return Array.isArray(errors) ? errors.map((error) => fieldsOf(error)?.['code']) : []
}

/** Basic credentials, or a token for pulling this repository; undefined when the registry gives none. `foreign`: a host that is not asked for one. */
async function authorise(
  send: Send,
  question: Question,
  challenged: Answered,
): Promise<string | { readonly foreign: string } | undefined> {
  const header = challenged.headers['www-authenticate']
  const challenge = parseChallenge(Array.isArray(header) ? header.join(', ') : (header ?? ''))
  const { credentials, image } = question
  const basic =
    credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
  if (challenge?.scheme === 'basic') return basic
  const realm = challenge?.parameters.get('realm')
  if (challenge?.scheme !== 'bearer' || realm === undefined || !URL.canParse(realm)) return undefined
  const url = new URL(realm)
  // A registry over HTTPS must not send our password out in the clear.
  if (url.protocol !== 'https:' && question.url.protocol === 'https:') return undefined
  if (!question.mayAskRealm(url)) return { foreign: url.host }
  const service = challenge.parameters.get('service')
  if (service !== undefined) url.searchParams.set('service', service)
  url.searchParams.set('scope', `repository:${image.name}:pull`)
  const answer = await send('GET', url, basic === undefined ? {} : { authorization: basic })
  const body = answer.status === 200 ? jsonOf(answer) : undefined
  const token = body?.['token'] ?? body?.['access_token']
  return typeof token === 'string' ? `Bearer ${token}` : undefined
}

/** `Bearer realm="…",service="…"`: the scheme in lower case and its parameters. */
function parseChallenge(
  header: string,
): { readonly scheme: string; readonly parameters: ReadonlyMap<string, string> } | undefined {
  const scheme = /^\s*(bearer|basic)\b/i.exec(header)?.[1]?.toLowerCase()
  if (scheme === undefined) return undefined
  const parameters = new Map<string, string>()
  for (const [, key, value] of header.matchAll(/([a-z_]+)="([^"]*)"/gi)) {
    if (key !== undefined && value !== undefined) parameters.set(key.toLowerCase(), value)
  }
  return { scheme, parameters }
}

function jsonOf(answer: Answered): Readonly<Record<string, unknown>> | undefined {
  try {
    return fieldsOf(JSON.parse(answer.body.toString('utf8')))
  } catch {
    return undefined
  }
}

function createSender(settings: RegistrySettings): Send {
  const guarded = createGuardedDispatcher()
  const timeoutMs = settings.timeoutMs ?? 10_000
  return async (method, original, headers) => {
    const { url, host, isRouted } = routeRequest(settings.routes, original)
    const dispatcher: Dispatcher = isRouted ? getGlobalDispatcher() : guarded
    try {
      if (!isRouted) refuseUnsafeHost(url)
      const answer = await sendTwiceIfBroken(() =>
        request(url, {
          method,
          dispatcher,
          headers: { ...headers, host, 'user-agent': settings.userAgent },
          signal: AbortSignal.timeout(timeoutMs),
        }),
      )
      const body = await readAtMost(answer.body, MAX_BODY_BYTES)
      if (answer.statusCode === 429 || answer.statusCode >= 500)
        throw unavailable(original, `answers ${answer.statusCode}`, answer.headers['retry-after'])
      return { status: answer.statusCode, headers: answer.headers, body }
    } catch (error) {
      if (error instanceof SystemUnavailable) throw error
      throw unavailable(original, error instanceof UnsafeAddress ? error.message : networkReason(error))
    }
  }
}

function unavailable(url: URL, why: string, retryAfter?: string | string[]): SystemUnavailable {
  const seconds = retryAfterSeconds(retryAfter, new Date())
  const wish = seconds === undefined ? {} : { retryAfterSeconds: seconds }
  return new SystemUnavailable(`registry ${url.host}`, why, wish)
}
