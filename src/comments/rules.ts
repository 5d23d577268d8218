/** The rules of a promotion with their verdicts, as a table. Judged by src/domain/rules.ts. */
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
