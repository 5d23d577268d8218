/** The schema of `verify:`. Part of environment-schema.ts; its rules over more than one key: verify-rules.ts; workloads: workload-schema.ts; what it becomes: verify-settings.ts. */
import * as z from 'zod'
import type { SampleDocument } from '../domain/check-settings.ts'
import { parseJsonPath } from '../domain/json-path.ts'
import {
  checkHttpUrl,
  checkPath,
  duration,
  freeName,
  line,
  nameKey,
  quoted,
  serverName,
  template,
  textOf,
  timeLimit,
  tolerance,
} from './key-types.ts'
import { checkObject } from './metric-source-schema.ts'
import { workflowKeys } from './workflow-schema.ts'
import { workloadKeys } from './workload-schema.ts'

const every = textOf(
  { title: 'duration', description: 'A whole number and a unit: `s`, `m`, `h` or `d`.', examples: ['15s', '1m'] },
  (text) => {
    const parsed = duration.safeParse(text)
    const value = parsed.data ?? Number.NaN
    if (value >= 5000 && value <= 600_000) return { ok: true, value }
    return { ok: false, reason: `${quoted(text)} is not a time between 5s and 10m`, hint: 'for example `15s`' }
  },
)

const latency = textOf(
  { title: 'duration', description: 'A whole number and `ms` or `s`, at most a minute.', examples: ['300ms', '2s'] },
  (text) => {
    const [, digits, unit] = /^(\d{1,6}) ?(ms|s)$/.exec(text) ?? []
    const value = Number(digits) * (unit === 's' ? 1000 : 1)
    if (value >= 1 && value <= 60_000) return { ok: true, value }
    return { ok: false, reason: `${quoted(text)} is not a latency of 1ms to 60s`, hint: 'for example `300ms`' }
  },
)

const status = z
  .union([z.int().min(100).max(599), z.enum(['1xx', '2xx', '3xx', '4xx', '5xx'])])
  .meta({ title: 'status or class', examples: [200, '2xx'] })

/** Headers that carry secrets, decide where the request goes, or how it is framed. */
const NOT_STATIC =
  /^(?:authorization|cookie|host|connection|keep-alive|te|trailer|transfer-encoding|content-length|upgrade|expect|accept-encoding|user-agent|proxy-.*|x-forwarded-.*|forwarded|via)$/
/** What services believe that stand behind a proxy: who asks, and what for. */
const BELIEVED =
  /^(?:.*user(?:[_-]?(?:id|name))?|impersonate-.*|x-(?:auth-request|webauth|remote|original|rewrite)-.*|x-real-ip|x-http-method.*|x-method-override)$/
const SECRET = /^(?:authorization|cookie|proxy-authorization)$|api-?key|token|secret|password/

const headerName = z.string().superRefine((name, context) => {
  const problem = headerProblem(name.toLowerCase())
  if (problem !== undefined)
    context.addIssue({ code: 'custom', message: problem.reason, params: { hint: problem.hint } })
})

function headerProblem(name: string): { readonly reason: string; readonly hint: string } | undefined {
  if (!/^[!#$%&'*+.^_`|~\dA-Za-z-]{1,64}$/.test(name))
    return { reason: `${quoted(name)} is not the name of a header`, hint: 'for example `accept`' }
  if (SECRET.test(name))
    return {
      reason: `${quoted(name)} carries a secret, and this file is read by everybody`,
      hint: 'let the check ask an address that needs no secret, for example inside of the cluster',
    }
  if (BELIEVED.test(name)) return { reason: `${quoted(name)} tells a service who asks, or what for`, hint: 'remove it' }
  if (NOT_STATIC.test(name)) return { reason: `${quoted(name)} is set by Lockkeeper itself`, hint: 'remove it' }
  return undefined
}

const headerValue = textOf(
  { title: 'text', description: 'The value of a header.', examples: ['application/json'] },
  (text) =>
    /^[\t\x20-\x7e]{0,1000}$/.test(text)
      ? { ok: true, value: text }
      : { ok: false, reason: 'not a value of a header', hint: 'one line of ASCII, at most 1000 characters' },
)

const jsonPath = z.string().superRefine((text, context) => {
  if (parseJsonPath(text) === undefined)
    context.addIssue({
      code: 'custom',
      message: `${quoted(text)} is not a path`,
      params: { hint: 'keys and indexes between dots, `outputs.0.data.0`, or a JSON pointer, `/outputs/0/data/0`' },
    })
})

const jsonRule = z
  .union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z
      .strictObject({
        min: z.number().optional().describe('The least that is right.'),
        max: z.number().optional().describe('The most that is right.'),
      })
      .meta({ description: 'A number within bounds. At least one of `min`, `max`.' }),
  ])
  .meta({ title: 'value or bounds', examples: [true, '{ min: 0, max: 1 }'] })

const sampleDocument = (description: string) =>
  z
    .union([
      template({
        check: checkPath,
        only: ['model.name', 'environment'],
        examples: ['models/churn/sample-request.json'],
      }).transform((path): SampleDocument => ({ kind: 'file', path })),
      z.record(z.string(), z.unknown()).transform((value): SampleDocument => ({ kind: 'inline', value })),
    ])
    .meta({ title: 'path or mapping', examples: ['models/churn/sample-request.json'] })
    .describe(description)

