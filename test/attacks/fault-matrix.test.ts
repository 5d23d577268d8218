/**
 * Every call to a system outside under every fault: the story ends as it would have, or whoever asked is told why, by a code of docs/errors.md.
 * Here a sample with each fault that passes; `npm run test:matrix` plays every cell (LOCKKEEPER_TEST_FLOW: only these flows) and writes fault-outcomes.json.
 */
import { describe, expect, test } from 'vitest'
import { namesOf } from '../support/call-catalogue.ts'
import { type FaultFlow, FLOWS } from '../support/fault-flows.ts'
import { loneCells, passingPlans, refusalSample, stayingCells } from '../support/fault-plans-of-calls.ts'
import { addToFaultRecord, readFaultRecord } from '../support/fault-record.ts'
import { type Left, type Outcome, outcomeOf, type PlannedFault, playUnder } from '../support/fault-run.ts'
import { FAULTS } from '../support/outside-faults.ts'

const IS_FULL = process.env['LOCKKEEPER_TEST_MATRIX'] === 'full'
const only = process.env['LOCKKEEPER_TEST_FLOW']?.split(',')
/** Those that meet most for their time; the others are for the whole matrix. */
const SAMPLE = ['decisions', 'sources', 'checks']
const flows = FLOWS.filter(({ name }) => only?.includes(name) ?? (IS_FULL || SAMPLE.includes(name)))

/** Two stories at a time: each is two processes and a database server that is shared. */
const places = [Promise.resolve(), Promise.resolve()]
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

describe.concurrent('under faults', () => {
  test.each(flows)('$name', { timeout: IS_FULL ? 24 * 3_600_000 : 600_000 }, async (flow) => {
    const undisturbed = await inPlace(() => playUnder(flow, []))
    note(undisturbed)
    const wrong: string[] = []
    const plays = IS_FULL ? everyPlay(flow, undisturbed) : samplePlays(flow, undisturbed)
    await Promise.all(
      plays.map(async (plan) => {
        const told = await inPlace(() => playAgain(flow, { plan, undisturbed }))
        if (told !== undefined) wrong.push(told)
      }),
    )
    expect(wrong.join('\n\n')).toBe('')
  })
})

// A run of one flow has not met everything.
test.skipIf(only !== undefined)(
  'every fault that passes was met, and no call that the record does not name (else: npm run test:matrix)',
  () => {
    // A refusal may end the story before the next one is due.
    const passing = FAULTS.filter(({ nature }) => nature === 'passing').map(({ name }) => name)
    expect(passing.filter((name) => !met.has(name))).toEqual([])
    expect([...seen].filter((call) => !readFaultRecord().calls.includes(call))).toEqual([])
  },
)

function note({ calls, met: faults }: Left): void {
  for (const call of calls) for (const name of namesOf(call)) seen.add(name)
  for (const { fault } of faults) met.add(fault.name)
}

function samplePlays({ name }: FaultFlow, { calls }: Left): readonly (readonly PlannedFault[])[] {
  const passing = passingPlans(calls).slice(0, 1)
  return only?.includes(name) === true ? [...passing, ...refusalSample(calls)] : passing
}

/** A call that several flows make is refused in the first of them only. */
const refused = new Set<string>()

function everyPlay(_: FaultFlow, { calls }: Left): readonly (readonly PlannedFault[])[] {
  const fresh = calls.filter((call) => !refused.has(call.name))
  for (const { name } of fresh) refused.add(name)
  return [...passingPlans(calls), ...loneCells(fresh), ...stayingCells(fresh)]
}

type Again = { readonly plan: readonly PlannedFault[]; readonly undisturbed: Left }

/** What went wrong, for whoever reads it; undefined: nothing. */
async function playAgain(flow: FaultFlow, { plan, undisturbed }: Again): Promise<string | undefined> {
  const orders = plan.map(({ call, fault, nth }) => `  ${call}: ${fault.name} (${nth})`).join('\n')
  try {
    const left = await playUnder(flow, plan)
    note(left)
    const outcome = outcomeOf(left, undisturbed)
    if (IS_FULL) record(left, outcome)
    return outcome.kind === 'wrong'
      ? `${flow.name} ${outcome.why}\n${outcome.said.join('\n---\n')}\nunder\n${orders}`
      : undefined
  } catch (error) {
    return `${flow.name} ${String(error)}\nunder\n${orders}`
  }
}

/** Where several faults met in one play, an answer says nothing of each of them. */
function record(left: Left, outcome: Outcome): void {
  if (outcome.kind === 'wrong' || (outcome.kind === 'answered' && left.met.length > 1)) return
  const added = left.met.map(({ call, fault, nth }) => ({
    call,
    fault: nth === 'every' ? `${fault.name} (stays)` : fault.name,
    outcome: outcome.kind === 'answered' ? outcome.codes : ('recovered' as const),
  }))
  addToFaultRecord(left.calls.flatMap(namesOf), added)
}
