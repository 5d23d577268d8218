/** What holds for every set of gates over every pair of sides. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Comparison, compareMetrics } from '../../src/domain/comparison.ts'
import type { GateSpec } from '../../src/domain/settings.ts'

type Sides = { readonly candidate: Columns; readonly baseline: Columns }
/** The values of each metric over the runs; undefined where a run has none. */
type Columns = Readonly<Record<string, readonly (number | undefined)[]>>
type Case = { readonly gates: readonly GateSpec[]; readonly sides: Sides; readonly significance: number }

// Multiples of 1/64: sums and differences are exact, so that a property does not hinge on a last digit.
const value = fc.integer({ min: -640, max: 640 }).map((whole) => whole / 64)
const names = fc.subarray(['a', 'b', 'c', 'd/s=1', 'd/s=2', 'd/s=3'], { minLength: 1 })

const rules = (metric: string): fc.Arbitrary<GateSpec> =>
  fc
    .record({
      goal: fc.constantFrom('maximize' as const, 'minimize' as const),
      bound: fc.option(value, { nil: undefined }),
      maxRegression: fc.option(
        fc.record({
          kind: fc.constantFrom('percent' as const, 'absolute' as const),
          value: fc.constantFrom(0, 0.005, 0.125, 0.5),
        }),
        { nil: undefined },
      ),
      required: fc.boolean(),
    })
    .map(({ goal, bound, ...rest }) => ({
      metric,
      goal,
      min: goal === 'maximize' ? bound : undefined,
      max: goal === 'minimize' ? bound : undefined,
      ...rest,
    }))

const columns = (metrics: readonly string[]): fc.Arbitrary<Columns> =>
  fc.integer({ min: 1, max: 5 }).chain((n) => {
    const column = fc.array(value, { minLength: n, maxLength: n })
    return fc.record(Object.fromEntries(metrics.map((metric) => [metric, column])))
  })

const anyCase: fc.Arbitrary<Case> = names.chain((metrics) =>
  fc.record({
    gates: fc.tuple(...metrics.filter((metric) => metric !== 'd/s=3').map(rules), rules('d/s=*')),
    sides: fc.record({ candidate: columns(metrics), baseline: columns(metrics) }),
    significance: fc.constantFrom(0.01, 0.05, 0.2),
  }),
)

function judge({ gates, sides, significance }: Case): Comparison {
  const { candidate, baseline } = sides
  return compareMetrics({ gates, candidate: runs(candidate), baseline: runs(baseline), waivers: [], significance })
}

function runs(side: Columns): ReadonlyMap<string, number>[] {
  const n = Math.max(...Object.values(side).map((column) => column.length))
  return Array.from({ length: n }, (_, index) => {
    const measured = Object.entries(side).flatMap(([name, column]): [string, number][] => {
      const each = column[index]
      return each === undefined ? [] : [[name, each]]
    })
    return new Map(measured)
  })
}

const mapColumns = (side: Columns, change: (each: number, metric: string) => number | undefined): Columns =>
  Object.fromEntries(
    Object.entries(side).map(([name, column]) => [
      name,
      column.map((each) => (each === undefined ? undefined : change(each, name))),
    ]),
  )

const verdicts = ({ rows }: Comparison) => new Map(rows.map((row) => [row.name, row.gate?.verdict]))
const outcomes = ({ rows, verdict, gates }: Comparison) => ({
  verdict,
  gates,
  rows: rows.map((row) => [row.name, row.change, row.gate?.rules.map((rule) => [rule.rule, rule.outcome])]),
})

const assertFor = <T>(arbitrary: fc.Arbitrary<T>, check: (each: T) => void) =>
  fc.assert(fc.property(arbitrary, check), { numRuns: 500 })

