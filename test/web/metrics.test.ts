/** What Prometheus reads of a Lockkeeper. */
import { afterEach, expect, it } from 'vitest'
import { createKnownLimits } from '../../src/clients/github/known-limits.ts'
import { type HttpServer, startServer } from '../../src/intake/server.ts'
import { metricsRoute } from '../../src/web/metrics.ts'
import { silentLog } from '../support/log.ts'

let server: HttpServer | undefined
afterEach(() => server?.close(0))

it('what is left of the limit of each installation, by the last answer; whole again when its hour is over', async () => {
  const limits = createKnownLimits()
  const facts = { resource: 'graphql', limit: 5000, used: 0 } as const
  limits.heard(7, { ...facts, remaining: 4000, resetAt: 2_000_000 })
  limits.heard(7, { ...facts, remaining: 3999, resetAt: 2_000_000 })
  limits.heard(7, { ...facts, resource: 'core', remaining: 10, resetAt: 900_000 })
  limits.heard('app', { ...facts, resource: 'core', remaining: 4998, resetAt: 2_000_000 })
  const routes = metricsRoute({ limits: () => limits.all(1_000_000) })
  server = await startServer({ host: '127.0.0.1', port: 0, routes, log: silentLog })
  const response = await fetch(`${server.url}/metrics`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(
    await response.text(),
  ).toBe(`# HELP lockkeeper_github_rate_limit Requests that GitHub grants an installation in an hour.
# TYPE lockkeeper_github_rate_limit gauge
lockkeeper_github_rate_limit{installation="7",resource="graphql"} 5000
lockkeeper_github_rate_limit{installation="7",resource="core"} 5000
lockkeeper_github_rate_limit{installation="app",resource="core"} 5000
# HELP lockkeeper_github_rate_limit_remaining What is left of them, by the last answer.
# TYPE lockkeeper_github_rate_limit_remaining gauge
lockkeeper_github_rate_limit_remaining{installation="7",resource="graphql"} 3999
lockkeeper_github_rate_limit_remaining{installation="7",resource="core"} 5000
lockkeeper_github_rate_limit_remaining{installation="app",resource="core"} 4998
# HELP lockkeeper_github_rate_limit_reset_timestamp_seconds When they are all there again.
# TYPE lockkeeper_github_rate_limit_reset_timestamp_seconds gauge
lockkeeper_github_rate_limit_reset_timestamp_seconds{installation="7",resource="graphql"} 2000
lockkeeper_github_rate_limit_reset_timestamp_seconds{installation="7",resource="core"} 900
lockkeeper_github_rate_limit_reset_timestamp_seconds{installation="app",resource="core"} 2000
`)
})
