/** Our statistics against SciPy's, on random samples of every kind that metrics come in. The reference: statistics-reference.py. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { installPython } from '../../sandbox/recordings/installations.ts'
import { run } from '../../sandbox/recordings/processes.ts'
import { criticalT, holm, summarise, welchP } from '../../src/domain/statistics.ts'

type Pair = { readonly kind: string; readonly a: readonly number[]; readonly b: readonly number[] }
type Answer = { readonly welch: number | null; readonly exact: number; readonly halfWidth: number }
type Answered = { readonly pair: Pair; readonly answer: Answer }
type Answers = {
  readonly pairs: readonly Answer[]
  readonly critical: readonly number[]
  readonly holm: readonly (readonly number[])[]
}

const REQUIREMENTS = fileURLToPath(new URL('./requirements-statistics.txt', import.meta.url))
const REFERENCE = fileURLToPath(new URL('./statistics-reference.py', import.meta.url))
const PER_KIND = 60

// Below this SciPy's and our p may be 0 or a denormal number, which has few digits or none. Every level is far above it.
const SMALLEST_P = 1e-290

const random = seeded(20_261_121)
const PAIRS = pairs()
const DEGREES = [...Array.from({ length: 200 }, (_, index) => index + 1), 1000, 10_000]
const FAMILIES = Array.from({ length: 100 }, (_, size) => Array.from({ length: size + 1 }, () => random() ** 4))

let answers: Answers
beforeAll(async () => {
  const bin = await installPython('statistics', REQUIREMENTS)
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-statistics-'))
  try {
    const asked = join(directory, 'cases.json')
    await writeFile(asked, JSON.stringify({ pairs: PAIRS, degrees: DEGREES, families: FAMILIES }))
    answers = JSON.parse(await run(join(bin, 'python'), [REFERENCE, asked]))
  } finally {
    await rm(directory, { recursive: true })
  }
})

describe("Welch's p", () => {
  // Largest relative deviations, ours and SciPy's: 4e-14 where nothing is lost; 5e-10 and 6e-10 for ordinary samples, of which
  // some spread by a millionth of their size; 6e-7 and 7e-6 far apart; 2e-5 and 4e-5 far from 0.
  it.each([
    'ordinary',
    'two runs a side',
    'variances of 1e-18',
    'one side spread a million times wider',
    'far apart',
    'next to each other',
    'far from 0',
  ])('of samples %s is as exact as that of SciPy', (kind) => {
    const found = ofKind(kind)
    expect(found).toHaveLength(PER_KIND)
    const largest = (ours: (each: Answered) => number): number =>
      Math.max(...found.map((each) => (isTooSmall(each) ? 0 : deviation(ours(each), each.answer.exact))))
    expect(largest(({ pair }) => p(pair))).toBeLessThan(
      Math.max(
        1e-12,
        largest(({ answer }) => answer.welch ?? 1),
      ),
    )
    for (const { pair } of found.filter(isTooSmall)) expect(p(pair)).toBeLessThan(2 * SMALLEST_P)
  })

  it('of equal samples is 1, where SciPy has none for samples without any spread', () => {
    for (const { pair, answer } of ofKind('equal')) {
      expect(deviation(answer.welch ?? 1, 1)).toBeLessThan(1e-15)
      expect(p(pair)).toBe(1)
    }
  })
})

it('the half widths of 95 % intervals are those of SciPy', () => {
  for (const [index, { a }] of PAIRS.entries()) {
    expect(deviation(summary(a).halfWidth, answers.pairs[index]?.halfWidth)).toBeLessThan(1e-13)
  }
})

it('the critical values of t are those of SciPy', () => {
  for (const [index, degrees] of DEGREES.entries()) {
    expect(deviation(criticalT(degrees), answers.critical[index])).toBeLessThan(1e-12)
  }
})

it("Holm's correction is NumPy's", () => {
  for (const [index, family] of FAMILIES.entries()) expect(holm(family)).toEqual(answers.holm[index])
})

/** Relative; what is not there deviates infinitely. */
function deviation(found = Number.POSITIVE_INFINITY, expected = Number.NaN): number {
  if (found === expected) return 0
  return Number.isNaN(expected) ? Number.POSITIVE_INFINITY : Math.abs(found / expected - 1)
}

function isTooSmall({ answer }: Answered): boolean {
  return answer.exact < SMALLEST_P
}

function ofKind(kind: string): readonly Answered[] {
  return PAIRS.flatMap((pair, index) => {
    const answer = answers.pairs[index]
    return pair.kind === kind && answer !== undefined ? [{ pair, answer }] : []
  })
}

function p({ a, b }: Pair): number {
  return welchP(summary(a), summary(b)) ?? Number.NaN
}

function summary(values: readonly number[]) {
  const found = summarise(Float64Array.from(values).sort())
  if (found === undefined) throw new Error('no values')
  return found
}

function pairs(): readonly Pair[] {
  const kinds: Readonly<Record<string, () => Omit<Pair, 'kind'>>> = {
    ordinary: () => pair({ at: between(-1, 1), spread: 10 ** between(-6, 0), apart: between(0, 5) }),
    'two runs a side': () =>
      pair({ at: between(-1, 1), spread: 10 ** between(-3, 0), apart: between(0, 50), n: [2, 2] }),
    'variances of 1e-18': () => pair({ at: 0, spread: 1e-9, apart: between(0, 5) }),
    'one side spread a million times wider': () => pair({ at: 0, spread: 1e-6, apart: between(0, 5), wider: 1e6 }),
    'far apart': () => pair({ at: between(-1, 1), spread: 10 ** between(-12, -3), apart: 10 ** between(2, 12) }),
    'next to each other': () => pair({ at: 0, spread: 1, apart: 10 ** between(-12, -2) }),
    'far from 0': () => pair({ at: 10 ** between(6, 9), spread: 10 ** between(-2, 0), apart: between(0, 5) }),
    equal: () => {
      const { a } = pair({ at: 0, spread: random() < 0.5 ? 0 : 1, apart: 0 })
      return { a, b: a.toReversed() }
    },
  }
  return Object.entries(kinds).flatMap(([kind, make]) => Array.from({ length: PER_KIND }, () => ({ kind, ...make() })))
}

type Making = {
  readonly at: number
  readonly spread: number
  /** In units of the spread. */
  readonly apart: number
  readonly wider?: number
  readonly n?: readonly [number, number]
}

function pair({ at, spread, apart, wider = 1, n }: Making): Omit<Pair, 'kind'> {
  const [first, second] = n ?? [Math.floor(between(2, 21)), Math.floor(between(2, 21))]
  return {
    a: Array.from({ length: first }, () => at + spread * normal()),
    b: Array.from({ length: second }, () => at + spread * (apart + wider * normal())),
  }
}

function between(low: number, high: number): number {
  return low + (high - low) * random()
}

/** Standard normal, by Box and Muller. */
function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Numbers in [0, 1), the same each time: a linear congruential generator is random enough for this. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