describe('for every set of gates', () => {
  it('a metric that gets better makes no gate fail, its own or another one', () => {
    const improved = anyCase.chain((each) =>
      fc.record({
        each: fc.constant(each),
        metric: fc.constantFrom(...Object.keys(each.sides.candidate)),
        gain: value.map(Math.abs),
      }),
    )
    assertFor(improved, ({ each, metric, gain }) => {
      const before = judge(each)
      const goal = before.rows.find((row) => row.name === metric)?.goal
      const { sides } = each
      const candidate = mapColumns(sides.candidate, (old, name) =>
        name === metric ? old + (goal === 'minimize' ? -gain : gain) : old,
      )
      const after = verdicts(judge({ ...each, sides: { ...sides, candidate } }))
      for (const [name, verdict] of verdicts(before)) {
        if (verdict === 'pass') expect([name, after.get(name)]).toEqual([name, 'pass'])
      }
    })
  })

  it('the unit of measurement does not matter where tolerances are relative', () => {
    const relative = anyCase.map((each) => ({
      ...each,
      gates: each.gates.map((gate) => ({
        ...gate,
        maxRegression: gate.maxRegression && { ...gate.maxRegression, kind: 'percent' as const },
      })),
    }))
    const powerOfTwo = fc.integer({ min: -40, max: 40 }).map((power) => 2 ** power)
    assertFor(fc.tuple(relative, powerOfTwo), ([{ gates, sides, ...rest }, factor]) => {
      const scaled = (side: Columns) => mapColumns(side, (each) => each * factor)
      const there = judge({ gates, sides, ...rest })
      const here = judge({
        ...rest,
        gates: gates.map((gate) => ({
          ...gate,
          min: gate.min === undefined ? undefined : gate.min * factor,
          max: gate.max === undefined ? undefined : gate.max * factor,
        })),
        sides: { candidate: scaled(sides.candidate), baseline: scaled(sides.baseline) },
      })
      expect(outcomes(here)).toEqual(outcomes(there))
    })
  })

  it('the goal and the sign mean the same', () => {
    const negated = (bound: number | undefined) => (bound === undefined ? undefined : -bound)
    assertFor(anyCase, ({ gates, sides, ...rest }) => {
      const mirrored = judge({
        ...rest,
        gates: gates.map((gate) => ({
          ...gate,
          goal: gate.goal === 'maximize' ? 'minimize' : 'maximize',
          min: negated(gate.max),
          max: negated(gate.min),
        })),
        sides: {
          candidate: mapColumns(sides.candidate, (each) => -each),
          baseline: mapColumns(sides.baseline, (each) => -each),
        },
      })
      const there = judge({ gates, sides, ...rest })
      expect(verdicts(mirrored)).toEqual(verdicts(there))
      expect([mirrored.verdict, mirrored.gates]).toEqual([there.verdict, there.gates])
      expect(mirrored.rows.map((row) => row.change)).toEqual(there.rows.map((row) => row.change))
    })
  })

  it('the order of runs and of gates changes nothing, to the last digit', () => {
    const digits = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    const inexact = anyCase.chain((each) =>
      fc.record({
        each: fc.constant(each),
        noise: fc.array(digits, { minLength: 40, maxLength: 40 }),
        gates: fc.shuffledSubarray([...each.gates], { minLength: each.gates.length }),
        turn: fc.nat({ max: 4 }),
      }),
    )
    assertFor(inexact, ({ each: { sides, ...rest }, noise, gates, turn }) => {
      let next = 0
      const noisy = (side: Columns) => mapColumns(side, (old) => old + (noise[next++ % noise.length] ?? 0))
      const turned = (side: Columns): Columns =>
        Object.fromEntries(
          Object.entries(side).map(([name, column]) => [name, [...column.slice(turn), ...column.slice(0, turn)]]),
        )
      const [candidate, baseline] = [noisy(sides.candidate), noisy(sides.baseline)]
      const there = judge({ ...rest, sides: { candidate, baseline } })
      const here = judge({
        ...rest,
        gates,
        sides: { candidate: turned(candidate), baseline: turned(baseline) },
      })
      const sorted = (comparison: Comparison) => comparison.rows.toSorted((a, b) => (a.name < b.name ? -1 : 1))
      expect(sorted(here)).toEqual(sorted(there))
      expect(here.verdict).toBe(there.verdict)
      expect(here.gates.failing.toSorted()).toEqual(there.gates.failing.toSorted())
    })
  })

  it('a gated metric that is absent, NaN or infinite fails by name', () => {
    const spoiled = anyCase.chain((each) =>
      fc.record({
        each: fc.constant(each),
        metric: fc.constantFrom(...Object.keys(each.sides.candidate)),
        bad: fc.constantFrom(undefined, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
        run: fc.nat({ max: 4 }),
      }),
    )
    assertFor(spoiled, ({ each, metric, bad, run }) => {
      const column = each.sides.candidate[metric] ?? []
      const spoilt = column.map((old, index) => (bad === undefined || index === run % column.length ? bad : old))
      const candidate = { ...each.sides.candidate, [metric]: spoilt }
      const { rows, gates } = judge({ ...each, sides: { ...each.sides, candidate } })
      const row = rows.find(({ name }) => name === metric)
      expect(row?.gate).toMatchObject({ verdict: 'missing', rules: [] })
      const isRequired = row?.gate?.spec.required === true
      expect(isRequired ? gates.missing : gates.advisory).toContain(metric)
      if (isRequired) expect([gates.verdict, gates.failing]).toEqual(['fail', expect.arrayContaining([metric])])
    })
  })

  it('the headline and the gates tell one story', () => {
    assertFor(anyCase, (each) => {
      const { rows, verdict } = judge(each)
      for (const row of rows) {
        const outcome = row.gate?.rules.find((rule) => rule.rule === 'max_regression')?.outcome
        if (outcome === 'within_noise') expect(row.change).toBe('same')
        if (outcome !== 'fail') continue
        expect(row.change).toBe('worse')
        expect(['worse', 'mixed']).toContain(verdict)
      }
    })
  })

  it('nothing that is not required fails anything', () => {
    assertFor(anyCase, (each) => {
      const { gates } = judge({ ...each, gates: each.gates.map((gate) => ({ ...gate, required: false })) })
      expect(gates).toMatchObject({ verdict: 'none', failing: [], missing: [], pending: [] })
    })
  })
})
