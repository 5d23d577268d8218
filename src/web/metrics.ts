/** `/metrics` in Prometheus' text format. Nobody must be signed in: it tells numbers of installations, no names. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export type MetricsOptions = {
  /** What GitHub last said of its hourly limits; `resetAt` in milliseconds. */
  readonly limits: () => readonly Limit[]
}

type Limit = {
  readonly installation: number | 'app'
  readonly resource: string
  readonly limit: number
  readonly remaining: number
  readonly resetAt: number
}

type Gauge = { readonly name: string; readonly help: string; readonly of: (limit: Limit) => number }

const GAUGES: readonly Gauge[] = [
  {
    name: 'lockkeeper_github_rate_limit',
    help: 'Requests that GitHub grants an installation in an hour.',
    of: ({ limit }) => limit,
  },
  {
    name: 'lockkeeper_github_rate_limit_remaining',
    help: 'What is left of them, by the last answer.',
    of: ({ remaining }) => remaining,
  },
  {
    name: 'lockkeeper_github_rate_limit_reset_timestamp_seconds',
    help: 'When they are all there again.',
    of: ({ resetAt }) => Math.round(resetAt / 1000),
  },
]

export function metricsRoute({
  limits,
}: MetricsOptions): Readonly<Record<'GET /metrics', (request: IncomingMessage, response: ServerResponse) => void>> {
  return {
    'GET /metrics': (_request, response) => {
      const text = render(limits())
      response.writeHead(200, {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        'content-length': Buffer.byteLength(text),
        'cache-control': 'no-store',
      })
      response.end(text)
    },
  }
}

function render(limits: readonly Limit[]): string {
  const families = GAUGES.map(({ name, help, of }) => {
    const samples = limits.map(
      (limit) => `${name}{installation="${limit.installation}",resource="${limit.resource}"} ${of(limit)}\n`,
    )
    return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${samples.join('')}`
  })
  return families.join('')
}
