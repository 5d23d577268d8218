/** Prometheus stand-in: instant queries answered by a function of the story, in the real answer shapes and as of the time that is asked for. Its other half in the bot is src/clients/prometheus.ts. */
import type { SandboxClock } from '../clock.ts'
import type { SandboxHandler, SandboxRequest, SandboxResponse } from '../http.ts'
import { type LoggedRequest, listenSwitchable, type Outage } from './switchable-server.ts'

/** One sample of a vector. */
export type Sample = { readonly metric?: Readonly<Record<string, string>>; readonly value: number | string }

/** What a query gives: a number (a vector of one), `NaN`, `none` (an empty vector), several samples, a scalar, or an error. */
export type QueryResult =
  | number
  | 'NaN'
  | '+Inf'
  | '-Inf'
  | 'none'
  | { readonly samples: readonly Sample[] }
  | { readonly scalar: number }
  | { readonly error: string; readonly errorType?: PrometheusErrorType }

export type PrometheusErrorType = 'bad_data' | 'execution' | 'timeout' | 'canceled' | 'unavailable' | 'internal'

export type PrometheusSandbox = {
  readonly url: string
  readonly requests: readonly LoggedRequest[]
  /** The queries that were asked, in order. */
  readonly queries: readonly string[]
  /** Replaces the function that answers queries; at first every query gives `none`. */
  answer(series: (query: string, at: Date) => QueryResult): void
  down(outage?: Outage): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

const STATUS: Readonly<Record<PrometheusErrorType, number>> = {
  bad_data: 400,
  execution: 422,
  timeout: 503,
  canceled: 503,
  unavailable: 503,
  internal: 500,
}

export type PrometheusOptions = { readonly clock: SandboxClock; readonly port?: number }

export async function startPrometheus({ clock, ...listening }: PrometheusOptions): Promise<PrometheusSandbox> {
  const queries: string[] = []
  let series: (query: string, at: Date) => QueryResult = () => 'none'
  const handler: SandboxHandler = (request) => {
    if (request.path === '/-/healthy') return { status: 200, body: 'Prometheus Server is Healthy.\n' }
    if (request.path === '/-/ready') return { status: 200, body: 'Prometheus Server is Ready.\n' }
    if (request.path !== '/api/v1/query') return { status: 404, body: '404 page not found\n' }
    if (request.method !== 'GET' && request.method !== 'POST') return { status: 405, body: 'Method Not Allowed\n' }
    const query = argumentsOf(request).get('query') ?? ''
    if (query.trim() === '') {
      return failed(
        'bad_data',
        'invalid parameter "query": unknown position: parse error: no expression found in input',
      )
    }
    const at = timeOf(argumentsOf(request).get('time'), clock.now())
    if (at === undefined) return failed('bad_data', 'invalid parameter "time": cannot parse to a valid timestamp')
    queries.push(query)
    return answerWith(series(query, at), at)
  }
  const server = await listenSwitchable(handler, { ...listening, now: clock.now })
  return {
    url: server.url,
    requests: server.requests,
    queries,
    answer: (next) => {
      series = next
    },
    down: server.down,
    up: server.up,
    close: server.close,
  }
}

/** RFC 3339 or Unix seconds; absent: now. */
function timeOf(text: string | null, now: Date): Date | undefined {
  if (text === null || text === '') return now
  const at = /^\d+(?:\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text)
  return Number.isNaN(at.getTime()) ? undefined : at
}

function argumentsOf({ method, query, body }: SandboxRequest): URLSearchParams {
  return method === 'POST' ? new URLSearchParams(body.toString('utf8')) : query
}

function answerWith(result: QueryResult, time: Date): SandboxResponse {
  const at = time.getTime() / 1000
  if (result === 'none') return vector([], at)
  if (typeof result !== 'object') return vector([{ value: result }], at)
  if ('error' in result) return failed(result.errorType ?? 'execution', result.error)
  if ('samples' in result) return vector(result.samples, at)
  return succeeded({ resultType: 'scalar', result: [at, written(result.scalar)] })
}

function vector(samples: readonly Sample[], at: number): SandboxResponse {
  const result = samples.map(({ metric = {}, value }) => ({ metric, value: [at, written(value)] }))
  return succeeded({ resultType: 'vector', result })
}

/** Prometheus writes values as text, the special ones in Go's spelling. */
function written(value: number | string): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}

const succeeded = (data: unknown): SandboxResponse => ({ status: 200, body: { status: 'success', data } })

const failed = (errorType: PrometheusErrorType, error: string): SandboxResponse => ({
  status: STATUS[errorType],
  body: { status: 'error', errorType, error },
})
