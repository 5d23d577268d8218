/** The HTTP face of the stand-in: logs, checks, authenticates and dispatches every request to REST routes, GraphQL or pages. */
import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SandboxHandler, SandboxRequest, SandboxResponse } from '../http.ts'
import { GitHubFailure } from './failure.ts'
import { type Fault, type Faults, faultBody, type SeenRequest } from './faults.ts'
import type { Contract, GraphqlExecutor, Pages } from './ports.ts'
import { admit, finish, type Metered, meter, rateHeaders } from './rate-limit.ts'
import { authenticate, type Caller } from './rest/authenticate.ts'
import type { Reply } from './rest/call.ts'
import { createRouter } from './rest/router.ts'
import { routes } from './rest/routes.ts'
import { findMoved, fullName, type GitHubState } from './state.ts'

/** One request that the bot made. `at` is on the sandbox's clock. `operation` is GitHub's operation id, or `graphql`. */
export type RequestRecord = {
  readonly at: string
  readonly method: string
  /** Without `/api/v3` and query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly operation: string | undefined
  /** The name of the operation in a GraphQL document. */
  readonly graphql: string | undefined
  readonly body: unknown
  readonly status: number
  readonly by: 'app' | 'installation' | 'anonymous'
  readonly installation: number | null
  readonly durationMs: number
}

export type ServerSetting = {
  readonly state: GitHubState
  readonly publicKey: string
  readonly contract: Contract
  readonly graphql: GraphqlExecutor
  readonly pages: Pages | undefined
  readonly faults: Faults
  readonly requests: RequestRecord[]
  report(violation: string): void
}

type Api = {
  readonly kind: 'rest' | 'graphql'
  /** Percent-encoded, without the prefix. */
  readonly path: string
  readonly body: unknown
  readonly seen: SeenRequest
}

const findRoute = createRouter(routes)

/** The handler for `listen()`. */
export function createHandler(setting: ServerSetting): SandboxHandler {
  return async (request) => {
    const api = readApi(setting, request)
    if (api === undefined)
      return (await setting.pages?.(setting.state, request)) ?? { status: 404, body: 'There is no such page.' }
    const start = performance.now()
    const caller: { value: Caller } = { value: { kind: 'anonymous' } }
    const fault = setting.faults.take(api.seen)
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs)
    const isBroken = fault?.drop === true || fault?.drop === 'before'
    const reply = isBroken ? undefined : await answer(setting, { request, api, caller, fault })
    setting.state.requestCount += 1
    setting.requests.push({
      at: setting.state.clock.now().toISOString(),
      method: request.method,
      path: api.path,
      query: Object.fromEntries(request.query),
      operation: api.seen.operation,
      graphql: api.seen.graphql,
      body: api.body,
      status: reply?.status ?? 0,
      by: caller.value.kind === 'actor' ? 'installation' : caller.value.kind,
      installation: installationOf(caller.value),
      durationMs: performance.now() - start,
    })
    if (reply !== undefined && fault?.drop !== 'after') return reply
    request.raw.socket.destroy()
    return undefined
  }
}

const installationOf = (caller: Caller): number | null =>
  caller.kind === 'actor' && caller.actor.kind === 'installation' ? caller.actor.token.installation.id : null

/** Redirects lead to `/repositories/<id>/…`, which is the same as by the name. */
function byName(state: GitHubState, path: string): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? []
  const repository = [...state.repositories.values()].find((each) => String(each.id) === id)
  return repository === undefined ? path : `/repos/${fullName(repository)}${rest}`
}

