/**
 * Stands between one bot and everything outside: GitHub, its storage, MLflow, the cluster, Prometheus, the registry, the bucket, the endpoints and whatever
 * a test adds. It names each request (outside-call.ts), and a director decides what becomes of it. Not between: the story's clock and GitHub's webhooks.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as ask, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listen, type SandboxRequest, type SandboxServer } from '../../sandbox/http.ts'
import type { World } from '../../sandbox/world/index.ts'
import { type OutsideCall, outsideCall } from './outside-call.ts'

export type { OutsideCall } from './outside-call.ts'

/** An answer of the real side, complete. */
export type OutsideAnswer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/**
 * What becomes of a call. `answer`: the system never sees it, the bot gets this. `before`: the system never sees it; `after`: it took effect, and its answer
 * does not arrive. `break` cuts the connection, `hang` never answers, `kill` ends the bot. `rewrite`: it took effect, and the bot gets another answer.
 * `truncate`: it took effect, and half of the answer arrives before the connection is cut. Undefined passes it.
 */
export type Decision =
  | undefined
  | {
      readonly do: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: unknown
    }
  | { readonly do: 'break' | 'hang' | 'kill'; readonly when: 'before' | 'after' }
  | {
      readonly do: 'rewrite'
      /** Another question than the bot's: what it gives is sent as JSON. */
      readonly ask?: (body: unknown) => unknown
      readonly to: (answer: OutsideAnswer) => OutsideAnswer
    }
  | { readonly do: 'truncate' }

export type Director = (call: OutsideCall) => Decision

export type OutsideProxyOptions = {
  /** Further systems by name, with the addresses (`http://127.0.0.1:PORT`) that the policy names them by. */
  readonly systems?: Readonly<Record<string, string>>
  /** The policy instead of the world's, with the real addresses in it. */
  readonly policyText?: string
  /** Ends the bot; resolves when it is gone. For `kill`. */
  readonly killBot?: () => Promise<void>
  /** Called once the bot is gone. Until then every request stays without an answer, and from then on the proxy passes requests again. */
  readonly onKilled?: (call: OutsideCall, when: 'before' | 'after') => void
}

export type OutsideProxy = {
  /** World.variables with the addresses of the proxy, for the bot's environment. */
  readonly variables: Readonly<Record<string, string>>
  /** The policy that those name, for a bot that is started in this process. */
  readonly policyText: string
  /** Every call so far, also those that never reached the other side. */
  readonly calls: readonly OutsideCall[]
  /** Where the proxy stands before this address. */
  addressOf(url: string): string
  /** Who decides from now on; undefined passes everything. */
  direct(director: Director | undefined): void
  close(): Promise<void>
}

/** From now on the world's GitHub gives addresses of the proxy, in webhooks as well. Addresses in headers of answers are the proxy's too; those in bodies of other systems stay. */
export async function startOutsideProxy(world: World, options: OutsideProxyOptions = {}): Promise<OutsideProxy> {
  const { github } = world
  const addresses: Readonly<Record<string, string>> = {
    github: github.url,
    storage: github.state.urls.storage,
    mlflow: world.mlflow.url,
    kubernetes: world.kubernetes.url,
    prometheus: world.prometheus.url,
    registry: world.registry.url,
    bucket: world.bucket.url,
    endpoint: world.endpoint.url,
    ...options.systems,
  }
  const calls: OutsideCall[] = []
  const state: State = { calls, director: undefined, isBotDying: false, options, proxied: (text) => text }
  const servers: SandboxServer[] = []
  const ports = new Map<string, string>()
  for (const [system, url] of Object.entries(addresses)) {
    const server = await listen((request) => pass(state, { system, url, request }))
    servers.push(server)
    ports.set(new URL(url).port, String(server.port))
  }
  const proxied = (text: string): string =>
    text.replaceAll(/127\.0\.0\.1:(\d+)/g, (whole, port: string) => whole.replace(port, ports.get(port) ?? port))
  state.proxied = proxied
  const { web, rest, graphql, storage } = github.state.urls
  github.state.urls = { web: proxied(web), rest: proxied(rest), graphql: proxied(graphql), storage: proxied(storage) }
  const settings = writeSettings(world, proxied, options.policyText)
  return {
    ...settings,
    calls,
    addressOf: proxied,
    direct: (director) => {
      state.director = director
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.close()))
      settings.remove()
    },
  }
}

