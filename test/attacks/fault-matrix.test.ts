/**
 * Every call to a system outside under every fault: the story ends as it would have, or whoever asked is told why, by a code of docs/errors.md.
 * Here a sample, which has to come out as fault-outcomes.json says; `npm run test:matrix` plays the cells that are not recorded there, and records them;
 * with LOCKKEEPER_TEST_MATRIX=again all of them, and with `lasting` refusals that meet every call of a name until they are lifted
 * (LOCKKEEPER_TEST_FLOW: only these flows; LOCKKEEPER_TEST_MINUTES: no play begins later; the next run goes on where this one ended).
 */
import { describe, expect, test } from 'vitest'
import { anonymous } from '../support/end-state.ts'
import {
  type Cell,
  canLast,
  cellName,
  cellsOf,
  isRecorded,
  nextPlay,
  type PlannedFault,
  refusals,
  rowsOf,
} from '../support/fault-cells.ts'
import { type FaultFlow, FLOWS } from '../support/fault-flows.ts'
import { type Lasted, OUTAGES, playOutage, toldBy, wrongEnd } from '../support/fault-lasting.ts'
import {
  addOutageToFaultRecord,
  addToFaultRecord,
  type FaultRecord,
  type NewOutcome,
  type RecordedOutcome,
  readFaultRecord,
} from '../support/fault-record.ts'
import { type Left, type Outcome, outcomeOf, playUnder } from '../support/fault-run.ts'
import { FAULTS } from '../support/outside-faults.ts'

/** `full`: the cells that are not recorded; `again`: all of them, recorded anew; `lasting`: refusals that stay until they are lifted. Unset: a sample. */
const MODE = process.env['LOCKKEEPER_TEST_MATRIX']
const IS_FULL = MODE !== undefined
const only = process.env['LOCKKEEPER_TEST_FLOW']?.split(',')
const minutes = Number(process.env['LOCKKEEPER_TEST_MINUTES'] ?? Number.POSITIVE_INFINITY)
/** Those that meet most for their time; the others are for the whole matrix. */
const SAMPLE = ['decisions', 'sources', 'checks']
const flows = FLOWS.filter(({ name }) => only?.includes(name) ?? (IS_FULL || SAMPLE.includes(name)))
const began = Date.now()
/** A sample takes two minutes on a quiet machine, and eight beside ten others. */
const MOST_MS = IS_FULL ? 24 * 3_600_000 : 1_200_000

/** So many stories at a time: each is two processes, which wait for most of it, and a database server that is shared. */
const places = Array.from({ length: IS_FULL ? 4 : 2 }, () => Promise.resolve())
let next = 0

function inPlace<T>(play: () => Promise<T>): Promise<T> {
  const place = next++ % places.length
  const playing = (places[place] ?? Promise.resolve()).then(play)
  places[place] = playing.then(
    () => undefined,
    () => undefined,
  )
  return playing
}

const seen = new Set<string>()
const met = new Set<string>()

/** The rest is for the whole matrix. */
const SAMPLE_OUTAGE = 'the App may not merge'
const outages =
  MODE === 'lasting' ? [] : OUTAGES.filter(({ name }) => only?.includes(name) ?? (IS_FULL || name === SAMPLE_OUTAGE))

describe.concurrent('under faults', () => {
  test.each(flows)('$name', { timeout: MOST_MS }, async (flow) => {
    const undisturbed = await inPlace(() => playUnder(flow, []))
    expect([undisturbed.doubled, undisturbed.open]).toEqual([[], []])
    for (const row of rowsOf(undisturbed.calls)) seen.add(row)
    const wrong = await (IS_FULL ? playOpenCells : playSample)({ flow, undisturbed })
    expect(wrong.join('\n\n')).toBe('')
  })

  let usual: Promise<Lasted> | undefined

  test.each(outages)('$name for half an hour', { timeout: MOST_MS }, async (outage) => {
    if (MODE === 'full' && readFaultRecord().outages[outage.name] !== undefined) return
    usual ??= inPlace(() => playOutage(undefined))
    const undisturbed = await usual
    if (Date.now() - began > minutes * 60_000) return
    const lasted = await inPlace(() => playOutage(outage))
    expect(wrongEnd(outage, lasted, undisturbed)).toBeUndefined()
    const line = outage.tells && toldBy(outage.tells, lasted.meanwhile)
    if (IS_FULL) addOutageToFaultRecord(outage.name, anonymous(line ?? '').slice(0, 300))
  })
})

