/** The rules of a promotion with their verdicts, as a table. Judged by src/domain/rules.ts. */
import type { Waiting } from '../domain/promotion.ts'
import { earliestPass, type RuleEvidence, type RuleVerdict, stoppingRules, waitingFor } from '../domain/rules.ts'
import { link, lowered, prose, table } from './markdown.ts'
import { when, whenFrom } from './when.ts'

const ICONS: Readonly<Record<RuleVerdict['state'], string>> = { pass: '✅', open: '⏳', refused: '❌', skipped: '➖' }

const CELL = 600

/** One row per rule: verdict, rule, why, what it rests on, and from when on it can pass where time alone decides. Below, the time for all where that is later. */
export function renderRules(rules: readonly RuleVerdict[]): string {
  const rows = rules.map(({ state, rule, detail, earliest, evidence = [] }) => [
    ICONS[state],
    rule,
    [
      [
        prose(detail, CELL),
        evidence
          .map(renderEvidence)
          .filter((part) => part !== '')
          .join('; '),
      ]
        .filter((part) => part !== '')
        .join(detail.includes(': ') ? '; ' : ': '),
      ...(earliest === undefined || state !== 'open' ? [] : [`passes from ${whenFrom(earliest)}`]),
    ].join(', '),
  ])
  const { together } = waitingFor(rules)
  const all =
    together === undefined
      ? ''
      : `\n\nAll of them can pass from ${whenFrom(new Date(together))} on, after the next freeze.`
  return `${table(['', 'Rule', ''], 'lll', rows)}${all}`
}

/** `promotion PR 7 since 2026-11-24 09:01 UTC`, with a link where there is something to look at. */
function renderEvidence({ text, since, until, url }: RuleEvidence): string {
  return [
    ...(text === '' ? [] : [link(prose(text, CELL), url)]),
    ...(since === undefined ? [] : [`since ${when(since)}`]),
    ...(until === undefined ? [] : [`until ${whenFrom(until)}`]),
  ].join(' ')
}

/** The open rules in one line, for a sentence that says what is waited for. */
export const openRules = (rules: readonly RuleVerdict[]): string => renderWaiting(waitingFor(rules))

/** The same of rules as they were last looked at, and what somebody can do about them. */
export function renderWaiting({ rules, together }: Waiting): string {
  const each = rules.map(({ detail, until, act }) => {
    const time = until === undefined ? '' : ` (until ${whenFrom(new Date(until))})`
    return `${prose(detail, CELL)}${time}${act === undefined ? '' : ` – ${prose(lowered(act))}`}`
  })
  const all =
    together === undefined ? [] : [`all can pass from ${whenFrom(new Date(together))} on, after the next freeze`]
  return [...each, ...all].join('; ')
}

/**
 * What to do about a refusal by these rules: who may not does nothing else, what no waiting mends is not waited for; else what people can do,
 * and the earliest time for all of them. Prose.
 */
export function refusalHint(rules: readonly RuleVerdict[]): string {
  const stopping = stoppingRules(rules)
  const whoMay = stopping.filter(({ rule }) => rule === 'who-may')
  const rest = stopping.filter(({ rule }) => rule !== 'who-may')
  const isFinal = rest.some(({ state }) => state === 'refused')
  const from = isFinal ? undefined : latestOf(rest, rules)
  if (whoMay.length > 0) return sentences([`${acts(whoMay).join('. ')}${from ?? ''}`])
  if (isFinal) return sentences(acts(rest.filter(({ state }) => state === 'refused')))
  const todo = acts(rest)
  if (todo.length > 0) return sentences([...todo, `Then repeat the command${from ?? ''}`])
  return from === undefined ? 'Repeat the command when the open rules hold.' : sentences([`Repeat it${from}`])
}

/** ` from 2026-11-24 10:01 UTC on`, of those that time opens; undefined where none is known. */
function latestOf(stopping: readonly RuleVerdict[], rules: readonly RuleVerdict[]): string | undefined {
  const timed = stopping.filter(({ earliest }) => earliest !== undefined)
  // Also a freeze that does not hold yet is in the way by then.
  const judged = [...timed, ...rules.filter(({ state }) => state === 'pass')]
  const earliest = earliestPass(judged)
  if (earliest === undefined) return undefined
  return ` from ${whenFrom(earliest)} on${waitingFor(judged).together === undefined ? '' : ', after the next freeze'}`
}

const acts = (rules: readonly RuleVerdict[]): readonly string[] => [
  ...new Set(rules.flatMap(({ act }) => (act === undefined ? [] : [act]))),
]

/** What is to be added to a file ends with a fenced block, and comes last. */
function sentences(parts: readonly string[]): string {
  const isBlock = (part: string): boolean => part.endsWith('```')
  const ordered = [...parts.filter((part) => !isBlock(part)), ...parts.filter(isBlock).slice(0, 1)]
  return ordered.map((part) => (isBlock(part) ? part : `${part}.`)).join(' ')
}
