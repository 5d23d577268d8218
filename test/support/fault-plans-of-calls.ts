/** Which call of a flow meets which fault: many in one play where the system will do it when it is asked again, one at a time where it refuses. */
import type { PlannedFault } from './fault-run.ts'
import { FAULTS, type OutsideFault } from './outside-faults.ts'
import type { OutsideCall } from './outside-proxy.ts'

/** One field of the matrix. */
export type Cell = { readonly call: string; readonly fault: OutsideFault }

/** Every cell of the calls that a flow makes. */
function cellsOf(calls: readonly OutsideCall[], faults: readonly OutsideFault[] = FAULTS): readonly Cell[] {
  const examples = new Map(calls.map((call) => [call.name, call]))
  return [...examples].flatMap(([call, example]) =>
    faults.filter((fault) => fault.fits(example)).map((fault) => ({ call, fault })),
  )
}

/** What looks at a rollout time and again: one that fails half of the time is no fault of a call, it is a bad release. */
const PROBES = /^(?:endpoint|prometheus|kubernetes) /
const FEW = 20

/** Plays that meet every cell of a passing fault, those first that the play has least of. Every second call of a name meets one, so that the repetition between is answered. */
export function passingPlans(calls: readonly OutsideCall[]): readonly (readonly PlannedFault[])[] {
  const left = new Map(Map.groupBy(cellsOf(calls, PASSING), ({ call }) => call))
  const counts = Map.groupBy(calls, ({ name }) => name)
  const plays: (readonly PlannedFault[])[] = []
  while (left.size > 0) {
    const used = new Map<OutsideFault, number>()
    const play: PlannedFault[] = []
    for (const [name, cells] of left) {
      const gap = PROBES.test(name) ? FEW : 2
      const slots = Math.ceil((counts.get(name)?.length ?? 1) / gap)
      const rarest = cells.toSorted((one, other) => (used.get(one.fault) ?? 0) - (used.get(other.fault) ?? 0))
      for (const [place, cell] of rarest.slice(0, slots).entries()) {
        used.set(cell.fault, (used.get(cell.fault) ?? 0) + 1)
        play.push({ ...cell, nth: place * gap })
      }
      if (rarest.length > slots) left.set(name, rarest.slice(slots))
      else left.delete(name)
    }
    plays.push(play)
  }
  return plays
}

/** Each cell of a refusal alone: what a refusal leads to would hide the next one. */
export const loneCells = (calls: readonly OutsideCall[]): readonly (readonly PlannedFault[])[] =>
  cellsOf(calls, REFUSALS).map((cell) => [{ ...cell, nth: 0 }])

/** Faults that stay, alone: a system that is away, one that refuses, one that is too busy. */
export const stayingCells = (calls: readonly OutsideCall[]): readonly (readonly PlannedFault[])[] =>
  cellsOf(
    calls.filter(({ name }) => !NEEDED_AT_ALL.test(name)),
    FAULTS.filter(({ name }) => STAYING.has(name)),
  ).map((cell) => [{ ...cell, nth: 'every' }])

const PASSING = FAULTS.filter(({ nature }) => nature === 'passing')
const REFUSALS = FAULTS.filter(({ nature }) => nature === 'refusal')
const STAYING = new Set(['403', '404', '429 with Retry-After', '500', 'reset, nothing done', 'one write FORBIDDEN'])
/** Without these nobody can be told anything, and the bot does not start. */
const NEEDED_AT_ALL = /^github apps\//

/** Three plays with a call for each fault that refuses. */
export function refusalSample(calls: readonly OutsideCall[]): readonly (readonly PlannedFault[])[] {
  const cells = cellsOf(
    calls.filter(({ name }) => !NEEDED_AT_ALL.test(name)),
    REFUSALS,
  )
  const chosen = REFUSALS.flatMap((fault, index) => {
    const fitting = cells.filter((cell) => cell.fault === fault)
    const cell = fitting[(index * 7) % Math.max(1, fitting.length)]
    return cell === undefined ? [] : [{ ...cell, nth: 0 }]
  })
  return [0, 1, 2].map((play) => chosen.filter((_, index) => index % 3 === play))
}
