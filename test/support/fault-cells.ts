/** The cells of the fault matrix, each the name of a call under a fault, and which of them one play of a flow meets: many at once, since most leave no trace. Played by fault-matrix.test.ts. */
import { namesOf } from './call-catalogue.ts'
import type { FaultRecord } from './fault-record.ts'
import { FAULTS, fits, type OutsideFault } from './outside-faults.ts'
import type { OutsideCall } from './outside-proxy.ts'

/** One field of the matrix: `row` is a name of call-catalogue.ts. */
export type Cell = { readonly row: string; readonly fault: OutsideFault }

/** `nth`: the call of that name that meets it, from 0; `every`: each one for as long as the fault stays. */
export type PlannedFault = Cell & { readonly nth: number | 'every' }

export const cellName = ({ row, fault }: Cell): string => `${row}: ${fault.name}`

/** Every cell of these calls. */
export const cellsOf = (rows: readonly string[]): readonly Cell[] =>
  rows.flatMap((row) => FAULTS.filter((fault) => fits(fault, row)).map((fault) => ({ row, fault })))

export const isRecorded = (outcomes: FaultRecord['outcomes'], { row, fault }: Cell): boolean =>
  outcomes[row]?.[fault.name] !== undefined

export const rowsOf = (calls: readonly OutsideCall[]): readonly string[] => [...new Set(calls.flatMap(namesOf))]

/** What looks at a rollout time and again: one that fails half of the time is no fault of a call, it is a bad release. */
const PROBES = /^(?:endpoint|prometheus|kubernetes) /
const FEW = 20
/** What a refusal leads to would hide further ones. */
const REFUSALS_AT_ONCE = 8

/**
 * The next play out of these cells of one flow. Of passing faults as many as there are calls, those first that the play has least of; every second
 * call of a name meets one, so that the repetition between is answered. Where none is left, some refusals, each of another name.
 */
export function nextPlay(cells: readonly Cell[], calls: readonly OutsideCall[]): readonly PlannedFault[] {
  const passing = cells.filter(({ fault }) => fault.nature === 'passing')
  return passing.length > 0 ? passingPlay(passing, calls) : refusals(cells)
}

function passingPlay(cells: readonly Cell[], calls: readonly OutsideCall[]): readonly PlannedFault[] {
  const counts = Map.groupBy(
    calls.flatMap((call) => namesOf(call)),
    (name) => name,
  )
  const used = new Map<OutsideFault, number>()
  return [...Map.groupBy(cells, ({ row }) => row)].flatMap(([row, own]) => {
    const gap = PROBES.test(row) ? FEW : 2
    const slots = Math.ceil((counts.get(row)?.length ?? 1) / gap)
    const rarest = own.toSorted((one, other) => (used.get(one.fault) ?? 0) - (used.get(other.fault) ?? 0))
    return rarest.slice(0, slots).map((cell, place) => {
      used.set(cell.fault, (used.get(cell.fault) ?? 0) + 1)
      return { ...cell, nth: place * gap }
    })
  })
}

/** Only a part of what a GraphQL document asks for is refused in practice. */
const isGraphQl = (row: string): boolean => fits({ on: 'GraphQL' }, row)

/** A right or a rule that is not there, which lasts until somebody gives it: one such cell for each call without which the bot starts. */
export const canLast = ({ row, fault }: Cell): boolean =>
  !/^github apps\//.test(row) && (isGraphQl(row) ? /FORBIDDEN$/ : /^403$/).test(fault.name)

/** Refusals, each of another name. */
export function refusals(cells: readonly Cell[]): readonly PlannedFault[] {
  const used = new Map<OutsideFault, number>()
  const play: PlannedFault[] = []
  for (const own of Map.groupBy(cells, ({ row }) => row).values()) {
    const [cell] = own.toSorted((one, other) => (used.get(one.fault) ?? 0) - (used.get(other.fault) ?? 0))
    if (cell === undefined || play.length === REFUSALS_AT_ONCE) continue
    used.set(cell.fault, (used.get(cell.fault) ?? 0) + 1)
    play.push({ ...cell, nth: 0 })
  }
  return play
}
