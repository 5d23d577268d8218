/** Student's t and Welch's test against printed tables, closed forms and SciPy. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  criticalT,
  holm,
  regularisedBeta,
  studentTwoSided,
  summarise as summariseSorted,
  welchP,
} from '../../src/domain/statistics.ts'

const summarise = (values: readonly number[]) => summariseSorted(Float64Array.from(values).sort())
const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })

describe('the t distribution', () => {
  // Two-sided 5 % column of any printed table of Student's t.
  it.each([
    [1, 12.7062047364],
    [2, 4.3026527299],
    [4, 2.7764451052],
    [10, 2.2281388519],
    [30, 2.042272456],
    [120, 1.9799304051],
  ])('has the printed 95 %% value for %i degrees of freedom', (degrees, value) => {
    expect(criticalT(degrees)).toBeCloseTo(value, 8)
  })

  it.each([
    // With one degree of freedom it is the Cauchy distribution, with two it has a closed form.
    [1, 1, 0.5],
    [Math.sqrt(3), 1, 1 / 3],
    [2, 2, 1 - 2 / Math.sqrt(6)],
    [0, 7, 1],
    [2.0, 5, 0.1019394788],
    [3.5, 8.4, 0.0074835163],
  ])('gives P(|T| ≥ %f) with %f degrees of freedom', (t, degrees, p) => {
    expect(studentTwoSided(t, degrees)).toBeCloseTo(p, 8)
  })

  it('keeps its digits next to t = 0, where x is next to 1', () => {
    // One degree of freedom: 1 − 2/π · atan(t).
    expect(1 - studentTwoSided(1e-6, 1)).toBeCloseTo((2 / Math.PI) * 1e-6, 14)
    expect(studentTwoSided(1e-9, 1)).toBeLessThan(1)
  })

  it('agrees with the closed form of the beta integral for whole arguments', () => {
    // I_x(2, 3) = 6x² − 8x³ + 3x⁴
    for (const x of [0.01, 0.25, 0.5, 0.75, 0.99]) {
      expect(regularisedBeta(x, 2, 3)).toBeCloseTo(6 * x ** 2 - 8 * x ** 3 + 3 * x ** 4, 12)
    }
  })
})

describe("Welch's test", () => {
  const of = (values: readonly number[]) => {
    const summary = summarise(values)
    if (summary === undefined) throw new Error('no values')
    return summary
  }

  // p-values of scipy.stats.ttest_ind(a, b, equal_var=False), SciPy 1.17.1.
  const SCIPY: readonly (readonly [readonly number[], readonly number[], number])[] = [
    [
      [0.900189416076575, 0.902500048762167, 0.898137243264559, 0.901984754561039, 0.899481690924613],
      [0.909738489016019, 0.911899725278465, 0.910157537071634, 0.909957075746208, 0.910729498486436],
      3.859777383627702e-5,
    ],
    [[1.11268539623839, 0.996915672496507], [1.35879937451804, 1.20262756425343], 0.15628423570564098],
    [
      [96.6988857701752, 96.056874690375, 88.0094515186797],
      [
        94.4914858728389, 94.373087270043, 95.7613471445562, 95.8275745521479, 95.6796622926208, 96.0691276447151,
        94.6644144984293,
      ],
      0.6098278336486821,
    ],
    [
      [-0.079465031295354, 0.238098504763408],
      [
        2.75312722068057, -2.03866793579964, -0.699612420926678, -5.54553296775713, -1.01094869164601,
        -6.09007306491095, -3.7581580626764, 3.80453447706683, -6.1048868783282,
      ],
      0.11805217839401687,
    ],
    [
      [
        1.00079856176328e-6, 1.00032789665193e-6, 9.99687660900472e-7, 1.00045934343777e-6, 1.00052746129404e-6,
        1.0010454213123e-6, 9.99769629836397e-7, 9.99407780159069e-7, 9.99395384672177e-7, 9.99013558397844e-7,
      ],
      [
        1.00095507700251e-6, 1.00021424145384e-6, 1.00206859449777e-6, 9.99130576376168e-7, 9.9990625529821e-7,
        1.00004682566532e-6, 9.98907136478945e-7, 1.00290227861739e-6, 9.98591660811334e-7, 1.00071671114846e-6,
      ],
      0.5450843297879129,
    ],
    [
      [0.499999999999475, 0.500000000001656, 0.499999999998015, 0.500000000001072],
      [0.500000000099269, 0.500000000099845, 0.500000000099329, 0.50000000010064],
      5.7405236722982556e-8,
    ],
    [
      [
        -7.27528375104289, -5.15779699840474, -4.29316946614693, -1.31948367184465, -9.81055703685073,
        -1.94975280378998, -3.10386084292004, -5.96717629928129, -4.39014082652365, -5.93200710097812,
        -1.70654297294229, -4.58081919072918, -5.43111135963787, -5.45612386350145, -5.39975238182228,
        -5.35323674548775, -6.7579662234063, -0.883321628885374, -8.82198581727641, -12.2115050428613,
      ],
      [-4.24569875871119, -4.29312960465376, -3.25513123234582],
      0.07601462437328683,
    ],
    [
      [
        2.79549434133244, 2.85188309796472, 3.33234556532333, 3.96841518316914, 2.55202308378418, 2.62718121078309,
        4.94052404936927, 3.53002637191247, 2.01455043900763, 5.3239429559341, 3.77590731638125, 2.41100030824852,
      ],
      [
        1.82558585679225, 3.29831844727563, 2.16779713831198, 1.94246113307102, 1.70399902704039, 2.49382462369138,
        4.10754890861757, 2.56648366275827, 1.55058165492666, 3.66883651126085, 3.06569170601255, 3.84388519274055,
      ],
      0.10658300521065536,
    ],
  ]

  it.each(SCIPY)('gives the p that SciPy gives, case %#', (a, b, p) => {
    expect(Math.abs((welchP(of(a), of(b)) ?? Number.NaN) / p - 1)).toBeLessThan(1e-6)
  })

  it('is certain where nothing varies', () => {
    expect(welchP(of([1, 1]), of([1, 1]))).toBe(1)
    expect(welchP(of([1, 1]), of([1.1, 1.1]))).toBe(0)
  })

  it('cannot say anything about a single run', () => {
    expect(welchP(of([1]), of([1, 2, 3]))).toBeUndefined()
  })

  it('is a probability, the same from both sides and for any order of the seeds', () => {
    const sample = fc.array(finite, { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const p = welchP(of(a), of(b)) ?? -1
        expect(p).toBeGreaterThanOrEqual(0)
        expect(p).toBeLessThanOrEqual(1)
        expect(welchP(of(b), of(a))).toBe(p)
        expect(welchP(of(a.toReversed()), of(b.toReversed()))).toBe(p)
      }),
    )
  })
})

describe("Holm's correction", () => {
  it.each([
    [[], []],
    [[0.04], [0.04]],
    // 0.005 × 4, 0.01 × 3, 0.03 × 2, and then not less than the one before.
    [
      [0.01, 0.04, 0.03, 0.005],
      [0.03, 0.06, 0.06, 0.02],
    ],
    [
      [0.4, 0.4, 0],
      [0.8, 0.8, 0],
    ],
    [
      [0.9, 1, 0.8],
      [1, 1, 1],
    ],
  ])('makes of %j %j', (pValues, adjusted) => {
    const found = holm(pValues)
    expect(found).toHaveLength(adjusted.length)
    for (const [index, p] of adjusted.entries()) expect(found[index]).toBeCloseTo(p, 12)
  })

  it('lowers nothing, keeps the order, and never rises because another p fell', () => {
    const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(pValues, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (all, at, factor) => {
        const before = holm(all)
        const after = holm(all.with(at % all.length, (all[at % all.length] ?? 0) * factor))
        for (const [index, p] of all.entries()) {
          expect(before[index]).toBeGreaterThanOrEqual(p)
          expect(after[index]).toBeLessThanOrEqual(before[index] ?? 0)
          for (const [other, q] of all.entries())
            if (q < p) expect(before[other]).toBeLessThanOrEqual(before[index] ?? 0)
        }
      }),
    )
  })
})

describe('a summary', () => {
  it('gives mean, n and the 95 % interval', () => {
    // t(4) = 2.776; s = 1.5811; s/√5 = 0.7071
    const summary = summarise([1, 2, 3, 4, 5])
    expect(summary).toMatchObject({ n: 5, mean: 3, variance: 2.5 })
    expect(summary?.halfWidth).toBeCloseTo(1.9632, 4)
  })

  it('has no interval for one value, and none at all for no value', () => {
    expect(summarise([4])).toEqual({ n: 1, mean: 4, variance: undefined, halfWidth: undefined })
    expect(summarise([])).toBeUndefined()
  })

  it('finds no variance in equal values', () => {
    expect(summarise([0.1, 0.1, 0.1])).toMatchObject({ mean: 0.1, variance: 0, halfWidth: 0 })
  })
})
