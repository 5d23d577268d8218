/**
 * Student's t for gates over several seeds: intervals of means, Welch's test, Holm's correction. Own code instead of a
 * dependency, see docs/dependencies.md; the live suite holds it against SciPy.
 */

/** `halfWidth` is that of the 95 % interval of the mean; undefined when n is 1. */
export type Summary = {
  readonly n: number
  readonly mean: number
  readonly variance: number | undefined
  readonly halfWidth: number | undefined
}

/**
 * Mean, sample variance and 95 % interval of finite values in ascending order; undefined for none. Ascending, so that the order
 * in which seeds are listed cannot change the last digit of a sum.
 */
export function summarise(sorted: Float64Array): Summary | undefined {
  const n = sorted.length
  const origin = sorted[0]
  if (origin === undefined) return undefined
  // Deviations are taken from the smallest, so that equal values have variance exactly 0.
  let shift = 0
  for (const value of sorted) shift += value - origin
  shift /= n
  const mean = origin + shift
  if (n === 1) return { n, mean, variance: undefined, halfWidth: undefined }
  let squares = 0
  for (const value of sorted) squares += (value - origin - shift) ** 2
  const variance = squares / (n - 1)
  return { n, mean, variance, halfWidth: criticalT(n - 1) * Math.sqrt(variance / n) }
}

/** Two-sided p of Welch's unequal-variances t-test; undefined where one side has fewer than two values. */
export function welchP(a: Summary, b: Summary): number | undefined {
  if (a.variance === undefined || b.variance === undefined) return undefined
  const partA = a.variance / a.n
  const partB = b.variance / b.n
  const difference = Math.abs(a.mean - b.mean)
  const variance = partA + partB
  // Squares beyond the largest double: treated as certain, so that a gate never passes by overflow.
  if (!Number.isFinite(variance)) return difference === 0 ? 1 : 0
  // No spread at all: any difference is certain, none is none.
  if (variance === 0) return difference === 0 ? 1 : 0
  // As shares of the sum: the squares of tiny variances would underflow.
  const shareA = partA / variance
  const shareB = partB / variance
  const degrees = 1 / (shareA ** 2 / (a.n - 1) + shareB ** 2 / (b.n - 1))
  return studentTwoSided(difference / Math.sqrt(variance), degrees)
}

/** P(|T| ≥ |t|) for Student's t with `degrees` > 0 degrees of freedom (not necessarily whole). */
export function studentTwoSided(t: number, degrees: number): number {
  if (!Number.isFinite(t)) return 0
  const sum = degrees + t * t
  return regularisedBeta(degrees / sum, degrees / 2, 0.5, (t * t) / sum)
}

/**
 * Holm's step-down correction: p-values such that rejecting those below a level makes even one false rejection among all of
 * them no likelier than the level. In the order given; none grows when another one falls.
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const adjusted = pValues.map(() => 1)
  let largest = 0
  const ascending = [...pValues.entries()].toSorted(([, a], [, b]) => a - b)
  for (const [rank, [index, p]] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * p))
    adjusted[index] = largest
  }
  return adjusted
}

const critical = new Map<number, number>()

/** The t beyond which 5 % lie, both sides together. */
export function criticalT(degrees: number): number {
  const known = critical.get(degrees)
  if (known !== undefined) return known
  let low = 0
  let high = 16
  while (studentTwoSided(high, degrees) > 0.05) high *= 2
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2
    if (studentTwoSided(middle, degrees) > 0.05) low = middle
    else high = middle
  }
  const value = (low + high) / 2
  critical.set(degrees, value)
  return value
}

/**
 * I_x(a, b), by the continued fraction of the incomplete beta function (https://dlmf.nist.gov/8.17#v), modified Lentz method.
 * `complement` is 1 − x where the caller knows it to more digits than the subtraction has.
 */
export function regularisedBeta(x: number, a: number, b: number, complement = 1 - x): number {
  if (x <= 0) return 0
  if (complement <= 0) return 1
  const powers = a * logOf(x, complement) + b * logOf(complement, x)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + powers)
  // The fraction converges fast only on this side of the mean; the other side is its mirror image.
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(complement, b, a)) / b
}

/** log(x), without losing the digits of an x next to 1. */
function logOf(x: number, complement: number): number {
  return x < 0.5 ? Math.log(x) : Math.log1p(-complement)
}

function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    result *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    const factor = d * c
    result *= factor
    if (Math.abs(factor - 1) < 1e-15) break
  }
  return result
}

// Lanczos approximation, g = 7, n = 9: relative error below 1e-14 for positive arguments.
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z)
  const sum = LANCZOS.reduce(
    (total, coefficient, index) => (index === 0 ? coefficient : total + coefficient / (z - 1 + index)),
    0,
  )
  const t = z + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (z - 0.5) * Math.log(t) - t + Math.log(sum)
}
