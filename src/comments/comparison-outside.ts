/** Gates that are no metrics, below the table of metrics: other checks on the head, tests of other tools' reports. */
import type { OutsideGate } from '../domain/outside-gate.ts'
import { gateIcon, gateRank } from './comparison-table.ts'
import { code, details, link, plain, table } from './markdown.ts'

/** So many stand open below each other; of more, those that pass are folded. */
const OPEN_ROWS = 8

/** Blocks of Markdown: what needs attention first, at most `limit` rows in each table. */
export function outsideBlocks(gates: readonly OutsideGate[], limit: number): readonly string[] {
  if (gates.length === 0 || limit === 0) return []
  const sorted = gates.toSorted((a, b) => gateRank(a.verdict, a.required) - gateRank(b.verdict, b.required))
  if (sorted.length <= OPEN_ROWS) return [rows(sorted, limit)]
  const passing = sorted.filter((gate) => gate.verdict === 'pass')
  const rest = sorted.filter((gate) => gate.verdict !== 'pass')
  return [
    ...(rest.length === 0 ? [] : [rows(rest, limit)]),
    ...(passing.length === 0
      ? []
      : [details(`${passing.length}${rest.length === 0 ? '' : ' more'} checks pass`, rows(passing, limit))]),
  ]
}

function rows(gates: readonly OutsideGate[], limit: number): string {
  const shown = gates.slice(0, limit)
  const more = gates.length - shown.length
  const lines = shown.map((gate) => [
    gateIcon(gate.verdict, gate.required),
    link(code(gate.name, 120), gate.url),
    resultCell(gate),
  ])
  return `${table(['', 'Check', 'Result'], 'cll', lines)}${more === 0 ? '' : `\n\n${more} more are not shown.`}`
}

function resultCell({ evidence, verdict, required, waived }: OutsideGate): string {
  const seen = plain(evidence) || '–'
  const notes = [
    verdict === 'fail' || verdict === 'missing' ? `**${seen}**` : seen,
    ...(waived === undefined ? [] : [`waived by ${code(waived.by)}: ${plain(waived.reason)}`]),
    ...(required ? [] : ['optional']),
  ]
  return notes.join(' — ')
}
