/** What a foreign server's Retry-After header is worth: a wish, within bounds. */

/** A server that wants more is asked again after an hour all the same: nobody outside decides that work never goes on. */
export const LONGEST_WAIT_SECONDS = 3600

/** Seconds, from a number of seconds or an HTTP date; at most LONGEST_WAIT_SECONDS, undefined for anything else. */
export function retryAfterSeconds(header: unknown, now: Date): number | undefined {
  const text = (Array.isArray(header) ? String(header[0]) : String(header ?? '')).trim()
  if (text === '') return undefined
  const number = Number(text)
  const seconds = Number.isNaN(number) ? (Date.parse(text) - now.getTime()) / 1000 : number
  if (!Number.isFinite(seconds) || (number < 0 && !Number.isNaN(number))) return undefined
  return Math.min(Math.max(0, seconds), LONGEST_WAIT_SECONDS)
}
