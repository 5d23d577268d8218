/** What the fault matrix has seen so far: test/attacks/fault-outcomes.json. Written by its runs, read by the page docs/guides/faults.md and by the contract that no call is forgotten. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The end was as without the fault; or people were told, with these codes of docs/errors.md, as in that line. */
export type RecordedOutcome = 'recovered' | { readonly codes: readonly string[]; readonly comment: string }

export type FaultRecord = {
  /** Names of calls that some flow plays, as call-catalogue.ts has them. */
  readonly calls: readonly string[]
  /** By name of the call and fault. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, RecordedOutcome>>>>
  /** The same of a refusal that meets every call of that name until nothing goes on any more, and is lifted then. */
  readonly lasting: Readonly<Record<string, Readonly<Record<string, RecordedOutcome>>>>
  /** By name of an outage that lasts (fault-lasting.ts): the line that people read meanwhile; empty where there was none. */
  readonly outages: Readonly<Record<string, string>>
}

const FILE = join(import.meta.dirname, '../attacks/fault-outcomes.json')

export function readFaultRecord(): FaultRecord {
  const none: FaultRecord = { calls: [], outcomes: {}, lasting: {}, outages: {} }
  return existsSync(FILE) ? { ...none, ...(JSON.parse(readFileSync(FILE, 'utf8')) as Partial<FaultRecord>) } : none
}

export type NewOutcome = { readonly row: string; readonly fault: string; readonly outcome: RecordedOutcome }

/** Adds to the file; what it said of the same call and fault before is replaced. */
export function addToFaultRecord(
  part: 'outcomes' | 'lasting',
  calls: readonly string[],
  added: readonly NewOutcome[],
): void {
  const before = readFaultRecord()
  const outcomes = structuredClone(before[part]) as Record<string, Record<string, RecordedOutcome>>
  for (const { row, fault, outcome } of added) outcomes[row] = { ...outcomes[row], [fault]: outcome }
  const all = inOrder(Object.fromEntries(Object.entries(outcomes).map(([row, faults]) => [row, inOrder(faults)])))
  write({ ...before, calls: [...new Set([...before.calls, ...calls])].toSorted(), [part]: all })
}

export function addOutageToFaultRecord(name: string, line: string): void {
  const before = readFaultRecord()
  write({ ...before, outages: inOrder({ ...before.outages, [name]: line }) })
}

const write = ({ outages, calls, outcomes, lasting }: FaultRecord): void =>
  writeFileSync(FILE, `${JSON.stringify({ outages, calls, outcomes, lasting }, null, 1)}\n`)

const inOrder = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).toSorted(([one], [other]) => (one < other ? -1 : 1)))
