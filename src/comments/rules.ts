/** The rules of a promotion with their verdicts, as a table. Judged by src/domain/rules.ts. */
import type { EnvironmentName } from '../domain/ids.ts'
import type { Waiting } from '../domain/promotion.ts'
import { earliestPass, type RuleVerdict, waitingFor } from '../domain/rules.ts'
import { plain, table } from './markdown.ts'
import { whenFrom } from './when.ts'

const ICONS: Readonly<Record<RuleVerdict['state'], string>> = { pass: '✅', open: '⏳', refused: '❌', skipped: '➖' }

/** One row per rule: verdict, rule, why, and from when on it can pass where time alone decides. Below, the time for all where that is later. */
export function renderRules(rules: readonly RuleVerdict[]): string {
  const rows = rules.map(({ state, rule, detail, earliest }) => [
    ICONS[state],
    rule,
    `${plain(detail)}${earliest === undefined || state !== 'open' ? '' : `, passes from ${whenFrom(earliest)}`}`,
  ])
  const { together } = waitingFor(rules)
  const all =
    together === undefined
      ? ''
      : `\n\nAll of them can pass from ${whenFrom(new Date(together))} on, after the next freeze.`
  return `${table(['', 'Rule', ''], 'lll', rows)}${all}`
}

/** The open rules in one line, for a sentence that says what is waited for. */
export const openRules = (rules: readonly RuleVerdict[]): string => renderWaiting(waitingFor(rules))

/** The same of rules as they were last looked at. */
export function renderWaiting({ rules, together }: Waiting): string {
  const each = rules.map(
    ({ detail, until }) => `${plain(detail)}${until === undefined ? '' : ` (until ${whenFrom(new Date(until))})`}`,
  )
  const all =
    together === undefined ? [] : [`all can pass from ${whenFrom(new Date(together))} on, after the next freeze`]
  return [...each, ...all].join('; ')
}

/** What to do about a refusal by these rules: what no waiting mends comes first, then what people can do, then the time. Approvals are given later. May quote in backticks. */
export function refusalHint(rules: readonly RuleVerdict[], environment: EnvironmentName): string {
  const asked = rules.filter(({ rule }) => rule !== 'approvals')
  const stops = (rule: RuleVerdict['rule']) =>
    asked.find((verdict) => verdict.rule === rule && (verdict.state === 'open' || verdict.state === 'refused'))
  if (stops('who-may') !== undefined) return 'Ask one of them to write the command.'
  if (stops('gates') !== undefined)
    return 'Fix the gates in a new pull request: a release whose gates fail goes nowhere.'
  const hold = stops('hold')
  if (hold !== undefined && hold.earliest === undefined)
    return `When the reason is gone: \`/unlock ${environment}\`, then repeat the command.`
  if (stops('after') !== undefined) return 'Repeat the command once it is verified there.'
  const earliest = earliestPass(asked)
  return earliest === undefined
    ? 'Repeat the command when the open rules hold.'
    : `Repeat it from ${whenFrom(earliest)} on${waitingFor(asked).together === undefined ? '' : ', after the next freeze'}.`
}
