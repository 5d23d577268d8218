/**
 * Student's t: intervals of means and Welch's test, for gates over several seeds. Own code instead of a dependency: the one
 * function needed (regularised incomplete beta) is 40 lines, and the npm packages bring hundreds of files or are unmaintained.
 */

/** `halfWidth` is that of the 95 % interval of the mean; undefined when n is 1. */
export type Summary = {
  readonly n: number
  readonly mean: number
  readonly variance: number | undefined
  readonly halfWidth: number | undefined
}

/** Mean, sample variance and 95 % interval of finite values; undefined for none. */
export function summarise(values: readonly number[]): Summary | undefined {
  const n = values.length
  if (n === 0) return undefined
  // Sorted, so that the order in which seeds are listed cannot change the last digit; deviations are taken from the
  // smallest, so that equal values have variance exactly 0.
  const sorted = values.toSorted((a, b) => a - b)
  const origin = sorted[0] ?? 0
  const shift = sorted.reduce((sum, value) => sum + (value - origin), 0) / n
  const mean = origin + shift
  if (n === 1) return { n, mean, variance: undefined, halfWidth: undefined }
  const squares = sorted.reduce((sum, value) => sum + (value - origin - shift) ** 2, 0)
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
  return regularisedBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
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

/** I_x(a, b), by the continued fraction of the incomplete beta function (https://dlmf.nist.gov/8.17#v), modified Lentz method. */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  // The fraction converges fast only on this side of the mean; the other side is its mirror image.
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b
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