// A run of one flow has not met everything.
test.skipIf(only !== undefined || IS_FULL)(
  'every fault that passes was met, and no call that the record does not name (else: npm run test:matrix)',
  () => {
    const passing = FAULTS.filter(({ nature }) => nature === 'passing').map(({ name }) => name)
    expect(passing.filter((name) => !met.has(name))).toEqual([])
    expect([...seen].filter((call) => !readFaultRecord().calls.includes(call))).toEqual([])
  },
)

type Base = { readonly flow: FaultFlow; readonly undisturbed: Left }

/** One play of faults that pass, which come out as recorded, and one of refusals. */
async function playSample(base: Base): Promise<readonly string[]> {
  return [...(await playPassing(base)), ...(await playRefusals(base))]
}

async function playPassing(base: Base): Promise<readonly string[]> {
  const { calls } = base.undisturbed
  const known = readFaultRecord()
  const isPlayed = (cell: Cell) =>
    cell.fault.nature === 'passing' && isRecorded(known.outcomes, cell) && !NEEDED_AT_ALL.test(cell.row)
  const { outcome, left } = await judged(base, nextPlay(cellsOf(rowsOf(calls)).filter(isPlayed), calls))
  if (outcome.kind === 'recovered') return []
  const recorded = left?.met.map(({ row, fault }) => known.outcomes[row]?.[fault.name]) ?? []
  const expected = recorded.flatMap((one) => (one === undefined || one === 'recovered' ? [] : one.codes))
  // What meets one command adds up: after a quarter of an hour it is given up.
  const isFine = (code: string) => code === 'system_unavailable' || expected.includes(code)
  const others = outcome.kind === 'answered' ? outcome.codes.filter((code) => !isFine(code)) : ['wrong']
  return others.length === 0 ? [] : [inWords(base.flow, outcome, left?.met ?? [])]
}

/** What a refusal changes depends on who asks just then, and with it the story: whatever follows from several is told, and comes to an end. */
async function playRefusals(base: Base): Promise<readonly string[]> {
  const rows = rowsOf(base.undisturbed.calls).filter((row) => !NEEDED_AT_ALL.test(row))
  const cells = cellsOf(rows).filter(({ fault }) => fault.nature === 'refusal')
  const { outcome, left } = await judged(base, refusals(cells))
  return outcome.kind === 'wrong' ? [inWords(base.flow, outcome, left?.met ?? [])] : []
}

/** Without these the bot does not start. */
const NEEDED_AT_ALL = /^github apps\//

/** Which cells some flow plays just now, and how often each was in a play that did not come to it. */
const taken = new Set<string>()
const missed = new Map<string, number>()
const MOST_MISSES = 3

/** What is wrong, after every cell that nobody has played yet. A play that leaves a trace is halved until each cell is known by itself. */
async function playOpenCells(base: Base): Promise<readonly string[]> {
  const wrong: string[] = []
  const halves: (readonly PlannedFault[])[] = []
  const work = async () => {
    while (Date.now() - began < minutes * 60_000) {
      const plan = halves.pop() ?? fresh(base.undisturbed)
      if (plan.length === 0) return
      const { outcome, left } = await judged(base, plan)
      const happened = plan.filter((one) => left?.met.some(({ row, fault }) => row === one.row && fault === one.fault))
      const suspects = left === undefined ? plan : happened
      if (outcome.kind !== 'recovered' && suspects.length > 1) {
        const half = Math.ceil(suspects.length / 2)
        halves.push(suspects.slice(0, half), suspects.slice(half))
      } else {
        for (const cell of suspects) taken.delete(cellName(cell))
        if (outcome.kind === 'wrong') {
          wrong.push(inWords(base.flow, outcome, plan))
          for (const cell of plan) missed.set(cellName(cell), MOST_MISSES)
        } else if (left !== undefined) record(base, left, outcome)
      }
      for (const cell of plan.filter((one) => !suspects.includes(one))) miss(cell)
    }
  }
  await Promise.all(places.map(work))
  return wrong
}