function readApi({ contract, state }: ServerSetting, request: SandboxRequest): Api | undefined {
  const isGraphql = request.path === '/api/graphql'
  if (!isGraphql && !/^\/api\/v3(?:\/|$)/.test(request.path)) return undefined
  const path = isGraphql ? '/graphql' : byName(state, request.path.slice('/api/v3'.length) || '/')
  const body = parse(request.body)
  const document = isGraphql ? documentOf(body) : ''
  const given = typeof body === 'object' && body !== null && 'operationName' in body ? body.operationName : undefined
  const name = typeof given === 'string' ? given : /\b(?:query|mutation)\s+(\w+)/.exec(document)?.[1]
  const operation = isGraphql ? 'graphql' : contract.operation(request.method, path)
  const seen = { method: request.method, path, operation, graphql: isGraphql ? name : undefined, body }
  return { kind: isGraphql ? 'graphql' : 'rest', path, body, seen }
}

const documentOf = (body: unknown): string =>
  typeof body === 'object' && body !== null && 'query' in body ? String(body.query) : ''

/** Undefined for no body; the raw text when it is not JSON. */
function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined
  try {
    return JSON.parse(body.toString())
  } catch {
    return body.toString()
  }
}

type Incoming = {
  readonly request: SandboxRequest
  readonly api: Api
  readonly caller: { value: Caller }
  readonly fault: Fault | undefined
}

async function answer(setting: ServerSetting, { request, api, caller, fault }: Incoming): Promise<SandboxResponse> {
  const { state, publicKey } = setting
  const common = {
    date: state.clock.now().toUTCString(),
    'x-github-request-id': randomUUID().toUpperCase(),
    'x-github-enterprise-version': '3.19.0',
  }
  if (fault?.status !== undefined)
    return { status: fault.status, headers: { ...common, ...fault.headers }, body: faultBody(fault) }
  const start = performance.now()
  const metered = meterRequest(setting, { request, api, caller })
  const refused = admit(state.rates, metered)
  if (refused !== undefined)
    return { ...refused, headers: { ...common, ...rateHeaders(state.rates, metered), ...refused.headers } }
  let reply: Reply
  try {
    // Whose credentials are wrong is refused here.
    if (caller.value.kind === 'anonymous') caller.value = authenticate(state, request.headers.authorization, publicKey)
    reply = await dispatch(setting, { request, api, caller, fault })
  } catch (error) {
    reply = printFailure(error, setting, api)
  }
  checkReply(setting, { request, api, reply })
  const final = conditional(request, reply)
  // What has not changed costs nothing.
  finish(state.rates, metered, { took: performance.now() - start, isFree: final.status === 304 })
  return { ...final, headers: { ...common, ...rateHeaders(state.rates, metered), ...final.headers } }
}

/** Tells the caller; whoever cannot be told is metered as nobody. */
function meterRequest(
  { state, publicKey }: ServerSetting,
  { request, api, caller }: Pick<Incoming, 'request' | 'api' | 'caller'>,
): Metered {
  try {
    caller.value = authenticate(state, request.headers.authorization, publicKey)
  } catch {
    // Its own answer says why.
  }
  const who = String(installationOf(caller.value) ?? caller.value.kind)
  const document = api.kind === 'graphql' ? documentOf(api.body) : undefined
  return meter(who, { method: request.method, document })
}

async function dispatch(setting: ServerSetting, incoming: Incoming): Promise<Reply> {
  return incoming.api.kind === 'graphql' ? runGraphql(setting, incoming) : runRest(setting, incoming)
}

async function runGraphql(
  { state, contract, graphql, report }: ServerSetting,
  { request, api, caller }: Incoming,
): Promise<Reply> {
  if (request.method !== 'POST') throw new GitHubFailure(404, 'Not Found')
  if (caller.value.kind !== 'actor') throw new GitHubFailure(401, 'This endpoint requires you to be authenticated.')
  const body = api.body
  if (typeof body !== 'object' || body === null || !('query' in body) || typeof body.query !== 'string')
    throw new GitHubFailure(400, 'A query attribute must be specified and must be a string.')
  const variables =
    'variables' in body && typeof body.variables === 'object' && body.variables !== null ? { ...body.variables } : {}
  for (const problem of contract.graphql(body.query, variables)) report(`graphql ${api.seen.graphql ?? ''}: ${problem}`)
  const operationName =
    'operationName' in body && typeof body.operationName === 'string' ? body.operationName : undefined
  return graphql({ context: { state, actor: caller.value.actor }, query: body.query, variables, operationName })
}

