/** Kubernetes API stand-in: get, list, watch and patch of the kinds in kubernetes-objects.ts, with bearer tokens and RBAC. Its other half in the bot is src/clients/kubernetes/; argocd.ts and kserve.ts are the controllers in it. */
import type { SandboxClock } from '../clock.ts'
import type { SandboxHandler, SandboxRequest, SandboxResponse } from '../http.ts'
import {
  type AccessRule,
  type Attempt,
  allows,
  BOT,
  failure,
  forbidden,
  type Identity,
  notFound,
  unauthorised,
} from './kubernetes-access.ts'
import { discovery } from './kubernetes-discovery.ts'
import { listPage } from './kubernetes-list.ts'
import { isJsonObject, type Json, type KubeObject, RESOURCES, type Resource } from './kubernetes-objects.ts'
import { jsonPatch, mergePatch, PatchError } from './kubernetes-patch.ts'
import { review } from './kubernetes-reviews.ts'
import { createStore, type KubernetesStore } from './kubernetes-store.ts'
import { type Faults, openWatch, selector } from './kubernetes-watch.ts'
import { type LoggedRequest, listenSwitchable, type Outage } from './switchable-server.ts'

export type KubernetesSandbox = {
  readonly url: string
  readonly store: KubernetesStore
  readonly requests: readonly LoggedRequest[]
  /** A kubeconfig for a token (default: the bot's). */
  kubeconfig(token?: string): string
  /** Replaces the rules of an identity, e.g. to take a right away. */
  grant(token: string, rules: readonly AccessRule[]): void
  /** Gives an identity another token: from now on the old one gets 401. Open watches go on, as in the real system. */
  rotate(token: string, next: string): void
  /** Ends every open watch in order, or (`brokenly`) in the middle of a line. */
  cutWatches(brokenly?: boolean): void
  /** How many watches are open. */
  openWatches(): number
  /** How it misbehaves; set and deleted by tests. */
  readonly faults: Faults
  down(outage?: Outage): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

export type KubernetesOptions = {
  readonly clock: SandboxClock
  readonly identities?: readonly Identity[]
  /** A real API server sends a bookmark about every minute; here every second unless told otherwise. */
  readonly bookmarkEveryMs?: number
  readonly port?: number
}

type Context = {
  readonly store: KubernetesStore
  readonly identities: Map<string, Identity>
  readonly watches: Set<(brokenly?: boolean) => void>
  readonly faults: Faults
  readonly bookmarkEveryMs: number
}

/** Starts an empty cluster. */
export async function startKubernetes(options: KubernetesOptions): Promise<KubernetesSandbox> {
  const { clock, identities = [BOT], bookmarkEveryMs = 1000, ...listening } = options
  const context: Context = {
    store: createStore(clock.now),
    identities: new Map(identities.map((identity) => [identity.token, identity])),
    watches: new Set(),
    faults: { missing: new Set() },
    bookmarkEveryMs,
  }
  const handler: SandboxHandler = (request) => answer(context, request)
  const server = await listenSwitchable(handler, { ...listening, now: clock.now })
  const cutWatches = (brokenly = false) => {
    for (const stop of context.watches) stop(brokenly)
    context.watches.clear()
  }
  return {
    url: server.url,
    store: context.store,
    requests: server.requests,
    kubeconfig: (token = BOT.token) => kubeconfig(server.url, token),
    grant: (token, rules) => {
      const identity = context.identities.get(token)
      if (identity === undefined) throw new Error('no identity has this token')
      context.identities.set(token, { ...identity, rules })
    },
    rotate: (token, next) => {
      const identity = context.identities.get(token)
      if (identity === undefined) throw new Error('no identity has this token')
      context.identities.delete(token)
      context.identities.set(next, { ...identity, token: next })
    },
    openWatches: () => context.watches.size,
    faults: context.faults,
    cutWatches,
    down: (outage) => {
      cutWatches()
      return server.down(outage)
    },
    up: server.up,
    close: () => {
      cutWatches()
      return server.close()
    },
  }
}

// the client refuses plain HTTP unless TLS verification is off
function kubeconfig(url: string, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: sandbox
  cluster: {server: "${url}", insecure-skip-tls-verify: true}
users:
- name: lockkeeper
  user: {token: "${token}"}
contexts:
- name: sandbox
  context: {cluster: sandbox, user: lockkeeper}
current-context: sandbox
`
}

function answer(context: Context, request: SandboxRequest): SandboxResponse | undefined {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  const identity = token === undefined ? undefined : context.identities.get(token)
  if (identity === undefined) return unauthorised()
  const { missing, throttledForSeconds } = context.faults
  if (throttledForSeconds !== undefined) return tooMany(throttledForSeconds)
  const found = discovery(request, missing) ?? review(identity, request)
  if (found !== undefined) return found
  const target = targetOf(request)
  if (target === undefined || missing.has(target.resource.plural))
    return notFound({ verb: '', group: '', resource: '' })
  if (!allows(identity.rules, target.attempt)) return forbidden(identity.user, target.attempt)
  return target.attempt.name === undefined
    ? ofCollection(context, request, target)
    : ofObject(context, request, { ...target, name: target.attempt.name })
}

type Target = { readonly attempt: Attempt; readonly resource: Resource }

const PATH = /^\/apis\/([^/]+)\/([^/]+)(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?(?:\/(status))?$/

function targetOf(request: SandboxRequest): Target | undefined {
  const [, group, version, namespace, plural, name] = PATH.exec(request.path) ?? []
  const resource = RESOURCES.find(
    (known) => known.group === group && known.version === version && known.plural === plural,
  )
  if (resource === undefined) return undefined
  const place = { ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) }
  return {
    resource,
    attempt: { verb: verbOf(request, name), group: resource.group, resource: resource.plural, ...place },
  }
}

function verbOf({ method, query }: SandboxRequest, name: string | undefined): string {
  if (method !== 'GET') return { PATCH: 'patch', POST: 'create', PUT: 'update', DELETE: 'delete' }[method] ?? method
  if (/^(true|1)$/.test(query.get('watch') ?? '')) return 'watch'
  return name === undefined ? 'list' : 'get'
}

function ofCollection(context: Context, request: SandboxRequest, { attempt, resource }: Target) {
  if (request.method !== 'GET') return notAllowed()
  const matches = selector(request.query)
  if (matches === undefined) {
    const message = `unable to parse requirement or field label not supported: ${request.query.toString()}`
    return failure({ code: 400, reason: 'BadRequest', message })
  }
  const selection = { resource, namespace: attempt.namespace, matches }
  if (attempt.verb === 'watch') {
    const { store, watches, bookmarkEveryMs, faults } = context
    if (faults.watches === 'gone') return failure({ code: 410, reason: 'Expired', message: 'too old resource version' })
    const stop = openWatch(store, request, selection, { bookmarkEveryMs, faults })
    watches.add(stop)
    request.response.once('close', () => watches.delete(stop))
    return undefined
  }
  return listPage(context.store, request, selection)
}

type NamedTarget = Target & { readonly name: string }

function ofObject({ store }: Context, request: SandboxRequest, { attempt, resource, name }: NamedTarget) {
  const object = store.get(resource, attempt.namespace ?? '', name)
  if (object === undefined) return notFound(attempt)
  if (request.method === 'GET') return { status: 200, body: object }
  return request.method === 'PATCH' ? patch(store, request, { resource, object }) : notAllowed()
}

type Patched = { readonly resource: Resource; readonly object: KubeObject }

function patch(store: KubernetesStore, request: SandboxRequest, { resource, object }: Patched): SandboxResponse {
  const type = request.headers['content-type']?.split(';')[0]
  let next: Json
  try {
    const body = JSON.parse(request.body.toString('utf8')) as Json
    if (type === 'application/merge-patch+json') next = mergePatch(object, body)
    else if (type === 'application/json-patch+json' && Array.isArray(body)) next = jsonPatch(object, body)
    else return unsupported(type)
  } catch (error) {
    const reason = error instanceof PatchError ? { code: 422, reason: 'Invalid' } : { code: 400, reason: 'BadRequest' }
    const message =
      error instanceof PatchError
        ? `the server rejected our request due to an error in our request: ${error.message}`
        : 'error decoding patch'
    return failure({ ...reason, message })
  }
  return accept(store, next, { resource, object })
}

function accept(store: KubernetesStore, next: Json, { resource, object }: Patched): SandboxResponse {
  const changed = isJsonObject(next) ? (next as unknown as KubeObject) : object
  const { metadata } = changed
  if (metadata.resourceVersion !== object.metadata.resourceVersion) {
    const message = `Operation cannot be fulfilled on ${resource.plural}.${resource.group} "${object.metadata.name}": the object has been modified; please apply your changes to the latest version and try again`
    return failure({ code: 409, reason: 'Conflict', message })
  }
  const { name, namespace } = object.metadata
  const { status, ...rest } = changed
  // the main resource of a kind with a status subresource ignores what is said about status
  const kept = resource.statusSubresource ? object.status : status
  const written = {
    ...rest,
    metadata: { ...metadata, name, namespace },
    ...(kept === undefined ? {} : { status: kept }),
  }
  return { status: 200, body: store.put(resource, written) }
}

function tooMany(seconds: number): SandboxResponse {
  const message = 'The server is currently overloaded, please try again later.'
  const refusal = failure({ code: 429, reason: 'TooManyRequests', message })
  return { ...refusal, headers: { ...refusal.headers, 'retry-after': String(seconds) } }
}

const notAllowed = () =>
  failure({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
  })

function unsupported(type: string | undefined): SandboxResponse {
  const message = `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml (got ${type ?? 'none'})`
  return failure({ code: 415, reason: 'UnsupportedMediaType', message })
}
