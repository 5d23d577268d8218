/** OCI registry stand-in with GHCR's token dance: manifests by tag and digest. Its other half in the bot is src/clients/registry.ts. */
import { createHash, randomUUID } from 'node:crypto'
import type { SandboxClock } from '../clock.ts'
import type { SandboxHandler, SandboxRequest, SandboxResponse } from '../http.ts'
import { type LoggedRequest, listenSwitchable, type Outage } from './switchable-server.ts'

const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

export type PushOptions = {
  /** Default both; one platform makes a plain manifest without an index. */
  readonly platforms?: readonly ('amd64' | 'arm64')[]
}

export type RegistryAccess = { readonly user: string; readonly password: string }

export type RegistrySandbox = {
  readonly url: string
  /** `127.0.0.1:PORT`; with the policy's `routes` requests arrive under another Host (`ghcr.io`) and the token address follows it. */
  readonly host: string
  readonly requests: readonly LoggedRequest[]
  /** Pushes an image and gives its digest (of the index, where there is one). The same repository and tag again moves the tag. */
  push(repository: string, tag: string, options?: PushOptions): string
  /** The digest of a tag, if any. */
  digest(repository: string, tag: string): string | undefined
  /** Makes a repository private: its tokens need these credentials. */
  restrict(repository: string, access: RegistryAccess): void
  removeTag(repository: string, tag: string): void
  /** Leaves `Docker-Content-Digest` out, as some proxies do. */
  hideDigestHeader(hide: boolean): void
  down(outage?: Outage): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

type Manifest = { readonly type: string; readonly text: string; readonly digest: string; readonly amd64?: string }

type Registry = {
  readonly tags: Map<string, string>
  readonly manifests: Map<string, Manifest>
  readonly tokens: Map<string, string>
  readonly restricted: Map<string, RegistryAccess>
  hidesDigest: boolean
}

export type RegistryOptions = { readonly clock: SandboxClock; readonly port?: number }

export async function startRegistry({ clock, ...listening }: RegistryOptions): Promise<RegistrySandbox> {
  const registry: Registry = {
    tags: new Map(),
    manifests: new Map(),
    tokens: new Map(),
    restricted: new Map(),
    hidesDigest: false,
  }
  const handler: SandboxHandler = (request) => answer(registry, request)
  const server = await listenSwitchable(handler, { ...listening, now: clock.now })
  return {
    url: server.url,
    host: `127.0.0.1:${server.port}`,
    requests: server.requests,
    push: (repository, tag, { platforms = ['amd64', 'arm64'] } = {}) => {
      const digest = store(registry, repository, platforms)
      registry.tags.set(`${repository}:${tag}`, digest)
      return digest
    },
    digest: (repository, tag) => registry.tags.get(`${repository}:${tag}`),
    restrict: (repository, access) => {
      registry.restricted.set(repository, access)
    },
    removeTag: (repository, tag) => {
      registry.tags.delete(`${repository}:${tag}`)
    },
    hideDigestHeader: (hide) => {
      registry.hidesDigest = hide
    },
    down: server.down,
    up: server.up,
    close: server.close,
  }
}

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** Manifests of random layers, one per platform, under an index when there are several. */
function store(registry: Registry, repository: string, platforms: readonly string[]): string {
  const descriptors = platforms.map((architecture) => {
    const blob = (mediaType: string) => ({ mediaType, digest: digestOf(randomUUID()), size: 1024 })
    const config = blob('application/vnd.oci.image.config.v1+json')
    const layers = [blob('application/vnd.oci.image.layer.v1.tar+gzip')]
    const digest = keep(registry, repository, { schemaVersion: 2, mediaType: MANIFEST, config, layers })
    return { mediaType: MANIFEST, digest, size: 512, platform: { architecture, os: 'linux' } }
  })
  const [only] = descriptors
  if (only !== undefined && descriptors.length === 1) return only.digest
  return keep(registry, repository, { schemaVersion: 2, mediaType: INDEX, manifests: descriptors })
}

type ManifestBody = { readonly mediaType: string; readonly manifests?: readonly { readonly digest: string }[] }

function keep(registry: Registry, repository: string, body: ManifestBody & Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(body)
  const digest = digestOf(text)
  const amd64 = body.manifests?.[0]?.digest
  const manifest = { type: body.mediaType, text, digest, ...(amd64 === undefined ? {} : { amd64 }) }
  registry.manifests.set(`${repository}@${digest}`, manifest)
  return digest
}

const REPOSITORY = '[a-z0-9]+(?:[._/-]+[a-z0-9]+)*'
const PATH = new RegExp(`^/v2/(${REPOSITORY})/manifests/([^/]+)$`)

function answer(registry: Registry, request: SandboxRequest): SandboxResponse {
  const { path, method } = request
  if (path === '/token') return token(registry, request)
  if (path === '/v2/' || path === '/v2') {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
    return registry.tokens.has(bearer) ? { status: 200, body: {} } : challenge(request, '')
  }
  const [, repository, reference] = PATH.exec(path) ?? []
  if (repository === undefined || reference === undefined) return failed(404, 'UNSUPPORTED', 'unknown route')
  if (method !== 'GET' && method !== 'HEAD') return failed(405, 'UNSUPPORTED', 'The operation is unsupported.')
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const scope = bearer === undefined ? undefined : registry.tokens.get(bearer)
  if (scope !== repository) return challenge(request, `repository:${repository}:pull`)
  const found = find(registry, { repository, reference, accept: request.headers.accept ?? '' })
  if (found === undefined) return withoutBodyOfHead(request, failed(404, 'MANIFEST_UNKNOWN', 'manifest unknown'))
  const digest = registry.hidesDigest ? {} : { 'docker-content-digest': found.digest }
  const headers = { 'content-type': found.type, ...digest, 'content-length': String(Buffer.byteLength(found.text)) }
  return withoutBodyOfHead(request, { status: 200, headers, body: found.text })
}

function withoutBodyOfHead({ method }: SandboxRequest, response: SandboxResponse): SandboxResponse {
  const { body: _, ...head } = response
  return method === 'HEAD' ? head : response
}

type Lookup = { readonly repository: string; readonly reference: string; readonly accept: string }

/** A client that does not accept an index gets one platform's manifest, and so another digest: the trap of a missing Accept. */
function find({ tags, manifests }: Registry, { repository, reference, accept }: Lookup): Manifest | undefined {
  const digest = reference.startsWith('sha256:') ? reference : tags.get(`${repository}:${reference}`)
  const found = manifests.get(`${repository}@${digest ?? ''}`)
  if (found?.amd64 === undefined || accept.includes(INDEX) || accept.includes('*/*')) return found
  return reference.startsWith('sha256:') ? found : manifests.get(`${repository}@${found.amd64}`)
}

function challenge({ headers, method }: SandboxRequest, scope: string): SandboxResponse {
  const host = headers.host ?? ''
  const scheme = /^(127\.0\.0\.1|localhost)(:|$)/.test(host) ? 'http' : 'https'
  const scoped = scope === '' ? '' : `,scope="${scope}"`
  const header = `Bearer realm="${scheme}://${host}/token",service="${host}"${scoped}`
  const refusal = failed(401, 'UNAUTHORIZED', 'authentication required')
  const { body, ...head } = { ...refusal, headers: { ...refusal.headers, 'www-authenticate': header } }
  return method === 'HEAD' ? head : { ...head, body }
}

/** A token for one repository's pull scope; a private one needs Basic credentials. GHCR gives tokens for unknown public names too. */
function token(registry: Registry, { query, headers }: SandboxRequest): SandboxResponse {
  // Without a scope, as `docker login` asks, it opens nothing.
  const scope = query.get('scope')
  const repository = scope === null ? '' : /^repository:(.+):pull$/.exec(scope)?.[1]
  if (repository === undefined) return failed(400, 'UNSUPPORTED', 'the scope is not known')
  const basic = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
  const isHolder = ({ user, password }: RegistryAccess) =>
    basic === Buffer.from(`${user}:${password}`).toString('base64')
  const access = registry.restricted.get(repository)
  const isAllowed =
    repository === ''
      ? basic === '' || [...registry.restricted.values()].some(isHolder)
      : access === undefined || isHolder(access)
  if (!isAllowed) return failed(basic === '' ? 401 : 403, 'DENIED', 'requested access to the resource is denied')
  const issued = randomUUID()
  registry.tokens.set(issued, repository)
  return { status: 200, body: { token: issued } }
}

function failed(status: number, code: string, message: string): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, message }] }),
  }
}