function fresh({ calls }: Left): readonly PlannedFault[] {
  const isFree = (cell: Cell) => !taken.has(cellName(cell)) && (missed.get(cellName(cell)) ?? 0) < MOST_MISSES
  const known = readFaultRecord()
  const open = cellsOf(rowsOf(calls)).filter((cell) => isOpen(cell, known) && isFree(cell))
  const plan =
    MODE === 'lasting' ? open.slice(0, 1).map((cell) => ({ ...cell, nth: 'every' as const })) : nextPlay(open, calls)
  for (const cell of plan) taken.add(cellName(cell))
  return plan
}

/** Whether a run of this mode is to play it yet. */
function isOpen(cell: Cell, { outcomes, lasting }: FaultRecord): boolean {
  if (MODE === 'again') return !replayed.has(cellName(cell))
  return MODE === 'lasting' ? canLast(cell) && !isRecorded(lasting, cell) : !isRecorded(outcomes, cell)
}

const replayed = new Set<string>()

function miss(cell: Cell): void {
  taken.delete(cellName(cell))
  missed.set(cellName(cell), (missed.get(cellName(cell)) ?? 0) + 1)
}

type Judged = { readonly outcome: Outcome; readonly left: Left | undefined }

async function judged({ flow, undisturbed }: Base, plan: readonly PlannedFault[]): Promise<Judged> {
  try {
    const left = await inPlace(() => playUnder(flow, plan))
    for (const { fault } of left.met) met.add(fault.name)
    const outcome = outcomeOf(left, undisturbed)
    if (IS_FULL) tell(flow, outcome, left)
    return { outcome, left }
  } catch (error) {
    return { outcome: { kind: 'wrong', why: String(error), said: [] }, left: undefined }
  }
}

/** A run of hours shows where it stands. */
function tell({ name }: FaultFlow, outcome: Outcome, { met: faults, milliseconds }: Left): void {
  const what = outcome.kind === 'answered' ? outcome.codes.join(' ') : outcome.kind === 'wrong' ? outcome.why : ''
  const isShort = faults.length > 3 && outcome.kind !== 'wrong'
  const cells = isShort ? `${faults.length} cells` : faults.map(cellName).join('; ')
  process.stderr.write(`${name}: ${cells}: ${outcome.kind} ${what}, ${Math.round(milliseconds / 1000)} s\n`)
}

const inWords = ({ name }: FaultFlow, outcome: Outcome, plan: readonly Cell[]): string =>
  outcome.kind === 'recovered'
    ? ''
    : `${name} ${outcome.kind === 'wrong' ? outcome.why : outcome.codes.join(' ')}\n${outcome.said.join('\n---\n')}\nunder\n${plan.map((cell) => `  ${cellName(cell)}`).join('\n')}`

/** What is asked only because of a fault (what was made before a crash) is no call of the flow. */
function record({ undisturbed }: Base, { met: faults }: Left, outcome: Exclude<Outcome, { kind: 'wrong' }>): void {
  const played = rowsOf(undisturbed.calls)
  const recorded: RecordedOutcome =
    outcome.kind === 'recovered' ? 'recovered' : { codes: outcome.codes, comment: outcome.comment }
  const cells = faults.flatMap(({ rows, fault }): readonly Cell[] =>
    rows.filter((row) => played.includes(row)).map((row) => ({ row, fault })),
  )
  for (const cell of cells) replayed.add(cellName(cell))
  const added = cells.map(({ row, fault }): NewOutcome => ({ row, fault: fault.name, outcome: recorded }))
  addToFaultRecord(MODE === 'lasting' ? 'lasting' : 'outcomes', played, added)
}
