/** `verify:` as the rest of the program sees it. Part of repo-settings.ts; the schema: verify-schema.ts. */
import type { HttpCheck, JsonRule, PrometheusCheck } from '../domain/check-settings.ts'
import { parseJsonPath } from '../domain/json-path.ts'
import type { VerifySettings } from '../domain/settings.ts'
import type { RepoDocument } from './repo-schema.ts'
import { toWorkflows } from './workflow-schema.ts'
import { toWorkloads } from './workload-schema.ts'

type VerifyDocument = RepoDocument['environments'][string]['verify']
type HttpDocument = VerifyDocument['http'][number]

export const toVerify = (verify: VerifyDocument): VerifySettings => ({
  within: verify.within,
  for: verify.for,
  every: verify.every,
  workloads: toWorkloads(verify),
  http: verify.http.map(toHttpCheck),
  prometheus: verify.prometheus.map(toPrometheusCheck),
  reports: Object.entries(verify.reports).map(([name, { format, s3 }]) => ({ name, format, uri: s3 })),
  workflows: toWorkflows(verify.workflow),
})

/** `successes` alone is "that many in a row", `of` alone is "all of them". */
function toHttpCheck(check: HttpDocument): HttpCheck {
  const of = check.of ?? check.successes ?? 1
  const { sample } = check
  return {
    name: check.name,
    url: check.url,
    method: check.method ?? (sample === undefined ? 'GET' : 'POST'),
    headers: Object.entries(check.headers ?? {}).map(([name, value]) => ({ name: name.toLowerCase(), value })),
    expect: check.expect,
    maxLatency: check.max_latency,
    bodyContains: check.body_contains,
    json: Object.entries(check.json ?? {}).map(([path, want]) => toJsonRule(path, want)),
    sample,
    successes: check.successes ?? of,
    of,
  }
}

function toJsonRule(path: string, want: NonNullable<HttpDocument['json']>[string]): JsonRule {
  const segments = parseJsonPath(path)
  if (segments === undefined) throw new Error(`the schema let a path through: ${path}`)
  if (typeof want !== 'object' || want === null) return { path, segments, want: { kind: 'equals', value: want } }
  return { path, segments, want: { kind: 'within', min: want.min, max: want.max } }
}

function toPrometheusCheck(check: VerifyDocument['prometheus'][number]): PrometheusCheck {
  return {
    name: check.name,
    server: check.server,
    query: check.query,
    unit: check.unit,
    min: check.min,
    max: check.max,
    maxRegression: check.max_regression,
    goal: check.goal,
    noData: check.no_data,
    noBaseline: check.no_baseline,
  }
}
