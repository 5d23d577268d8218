/** The API of Argo CD over the Applications of the Kubernetes stand-in, which argocd.ts drives: read, refresh, sync, and the stream of changes. Its other half in the bot is src/clients/argocd-api.ts. */
import type { ServerResponse } from 'node:http'
import type { SandboxClock } from '../clock.ts'
import type { SandboxHandler, SandboxRequest, SandboxResponse } from '../http.ts'
import { APPLICATIONS, isJsonObject, type JsonObject, type KubeObject } from './kubernetes-objects.ts'
import type { KubernetesStore } from './kubernetes-store.ts'
import { type LoggedRequest, listenSwitchable, type Outage } from './switchable-server.ts'

export type ArgoCdApi = {
  readonly url: string
  readonly token: string
  readonly requests: readonly LoggedRequest[]
  /** What the account may do; at first `get` and `sync` of everything. */
  allow(actions: readonly ('get' | 'sync')[]): void
  /** Ends every stream, as a proxy does with long answers. */
  cutStreams(): void
  down(outage?: Outage): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

const TOKEN = 'sandbox-argocd-token'
const PATH = /^\/api\/v1\/applications\/([^/]+)(\/sync)?$/

export async function startArgoCdApi(options: {
  readonly store: KubernetesStore
  readonly clock: SandboxClock
}): Promise<ArgoCdApi> {
  const { store, clock } = options
  let allowed: readonly string[] = ['get', 'sync']
  const streams = new Set<ServerResponse>()
  const unsubscribe = store.subscribe(({ resource, type, object }) => {
    if (resource === APPLICATIONS) for (const response of streams) response.write(eventLine(type, object))
  })
  const handler: SandboxHandler = (request) => {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return refused(401, 16, 'no session information')
    if (request.path === '/api/v1/session/userinfo')
      return { status: 200, body: JSON.stringify({ loggedIn: true, username: 'lockkeeper' }) }
    if (request.path === '/api/v1/stream/applications') return openStream(request, store, streams)
    const [, name, sync] = PATH.exec(request.path) ?? []
    if (name === undefined) return refused(404, 5, 'Not Found')
    if (!allowed.includes(sync === undefined ? 'get' : 'sync')) return refused(403, 7, 'permission denied')
    return sync === undefined ? get(request, store, name) : startSync(request, store, name)
  }
  const server = await listenSwitchable(handler, { now: clock.now })
  return {
    url: server.url,
    token: TOKEN,
    requests: server.requests,
    allow: (actions) => {
      allowed = actions
    },
    cutStreams: () => {
      for (const response of streams) response.end()
      streams.clear()
    },
    down: server.down,
    up: server.up,
    close: async () => {
      unsubscribe()
      for (const response of streams) response.destroy()
      await server.close()
    },
  }
}

/** As grpc-gateway writes it. */
const refused = (status: number, code: number, message: string): SandboxResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: message, code, message }),
})

const answered = (application: KubeObject): SandboxResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(application),
})

function get({ query }: SandboxRequest, store: KubernetesStore, name: string): SandboxResponse {
  const namespace = query.get('appNamespace') ?? 'argocd'
  const key = { resource: APPLICATIONS, namespace, name }
  const refresh = query.get('refresh')
  if (refresh !== null)
    store.update(key, (application) => ({
      ...application,
      metadata: {
        ...application.metadata,
        annotations: { ...application.metadata.annotations, 'argocd.argoproj.io/refresh': refresh },
      },
    }))
  const application = store.get(APPLICATIONS, namespace, name)
  // Nobody learns by asking which Applications there are.
  return application === undefined ? refused(403, 7, 'permission denied') : answered(application)
}

function startSync({ body }: SandboxRequest, store: KubernetesStore, name: string): SandboxResponse {
  const asked: unknown = JSON.parse(body.toString('utf8'))
  if (!isJsonObject(asked)) return refused(400, 3, 'invalid body')
  const namespace = typeof asked['appNamespace'] === 'string' ? asked['appNamespace'] : 'argocd'
  const application = store.get(APPLICATIONS, namespace, name)
  if (application === undefined) return refused(403, 7, 'permission denied')
  if (application.operation !== undefined) return refused(400, 9, 'another operation is already in progress')
  const sync: JsonObject = { revision: asked['revision'] ?? '', prune: asked['prune'] ?? false }
  const operation = { initiatedBy: { username: 'lockkeeper' }, sync }
  const begun = store.update({ resource: APPLICATIONS, namespace, name }, (current) => ({ ...current, operation }))
  return answered(begun ?? application)
}

function openStream({ response }: SandboxRequest, store: KubernetesStore, streams: Set<ServerResponse>): undefined {
  response.writeHead(200, { 'content-type': 'application/json' })
  for (const application of store.list(APPLICATIONS)) response.write(eventLine('ADDED', application))
  streams.add(response)
  response.once('close', () => streams.delete(response))
  return undefined
}

const eventLine = (type: string, application: KubeObject): string =>
  `${JSON.stringify({ result: { type, application } })}\n`
