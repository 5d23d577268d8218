/** Prometheus instant queries (https://prometheus.io/docs/prometheus/latest/querying/api/). What a value must be is decided in domain/query-value.ts. */
import { fetch } from 'undici'
import { fieldsOf } from '../domain/json-fields.ts'
import { withoutEnd } from '../domain/without-end.ts'
import type { Prometheus, QueryAnswer } from '../services/ports.ts'
import { isStumble, networkReason, sendTwiceIfBroken } from './network-failure.ts'
import { AnswerTooLarge, readAtMost } from './read-at-most.ts'

/** One server of the policy; `token` is sent as a bearer token. */
type PrometheusServer = { readonly url: string; readonly token?: string }

export type PrometheusSettings = {
  readonly servers: ReadonlyMap<string, PrometheusServer>
  readonly timeoutMs?: number
}

/** One number takes some hundred bytes; a query that forgot to aggregate may give every series of the server. */
const MAX_BODY_BYTES = 1024 * 1024
/** What of Prometheus' own words becomes evidence. */
const MAX_ERROR_LENGTH = 300

/** Never throws: an unreachable server is `failed` with the reason, since "unknown" must be an answer of its own to a check. */
export function createPrometheus(settings: PrometheusSettings): Prometheus {
  return {
    query: async (name, query, at) => {
      const server = settings.servers.get(name)
      if (server === undefined) return failed(`no Prometheus server named ${name} in the policy`)
      try {
        const send = () => ask(server, { query, at }, settings.timeoutMs ?? 10_000)
        return readAnswer(await sendTwiceIfBroken(send, ({ status, body }) => isStumble(status) || isCut(status, body)))
      } catch (error) {
        if (error instanceof AnswerTooLarge) return failed('the answer is too large; aggregate to one')
        return failed(networkReason(error))
      }
    },
  }
}

type Question = { readonly query: string; readonly at: Date | undefined }

type Answered = { readonly status: number; readonly body: Readonly<Record<string, unknown>> | undefined }

const isCut = (status: number, body: Answered['body']): boolean => status === 200 && body === undefined

async function ask(server: PrometheusServer, { query, at }: Question, timeoutMs: number): Promise<Answered> {
  const response = await fetch(`${withoutEnd(server.url, '/')}/api/v1/query`, {
    method: 'POST',
    // The server gives up first, so that it does not go on computing for nobody.
    body: new URLSearchParams({
      query,
      timeout: `${Math.max(1, Math.floor(timeoutMs / 1000) - 1)}s`,
      ...(at === undefined ? {} : { time: at.toISOString() }),
    }),
    headers: server.token === undefined ? {} : { authorization: `Bearer ${server.token}` },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  })
  return { status: response.status, body: parseBody(await readAtMost(response.body, MAX_BODY_BYTES)) }
}

function readAnswer({ status, body }: Answered): QueryAnswer {
  if (isCut(status, body)) return failed('what Prometheus answered is no JSON')
  if (body?.['status'] === 'success') return readResult(fieldsOf(body['data']))
  const error = typeof body?.['error'] === 'string' ? body['error'] : `Prometheus answered ${status}`
  return failed(error.slice(0, MAX_ERROR_LENGTH))
}

function parseBody(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return fieldsOf(JSON.parse(bytes.toString('utf8')))
  } catch {
    return undefined
  }
}

function readResult(data: Readonly<Record<string, unknown>> | undefined): QueryAnswer {
  const result = data?.['result']
  if (!Array.isArray(result)) return failed('Prometheus gave no result')
  if (data?.['resultType'] === 'scalar') return readSample(result)
  if (data?.['resultType'] !== 'vector')
    return failed(`the query gives a ${String(data?.['resultType'])}; one number is needed`)
  if (result.length === 0) return { kind: 'no_data', reason: 'no data' }
  if (result.length > 1) return failed(`the query gives ${result.length} series; aggregate them to one`)
  return readSample(fieldsOf(result[0])?.['value'])
}

/** `[time, "text"]`; histograms have no `value`. Values are text, `NaN` and `+Inf` among them. */
function readSample(sample: unknown): QueryAnswer {
  const text: unknown = Array.isArray(sample) ? sample[1] : undefined
  if (typeof text !== 'string') return failed('the query gives a histogram; one number is needed')
  // 0/0: a ratio over a time in which nothing happened.
  if (text === 'NaN') return { kind: 'no_data', reason: 'no data (NaN)' }
  const value = Number(text)
  return Number.isFinite(value) ? { kind: 'value', value } : failed(`the query gives ${text}, which is not a number`)
}

const failed = (reason: string): QueryAnswer => ({ kind: 'failed', reason })
