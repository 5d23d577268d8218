/** What the keys of `verify:` say about each other. Part of repo-rules.ts; the schema: verify-schema.ts. */
import { formatDuration } from '../domain/duration.ts'
import { EVERY } from '../domain/verification.ts'
import { duration } from './key-types.ts'
import type { RuleReport } from './rules.ts'
import type { KeyPath } from './yaml-node.ts'

const WITHIN = 15 * 60_000

export function checkVerify(report: RuleReport, verify: KeyPath): void {
  checkTimes(report, verify)
  for (const check of report.items([...verify, 'prometheus'])) checkQuery(report, check)
  for (const check of report.items([...verify, 'http'])) checkRequest(report, check, verify)
  for (const check of report.items([...verify, 'workflow'])) checkRun(report, check, verify)
}

/** What may run longer than the rollout may take is cut off by that, and never by its own limit. */
function checkRun(report: RuleReport, check: KeyPath, verify: KeyPath): void {
  const within = timeAt(report, [...verify, 'within'], WITHIN)
  if (timeAt(report, [...check, 'within'], 0) <= within) return
  const reason = `the run may take longer than \`within\` of \`verify\` (${formatDuration(within)})`
  report.error([...check, 'within'], reason, 'make that longer, or this shorter')
}

const timeAt = (report: RuleReport, path: KeyPath, fallback: number): number =>
  duration.safeParse(report.scalar(path)?.text).data ?? fallback

function checkTimes(report: RuleReport, verify: KeyPath): void {
  const within = timeAt(report, [...verify, 'within'], WITHIN)
  const held = timeAt(report, [...verify, 'for'], 0)
  if (held > 0 && timeAt(report, [...verify, 'every'], 0) > held) {
    const reason = '`every` is longer than `for`, so that everything would be seen only once'
    report.error([...verify, 'every'], reason, 'look more often, or make `for` longer')
  }
  if (held > within) {
    report.error(
      [...verify, 'for'],
      `\`for\` is longer than \`within\` (${formatDuration(within)}), so nothing could ever be verified`,
      'make `within` at least as long as `for`, with time for the workload to start',
    )
  }
}

function checkQuery(report: RuleReport, check: KeyPath): void {
  report.atLeastOne(check, ['min', 'max', 'max_regression'], 'this check has no bounds')
  report.orderedBounds(check)
  const [compares, goal] = [report.has([...check, 'max_regression']), report.has([...check, 'goal'])]
  if (compares && !goal) {
    const reason = '`max_regression` needs to know which way is better'
    report.errorAtKey([...check, 'max_regression'], reason, 'add `goal: maximize` or `goal: minimize`')
  }
  if (goal && !compares)
    report.errorAtKey([...check, 'goal'], '`goal` is for `max_regression`, which is not here', 'remove it')
  if (report.has([...check, 'no_baseline']) && !compares)
    report.errorAtKey(
      [...check, 'no_baseline'],
      '`no_baseline` is for `max_regression`, which is not here',
      'remove it',
    )
}

function checkRequest(report: RuleReport, check: KeyPath, verify: KeyPath): void {
  const [successes, of] = [report.number([...check, 'successes']), report.number([...check, 'of'])]
  if (successes !== undefined && of !== undefined && successes > of)
    report.error([...check, 'successes'], '`successes` is more than `of`', 'ask for fewer successes, or more requests')
  const every = timeAt(report, [...verify, 'every'], EVERY)
  const needed = ((successes ?? of ?? 1) - 1) * every
  if (needed > timeAt(report, [...verify, 'within'], WITHIN)) {
    const path = [...check, successes === undefined ? 'of' : 'successes']
    const reason = `so many requests, one every ${formatDuration(every)}, take longer than \`within\``
    report.error(path, reason, 'ask for fewer, look more often (`every`), or make `within` longer')
  }
  const method = report.scalar([...check, 'method'])?.text
  if (report.has([...check, 'sample']) && method !== undefined && method !== 'POST')
    report.error([...check, 'method'], 'a `sample` is sent by POST', 'remove `method`')
  if (method === 'HEAD') {
    for (const key of ['body_contains', 'json'].filter((each) => report.has([...check, each])))
      report.errorAtKey([...check, key], 'the answer to a HEAD request has no body', 'write `method: GET`')
  }
  for (const name of report.names([...check, 'json'])) {
    const rule = [...check, 'json', name]
    report.atLeastOne(rule, ['min', 'max'], 'this value has no bounds')
    report.orderedBounds(rule)
  }
}
