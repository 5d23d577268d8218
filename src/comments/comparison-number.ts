/** How numbers are written in comparisons: as many digits as the difference needs, and never an invented one. */

const MINUS = '−'
/** Decimals that people still read, that a double still has, and that are ever asked for. */
const READABLE = 10
const EXACT = 15
const SIGNIFICANT = 17
const MOST = 30

/**
 * Decimals so that `values` have at least four significant digits and `delta` at least two. Whole numbers keep none. `beyond`: how
 * far they are beyond limits, of which one digit is seen: nothing reads `0.8000` that is too little for `≥ 0.8`.
 */
export function decimalsFor(
  values: readonly number[],
  delta: number | undefined,
  beyond: readonly number[] = [],
): number {
  const finite = values.filter(Number.isFinite)
  if (finite.every((value) => Number.isInteger(value))) return 0
  const largest = Math.max(...finite.map(Math.abs))
  const forValues = 4 - digitsBeforePoint(largest)
  const forDelta = delta === undefined || delta === 0 ? 0 : 2 - digitsBeforePoint(Math.abs(delta))
  return Math.min(MOST, Math.max(0, forValues, forDelta, ...beyond.map((gap) => 1 - digitsBeforePoint(Math.abs(gap)))))
}

/** `0.9031`, `131`, `1.3e−12`, `NaN`, `∞`. Values too large or small for decimals are written with an exponent. */
export function formatNumber(value: number, decimals: number): string {
  if (Number.isNaN(value)) return 'NaN'
  const sign = value < 0 ? MINUS : ''
  const size = Math.abs(value)
  if (size === Number.POSITIVE_INFINITY) return `${sign}∞`
  const isTiny = size !== 0 && (size < 0.5 * 10 ** -decimals || (decimals > READABLE && size < 1e-6))
  if (size < 1e12 && !isTiny)
    return `${sign}${size.toFixed(Math.min(decimals, size === 0 ? READABLE : exactDecimals(size)))}`
  // As far behind the point as the others of its row.
  const digits = isTiny ? Math.min(EXACT, Math.max(2, decimals + digitsBeforePoint(size) - 1)) : 2
  return `${sign}${size.toExponential(digits).replace('e+', 'e').replace('e-', `e${MINUS}`)}`
}

/** What a double still has behind the point: 17 significant digits, so that small numbers have more. */
const exactDecimals = (size: number): number => Math.max(EXACT, SIGNIFICANT - digitsBeforePoint(size))

/** With its sign: `+0.0113`, `−35`, `0`. */
export function formatSigned(value: number, decimals: number): string {
  if (value === 0) return '0'
  return value > 0 ? `+${formatNumber(value, decimals)}` : formatNumber(value, decimals)
}

/** `+1.3%`, `+36%`, `−0.042%`, `−99.9%`: two significant digits, more before the point or where it would look like a limit that it is `beyond`. */
export function formatPercent(percent: number, beyond?: number): string {
  // Only what went to 0 lost 100 percent.
  const gaps = [beyond, percent > -100 && percent <= -99.5 ? 100 + percent : undefined].filter(
    (gap) => gap !== undefined,
  )
  const wanted = gaps.map((gap) => 1 - digitsBeforePoint(Math.abs(gap)))
  const digits = Math.min(READABLE, Math.max(0, 2 - digitsBeforePoint(Math.abs(percent)), ...wanted))
  return `${formatSigned(percent, digits)}%`
}

/** A limit as people wrote it: `0.8`, `120`. */
export function formatLimit(value: number): string {
  const size = Math.abs(value)
  const text = size !== 0 && (size >= 1e12 || size < 1e-6) ? size.toExponential() : String(size)
  return value < 0 ? `${MINUS}${text}` : text
}

/** `p < 0.001`, `p = 0.31`, `p = 1`. */
export function formatP(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p === 1 ? '1' : p.toPrecision(2)}`
}

/** 96 → 2, 0.9 → 0, 0.03 → −1. */
function digitsBeforePoint(size: number): number {
  return size === 0 ? 1 : Math.floor(Math.log10(size)) + 1
}