const sample = z
  .strictObject({
    request: sampleDocument(
      'What is sent: a JSON file of the model repository at the commit of the release, or the JSON itself.',
    ),
    response: sampleDocument(
      'What must come back, in the same two ways. Outputs of V2 are found by their names; what the answer holds besides does not matter.',
    ),
    tolerance: z
      .number()
      .min(0)
      .max(1)
      .prefault(0.001)
      .describe(
        'Of numbers: that share of the right value, or that difference where the right value is below 1. Texts must be equal.',
      ),
  })
  .meta({ description: 'A request of inference whose right answer is known; sent by POST.' })

const httpCheck = z
  .strictObject({
    name: freeName('', 'ready').optional().describe('What people call it. Default: method and address.'),
    url: template({ check: checkHttpUrl, examples: ['https://{{ model.name }}.example.com/v2/health/ready'] }).describe(
      'The address. Redirects are not followed.',
    ),
    method: z.enum(['GET', 'HEAD', 'POST']).optional().describe('Default: `GET`, with `sample` `POST`.'),
    headers: z
      .record(headerName, headerValue)
      .optional()
      .describe('Headers that are sent. Secrets do not belong into this file.'),
    expect: z
      .union([status, z.array(status).min(1)])
      .meta({ title: 'status, class or list of them', examples: [200, '2xx'] })
      .prefault(200)
      .describe('The status that is right.'),
    max_latency: latency.optional().describe('How long the whole answer may take; a slower one is wrong.'),
    body_contains: line({ title: 'text', description: '', examples: ['ready'] })
      .optional()
      .describe('Text that must be in the answer.'),
    json: z
      .record(jsonPath, jsonRule)
      .meta({ title: 'mapping of values or bounds' })
      .optional()
      .describe('What must stand in the answer, by path: `outputs.0.data.0`, or a JSON pointer.'),
    sample: sample.optional(),
    successes: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('How many of the last `of` requests must be right. Default: all.'),
    of: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Over how many requests, one at each look. Default: `successes`, else 1.'),
  })
  .meta({ description: 'An HTTP request that must be answered.' })

const prometheusCheck = z
  .strictObject({
    name: freeName('', 'p95 latency').optional().describe('What people call it. Default: the query.'),
    query: template({ examples: ['rate(request_errors_total{service="{{ model.name }}"}[5m])'] }).describe(
      'A PromQL query with one value as its answer. No data is not "holds".',
    ),
    server: serverName.prefault('default').describe("The Prometheus server, by its name in the operator's policy."),
    unit: textOf({ title: 'unit', description: '', examples: ['s', '%'] }, (text) =>
      /^[\p{L}\p{Sc}%/°²³·*]{1,12}$/u.test(text)
        ? { ok: true, value: text }
        : { ok: false, reason: `${quoted(text)} is not a unit`, hint: 'for example `ms` or `req/s`' },
    )
      .optional()
      .describe('Shown behind the values.'),
    min: z.number().optional().describe('The least that holds.'),
    max: z.number().optional().describe('The most that holds.'),
    max_regression: tolerance
      .optional()
      .describe(
        'How much worse than before the deployment holds: `5%` of the value that the same query had at the moment of the merge, or an absolute `0.01`. A rollback is not compared with what it leaves.',
      ),
    goal: z.enum(['maximize', 'minimize']).optional().describe('Which way is better; with `max_regression`.'),
    no_data: z
      .enum(['wait', 'pass', 'fail'])
      .prefault('wait')
      .describe(
        'What an empty answer (or NaN) means: `wait` until the deadline and then end as not verified for want of data, `pass` as a value that holds, or `fail` as one that does not. A server that does not answer is always waited for.',
      ),
    no_baseline: z
      .enum(['pass', 'fail'])
      .prefault('pass')
      .describe('What it means for `max_regression` that there was no value before the deployment.'),
  })
  .meta({
    description: 'A query whose value must be within bounds. At least one of `min`, `max`, `max_regression`.',
  })

/** `reports` under `verify:`; those of a model (metric-source-schema.ts) judge what training wrote. */
const monitoringReport = z
  .strictObject({
    format: z
      .enum(['evidently', 'great_expectations'])
      .describe('The tool that wrote it, as JSON; as under `reports` of a model.'),
    s3: template({
      check: checkObject,
      examples: ['s3://acme-monitoring/{{ environment }}/{{ model.name }}/drift.json'],
    }).describe('An object in S3, of at most 8 MiB. It counts once it has been written after the merge.'),
  })
  .meta({ description: 'A report whose tests must all pass.' })

export const verify = z
  .strictObject({
    within: timeLimit.prefault('15m').describe('From synced to verified.'),
    for: duration.prefault('0s').describe('Every check must keep holding this long.'),
    every: every.prefault('15s').describe('How often is looked, 5s to 10m.'),
    ...workloadKeys,
    http: z.array(httpCheck).prefault([]).describe('HTTP checks.'),
    prometheus: z.array(prometheusCheck).prefault([]).describe('Prometheus checks.'),
    reports: z
      .record(nameKey, monitoringReport)
      .prefault({})
      .describe('Reports that monitoring writes after the deployment, by name.'),
    ...workflowKeys,
  })
  .meta({ description: 'What must hold before a rollout counts as verified.' })
