/** The schema of `canary:`, how a promotion takes the traffic in shares; and the rules over more than one of its keys. Part of environment-schema.ts. */
import * as z from 'zod'
import { duration, serverName, template, tolerance } from './key-types.ts'
import type { RuleReport } from './rules.ts'
import { checkTraffic, traffic } from './traffic-schema.ts'
import type { KeyPath } from './yaml-node.ts'

const step = z
  .strictObject({
    percent: z.int().min(1).meta({ maximum: 99 }).describe('The share of the traffic that the new release gets.'),
    for: duration.describe('How long every check, and every comparison, must hold at this share.'),
  })
  .meta({ description: 'One share of the traffic.' })

const comparison = z
  .strictObject({
    query: template({ examples: ['sum(rate(request_errors_total{version="{{ model.version }}"}[5m]))'] }).describe(
      'A PromQL query with one value as its answer; asked once with the values of the new release, and once with those of the stable one.',
    ),
    stable: template({ examples: ['request_latency_p95{track="stable"}'] })
      .optional()
      .describe('The query for the stable release, where it is not the same one.'),
    server: serverName.prefault('default').describe("The Prometheus server, by its name in the operator's policy."),
    goal: z.enum(['maximize', 'minimize']).prefault('minimize').describe('Which way is better.'),
    max_regression: tolerance.describe(
      'How much worse than the stable release passes: `10%` of its value, or an absolute `0.01`. Of a value of 0, a percentage is 0.',
    ),
  })
  .meta({ description: 'A query whose value for the new release must not be worse than for the stable one.' })

export const canary = z
  .strictObject({
    steps: z.array(step).min(1).max(20).describe('The shares, rising; all of the traffic comes after the last one.'),
    traffic,
    compare: z.array(comparison).prefault([]).describe('What the new release is compared with the stable one by.'),
  })
  .meta({ description: 'The traffic moves in steps, each a commit of its own that is proven before the next.' })

/** Shares rise, something holds them, and a preview has none. */
export function checkCanary(report: RuleReport, environment: KeyPath): void {
  const path = [...environment, 'canary']
  if (!report.has(path)) return
  checkTraffic(report, environment)
  let last: number | undefined
  for (const item of report.items([...path, 'steps'])) {
    const percent = report.number([...item, 'percent'])
    if (percent === undefined) continue
    if (percent >= 100)
      report.error(
        [...item, 'percent'],
        'all of the traffic is no step',
        'remove it: all of it comes after the last step',
      )
    if (last !== undefined && percent <= last)
      report.error([...item, 'percent'], `${percent} does not come after ${last}`, 'let every step have a larger share')
    last = percent
  }
  if (report.scalar([...environment, 'from'])?.text === 'pull_request')
    report.errorAtKey(
      path,
      'what is not merged takes no share of the traffic of a release',
      'remove it, or `from: pull_request`',
    )
  if (report.has([...path, 'traffic', 'kserve']) && !isProven(report, environment)) {
    const reason = 'nothing proves that the share is divided, and where KServe does not run on Knative it is not'
    report.errorAtKey([...path, 'traffic', 'kserve'], reason, 'name the InferenceService under `verify: kserve:`, too')
  }
}

/** Whether `verify: kserve:` has the InferenceService. A template and a plain name may come to the same. */
function isProven(report: RuleReport, environment: KeyPath): boolean {
  const nameAt = (path: KeyPath) => report.scalar([...path, 'name'])?.text.replace(/\s/g, '')
  const name = nameAt([...environment, 'canary', 'traffic', 'kserve'])
  const kserve = [...environment, 'verify', 'kserve']
  return [kserve, ...report.items(kserve)].some((path) => {
    const proven = nameAt(path)
    if (proven === undefined || name === undefined) return proven !== undefined
    return proven === name || proven.includes('{{') !== name.includes('{{')
  })
}
