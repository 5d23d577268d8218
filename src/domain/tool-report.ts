/** Reports of other tools (evidently.ts, great-expectations.ts): their tests as gates. Where the reports lie: services/read-reports.ts. */
import type { Waiver } from './gate.ts'
import type { OutsideGate } from './outside-gate.ts'
import type { ReportSettings } from './settings.ts'

/** One test of a report. */
export type ReportTest = {
  readonly name: string
  readonly passes: boolean
  /** What was seen, in words; from the tool. */
  readonly evidence: string
}

export type ToolReport =
  | { readonly ok: true; readonly tests: readonly ReportTest[] }
  /** Completes "`drift.json` cannot be read: …". */
  | { readonly ok: false; readonly reason: string }

/** More tests than this are shown by their number; those that fail come first. */
const MAX_TESTS = 500
const MAX_EVIDENCE = 300
const MAX_NAME = 200
/** A report of more tests than this is no report of tests. */
export const MAX_TESTS_READ = 10_000
export const TOO_MANY_TESTS: ToolReport = { ok: false, reason: `it holds more than ${MAX_TESTS_READ} tests` }

type GateFacts = {
  readonly report: Pick<ReportSettings, 'name' | 'required'>
  readonly url: string | undefined
  readonly waivers: readonly Waiver[]
}

/** One gate `<report>/<test>` for each test, in the report's order; tests of equal names are numbered: `drift/Min Value`, `drift/Min Value (2)`. */
export function gatesOfTests(tests: readonly ReportTest[], facts: GateFacts): readonly OutsideGate[] {
  const gates = uniquelyNamed(tests).map(({ name, passes, evidence }) =>
    gateOf({ name: `${facts.report.name}/${name}`, verdict: passes ? 'pass' : 'fail', evidence }, facts),
  )
  const isOpen = ({ verdict }: OutsideGate): boolean => verdict !== 'pass'
  const shown = new Set([...gates.filter(isOpen), ...gates.filter((gate) => !isOpen(gate))].slice(0, MAX_TESTS))
  const left = gates.filter((gate) => !shown.has(gate))
  const more = (['fail', 'pass'] as const).flatMap((verdict) => {
    const count = left.filter((gate) => (gate.verdict === 'fail') === (verdict === 'fail')).length
    return count === 0
      ? []
      : [gateOf({ name: `${facts.report.name}/${count} more tests`, verdict, evidence: '' }, facts)]
  })
  return [...gates.filter((gate) => shown.has(gate)), ...more]
}

/** The gate that stands for a whole report which is not there or cannot be read. */
export function gateWithoutTests(
  seen: { readonly verdict: 'missing' | 'pending'; readonly evidence: string },
  facts: GateFacts,
): OutsideGate {
  return gateOf({ name: facts.report.name, ...seen }, facts)
}

function gateOf(
  seen: Pick<OutsideGate, 'name' | 'verdict' | 'evidence'>,
  { report, url, waivers }: GateFacts,
): OutsideGate {
  const gate = {
    ...seen,
    evidence: shortened(seen.evidence, MAX_EVIDENCE),
    required: report.required,
    url,
    waived: undefined,
  }
  if (gate.verdict !== 'fail' && gate.verdict !== 'missing') return gate
  const waiver = waivers.find((each) => each.gate.toLowerCase() === gate.name.toLowerCase())
  return waiver === undefined ? gate : { ...gate, verdict: 'waived', waived: waiver }
}

function uniquelyNamed(tests: readonly ReportTest[]): readonly ReportTest[] {
  const taken = new Set<string>()
  const next = new Map<string, number>()
  return tests.map((test) => {
    const written = shortened(test.name, MAX_NAME)
    const kin = written.toLowerCase()
    let name = written
    let number = next.get(kin) ?? 1
    while (taken.has(name.toLowerCase())) {
      number += 1
      name = `${written} (${number})`
    }
    next.set(kin, number)
    taken.add(name.toLowerCase())
    return { ...test, name }
  })
}

const shortened = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text)