function writeSettings(world: World, proxied: (text: string) => string, given: string | undefined) {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-outside-'))
  const policyPath = join(directory, 'policy.yml')
  const kubeconfig = join(directory, 'kubeconfig')
  const written = world.variables['LOCKKEEPER_POLICY'] ?? ''
  const policyText = proxied(given ?? readFileSync(written, 'utf8'))
  writeFileSync(policyPath, policyText)
  writeFileSync(kubeconfig, proxied(world.kubernetes.kubeconfig()))
  const variables = Object.fromEntries(Object.entries(world.variables).map(([name, value]) => [name, proxied(value)]))
  return {
    variables: { ...variables, LOCKKEEPER_POLICY: policyPath, KUBECONFIG: kubeconfig },
    policyText,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

type State = {
  readonly calls: OutsideCall[]
  readonly options: OutsideProxyOptions
  director: Director | undefined
  /** A kill is under way: what the bot still asks is not passed on. */
  isBotDying: boolean
  proxied: (text: string) => string
}

type Passing = { readonly system: string; readonly url: string; readonly request: SandboxRequest }

/** Undefined: the answer was written, or there is none. */
async function pass(state: State, { system, url, request }: Passing): Promise<undefined> {
  if (state.isBotDying) return
  const target = request.raw.url ?? '/'
  const question = { index: state.calls.length, system, method: request.method, path: request.path }
  const call = outsideCall({ ...question, query: request.query.toString(), text: request.body.toString() })
  state.calls.push(call)
  const decision = state.director?.(call)
  if (decision?.do === 'answer') return answerWith(request, decision)
  if (decision !== undefined && 'when' in decision && decision.when === 'before')
    return withhold(state, { request, call, decision })
  const answer = await forward(asked(request, call, decision), new URL(target, url))
  if (answer === undefined) {
    request.raw.socket.destroy()
    return
  }
  if (decision === undefined) return relay(state, request, answer)
  const whole = await complete(state, answer)
  if ('when' in decision) return withhold(state, { request, call, decision })
  if (decision.do === 'rewrite') return sendWhole(request, decision.to(whole))
  return truncate(request, whole)
}

function asked(request: SandboxRequest, call: OutsideCall, decision: Decision): SandboxRequest {
  if (decision?.do !== 'rewrite' || decision.ask === undefined) return request
  const body = Buffer.from(JSON.stringify(decision.ask(call.body)))
  return { ...request, body, headers: { ...request.headers, 'content-length': String(body.length) } }
}

/** The answer as soon as its head is there; undefined when the system does not answer. */
function forward(request: SandboxRequest, url: URL): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    const { method, headers, body, response } = request
    const onward = ask(url, { method, headers, agent: false })
    onward.once('response', resolve)
    onward.once('error', () => resolve(undefined))
    // Who waits no longer for a watch ends it. A write goes on: it is under way.
    response.once('close', () => method === 'GET' && onward.destroy())
    onward.end(body)
  })
}

function relay(state: State, { response, raw }: SandboxRequest, answer: IncomingMessage): undefined {
  response.on('error', () => answer.destroy())
  response.writeHead(answer.statusCode ?? 502, replaced(answer.headers, state.proxied))
  response.flushHeaders()
  answer.on('data', (chunk: Buffer) => state.isBotDying || response.write(chunk))
  answer.once('end', () => response.end())
  answer.once('error', () => raw.socket.destroy())
}

async function complete({ proxied }: State, answer: IncomingMessage): Promise<OutsideAnswer> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const headers = replaced(answer.headers, proxied)
  return { status: answer.statusCode ?? 502, headers, body: Buffer.concat(chunks) }
}

const replaced = (headers: IncomingHttpHeaders, proxied: (text: string) => string): IncomingHttpHeaders =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== 'connection' && name !== 'keep-alive')
      .map(([name, value]) => [name, typeof value === 'string' ? proxied(value) : value?.map(proxied)]),
  )

type Withheld = {
  readonly request: SandboxRequest
  readonly call: OutsideCall
  readonly decision: { readonly do: 'break' | 'hang' | 'kill'; readonly when: 'before' | 'after' }
}

async function withhold(state: State, { request, call, decision }: Withheld): Promise<undefined> {
  if (decision.do === 'break') request.raw.socket.destroy()
  if (decision.do !== 'kill' || state.isBotDying) return
  const { killBot, onKilled } = state.options
  if (killBot === undefined) throw new Error('nobody said how to kill the bot')
  state.isBotDying = true
  await killBot()
  state.isBotDying = false
  onKilled?.(call, decision.when)
}

function answerWith(
  { response }: SandboxRequest,
  { status, headers, body }: Extract<Decision, { do: 'answer' }>,
): undefined {
  const isText = typeof body === 'string' || Buffer.isBuffer(body)
  const type = isText || body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }
  response.writeHead(status, { ...type, ...headers })
  response.end(isText ? body : body === undefined ? '' : JSON.stringify(body))
}

function sendWhole({ response }: SandboxRequest, { status, headers, body }: OutsideAnswer): undefined {
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...others } = headers
  response.writeHead(status, { ...others, 'content-length': body.length })
  response.end(body)
}

function truncate({ response, raw }: SandboxRequest, { status, headers, body }: OutsideAnswer): undefined {
  const { 'transfer-encoding': _encoding, ...others } = headers
  response.writeHead(status, { ...others, 'content-length': body.length })
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => raw.socket.destroy())
}
