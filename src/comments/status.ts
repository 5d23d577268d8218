/** The answer to `/status`: what is held, and one row per model and environment; shorter where it would be longer than a comment. */
import type { Hold } from '../domain/hold.ts'
import type { RepoName } from '../domain/ids.ts'
import { type Promotion, wasNeverApplied } from '../domain/promotion.ts'
import { trafficCell } from './canary.ts'
import { holdList } from './holds.ts'
import { COMMENT_LIMIT, plain, table } from './markdown.ts'
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
  /** What keeps promotions from this row. */
  readonly holds: readonly Hold[]
  readonly freeze: { readonly until: Date | undefined; readonly reason: string | undefined } | undefined
  /** When the next one begins. */
  readonly nextFreeze: Date | undefined
}

export type Status = {
  readonly rows: readonly StatusRow[]
  /** Each once, those of several rows, too. */
  readonly holds: readonly Hold[]
  /** Where it is read. */
  readonly readIn: RepoName
}

/** Room for what other commands of the same comment answer. */
const LIMIT = COMMENT_LIMIT - 8000

export function renderStatus(status: Status): string {
  const { rows, holds, readIn } = status
  if (rows.length === 0 && holds.length === 0) return 'No model is configured for that.'
  const moving = rows.filter(({ active }) => active !== undefined).length
  const held = rows.filter((row) => row.holds.length > 0).length
  const headline = `${moving === 0 ? 'Nothing is under way' : `${moving} under way`}${held === 0 ? '' : `, ${held} held`}.`
  const list = holds.length === 0 ? [] : [`🔒 **Held:**\n${holdList(holds, readIn)}`]
  const whole = [headline, ...list, rowsTable(rows)].join('\n\n')
  return whole.length <= LIMIT ? whole : shorter(status, headline)
}

/** Rows in which something happens come first; of the others, and of holds, as many as there is room for. */
function shorter({ rows, holds, readIn }: Status, headline: string): string {
  const isBusy = ({ active, unproven, holds: own }: StatusRow) =>
    active !== undefined || unproven !== undefined || own.length > 0
  const ordered = [...rows.filter(isBusy), ...rows.filter((row) => !isBusy(row))]
  const shownHolds = fitting(holds, LIMIT / 4, (some) => holdList(some, readIn))
  const list =
    shownHolds.length === 0 ? [] : [`🔒 **Held:**\n${holdList(shownHolds, readIn)}${more(holds, shownHolds)}`]
  const shown = fitting(ordered, LIMIT / 2, rowsTable)
  const rest = `Shown: ${shown.length} of ${rows.length} rows, those in which something happens first. \`/status <environment> <model>\` tells of one.`
  return [headline, ...list, rowsTable(shown), rest].join('\n\n')
}

const more = (all: readonly unknown[], shown: readonly unknown[]): string =>
  all.length === shown.length ? '' : `\n- and ${all.length - shown.length} more`

function fitting<Item>(
  items: readonly Item[],
  room: number,
  render: (some: readonly Item[]) => string,
): readonly Item[] {
  let length = 0
  const count = items.findIndex((item) => {
    length += render([item]).length
    return length > room
  })
  return count < 0 ? items : items.slice(0, count)
}

const rowsTable = (rows: readonly StatusRow[]): string =>
  table(
    ['Model', 'Environment', 'Live', 'Under way', 'Stops'],
    'lllll',
    rows.map((row) => [
      plain(row.model),
      plain(row.environment),
      liveCell(row),
      row.active === undefined
        ? '–'
        : `${plain(row.active.label)} ${viaWords(row.active)}: ${stageSentence(row.active)}`,
      stopCell(row),
    ]),
  )

function liveCell({ live, unproven, active }: StatusRow): string {
  const split = trafficCell(active, live)
  if (split !== undefined) return split
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

function stopCell({ holds, freeze, nextFreeze }: StatusRow): string {
  const holders = [...new Set(holds.map(({ by }) => plain(by)))]
  const reason = freeze?.reason === undefined ? '' : ` (${plain(freeze.reason)})`
  const stops = [
    ...(holders.length === 0 ? [] : [`🔒 held by ${holders.join(', ')}`]),
    ...(freeze === undefined
      ? []
      : [`❄️ frozen ${freeze.until === undefined ? 'for good' : `until ${when(freeze.until)}`}${reason}`]),
    ...(nextFreeze === undefined ? [] : [`next freeze ${when(nextFreeze)}`]),
  ]
  return stops.length === 0 ? '–' : stops.join('; ')
}