function runRest({ state, contract, report }: ServerSetting, { request, api, caller }: Incoming): Reply {
  const moved = movedTo(state, request, api)
  if (moved !== undefined) return moved
  const match = findRoute(request.method, api.path)
  if (match === undefined) {
    report(`${request.method} ${api.path}: the stand-in has no such route`)
    throw new GitHubFailure(404, 'Not Found')
  }
  const { method, query } = request
  for (const problem of contract.request({ method, path: api.path, query, body: api.body }))
    report(`${method} ${api.path}: ${problem}`)
  if (typeof api.body === 'string') throw new GitHubFailure(400, 'Problems parsing JSON')
  const { route, params } = match
  const url = `${state.urls.rest}${api.path}`
  const call = { state, params, query, body: api.body, accept: request.headers.accept ?? '', url }
  if (route.access === 'anyone') return route.handle(call)
  if (route.access === 'app') {
    if (caller.value.kind !== 'app') throw new GitHubFailure(401, 'A JSON web token could not be decoded')
    return route.handle(call)
  }
  if (caller.value.kind !== 'actor') throw new GitHubFailure(401, 'Requires authentication')
  return route.handle({ ...call, context: { state, actor: caller.value.actor } })
}

/** A repository that has another name now: reading is sent there for good, writing for this once. */
function movedTo(state: GitHubState, request: SandboxRequest, { path }: Api): Reply | undefined {
  const [, owner, name, rest = ''] = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path) ?? []
  const repository = findMoved(state, `${owner}/${name}`)
  if (repository === undefined) return undefined
  const query = request.query.size === 0 ? '' : `?${request.query}`
  const url = `${state.urls.rest}/repositories/${repository.id}${rest}${query}`
  const isReading = request.method === 'GET' || request.method === 'HEAD'
  const message = isReading ? 'Moved Permanently' : 'Temporary Redirect'
  const body = { message, url, documentation_url: `${state.urls.web}/rest` }
  return { status: isReading ? 301 : 307, headers: { location: url }, body }
}

function printFailure(error: unknown, { state, report }: ServerSetting, api: Api): Reply {
  if (!(error instanceof GitHubFailure)) {
    report(
      `${api.seen.method} ${api.path}: the stand-in failed: ${error instanceof Error ? error.stack : String(error)}`,
    )
    return { status: 500, body: { message: 'Server Error' } }
  }
  const { status, message, errors } = error
  return {
    status,
    body: {
      message,
      ...(errors === undefined
        ? {}
        : { errors: errors.map((each) => (each.resource === undefined ? each.message : each)) }),
      documentation_url: `${state.urls.web}/rest`,
      status: String(status),
    },
  }
}

function checkReply(
  { contract, report }: ServerSetting,
  { request, api, reply }: { readonly request: SandboxRequest; readonly api: Api; readonly reply: Reply },
): void {
  if (api.kind === 'graphql') return
  const body: unknown =
    typeof reply.body === 'object' && !Buffer.isBuffer(reply.body) ? JSON.parse(JSON.stringify(reply.body)) : reply.body
  for (const problem of contract.response({ method: request.method, path: api.path, status: reply.status, body }))
    report(`answer ${reply.status} to ${request.method} ${api.path}: ${problem}`)
}

/** ETags for successful reads; 304 when the reader has it already. */
function conditional(request: SandboxRequest, reply: Reply): Reply {
  if (request.method !== 'GET' || reply.status !== 200 || reply.body === undefined) return reply
  const text = Buffer.isBuffer(reply.body) || typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
  const etag = `"${createHash('sha256').update(text).digest('hex')}"`
  const known = request.headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, ''))
  if (known?.includes(etag)) return { status: 304, headers: { etag } }
  return { ...reply, headers: { ...reply.headers, etag } }
}
