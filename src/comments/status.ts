/** The answer to `/status`: one row per model and environment. */
import { type Promotion, wasNeverApplied } from '../domain/promotion.ts'
import type { Hold } from '../domain/rules.ts'
import { plain, table } from './markdown.ts'
import { stageSentence, viaWords } from './rollout.ts'
import { when } from './when.ts'

export type StatusRow = {
  readonly model: string
  readonly environment: string
  /** The newest verified promotion. */
  readonly live: Promotion | undefined
  /** A failed promotion whose values are still in the files. */
  readonly unproven: Promotion | undefined
  readonly active: Promotion | undefined
  readonly hold: Hold | undefined
  readonly freeze: { readonly until: Date | undefined; readonly reason: string | undefined } | undefined
}

export function renderStatus(rows: readonly StatusRow[]): string {
  if (rows.length === 0) return 'No model is configured for that.'
  const held = rows.filter(({ hold }) => hold !== undefined).length
  const moving = rows.filter(({ active }) => active !== undefined).length
  const headline = `${moving === 0 ? 'Nothing is under way' : `${moving} under way`}${held === 0 ? '' : `, ${held} held`}.`
  const cells = rows.map((row) => [
    plain(row.model),
    plain(row.environment),
    liveCell(row),
    row.active === undefined ? '–' : `${plain(row.active.label)}: ${stageSentence(row.active)}`,
    stopCell(row),
  ])
  return `${headline}\n\n${table(['Model', 'Environment', 'Live', 'Under way', 'Stops'], 'lllll', cells)}`
}

function liveCell({ live, unproven }: StatusRow): string {
  const known = knownCell(live)
  if (unproven !== undefined && wasNeverApplied(unproven))
    return `${known}; ⚠️ ${plain(unproven.label)} in Git, not synced`
  if (unproven !== undefined) return `⚠️ ${plain(unproven.label)}, not verified`
  return known
}

function knownCell(live: StatusRow['live']): string {
  if (live?.stage.at !== 'verified') return 'as found'
  return `${plain(live.label)} since ${when(live.stage.verifiedAt)}, ${viaWords(live)}`
}

function stopCell({ hold, freeze }: StatusRow): string {
  const stops = [
    hold === undefined
      ? ''
      : `🔒 held by ${plain(hold.by)}: ${plain(hold.reason)}${hold.until === undefined ? '' : ` (until ${when(hold.until)})`}`,
    freeze === undefined
      ? ''
      : `❄️ frozen ${freeze.until === undefined ? 'for good' : `until ${when(freeze.until)}`}${freeze.reason === undefined ? '' : ` (${plain(freeze.reason)})`}`,
  ].filter((stop) => stop !== '')
  return stops.length === 0 ? '–' : stops.join('; ')
}
