/** The rules of a promotion with their verdicts, as a table. Judged by src/domain/rules.ts. */
import type { EnvironmentName } from '../domain/ids.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { plain, table } from './markdown.ts'
import { whenFrom } from './when.ts'

const ICONS: Readonly<Record<RuleVerdict['state'], string>> = { pass: '✅', open: '⏳', refused: '❌', skipped: '➖' }

/** One row per rule: verdict, rule, why, and from when on it can pass where time alone decides. */
export function renderRules(rules: readonly RuleVerdict[]): string {
  const rows = rules.map(({ state, rule, detail, earliest }) => [
    ICONS[state],
    rule,
    `${plain(detail)}${earliest === undefined || state !== 'open' ? '' : `, passes from ${whenFrom(earliest)}`}`,
  ])
  return table(['', 'Rule', ''], 'lll', rows)
}

/** The open rules in one line, for a sentence that says what is waited for. */
export function openRules(rules: readonly RuleVerdict[]): string {
  return rules
    .filter(({ state }) => state === 'open' || state === 'refused')
    .map(({ detail, earliest }) => `${plain(detail)}${earliest === undefined ? '' : ` (until ${whenFrom(earliest)})`}`)
    .join('; ')
}

/** What to do about a refusal by these rules: what no waiting mends comes first, then what people can do, then the time. May quote in backticks. */
export function refusalHint(stopping: readonly RuleVerdict[], environment: EnvironmentName): string {
  const stops = (rule: RuleVerdict['rule']) => stopping.find((verdict) => verdict.rule === rule)
  if (stops('who-may') !== undefined) return 'Ask one of them to write the command.'
  if (stops('gates') !== undefined)
    return 'Fix the gates in a new pull request: a release whose gates fail goes nowhere.'
  const hold = stops('hold')
  if (hold !== undefined && hold.earliest === undefined)
    return `When the reason is gone: \`/unlock ${environment}\`, then repeat the command.`
  if (stops('after') !== undefined) return 'Repeat the command once it is verified there.'
  const times = stopping.flatMap(({ earliest }) => (earliest === undefined ? [] : [earliest.getTime()]))
  return times.length === 0
    ? 'Repeat the command when the open rules hold.'
    : `Repeat it from ${whenFrom(new Date(Math.max(...times)))} on.`
}
