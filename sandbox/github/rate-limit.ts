/** The primary rate limit of each installation, by the hour of machine time. Requests that end in 304 do not count. */

export type RateResource = 'core' | 'graphql'

export type RateWindow = { used: number; resetSeconds: number }

/** Windows by `installation resource`. */
export type RateLimits = Map<string, RateWindow>

export const RATE_LIMIT = 5000
const WINDOW_SECONDS = 3600

/** The running window of a caller; a new one when the hour is over. */
export function rateWindow(limits: RateLimits, caller: string, resource: RateResource): RateWindow {
  const key = `${caller} ${resource}`
  const now = Math.floor(Date.now() / 1000)
  const known = limits.get(key)
  if (known !== undefined && known.resetSeconds > now) return known
  const fresh = { used: 0, resetSeconds: now + WINDOW_SECONDS }
  limits.set(key, fresh)
  return fresh
}

/** The numbers as `GET /rate_limit` prints them. */
export const printRate = ({ used, resetSeconds }: RateWindow, resource: RateResource) => ({
  limit: RATE_LIMIT,
  used,
  remaining: Math.max(0, RATE_LIMIT - used),
  reset: resetSeconds,
  resource,
})

/** The numbers as the `x-ratelimit-*` headers print them. */
export const rateHeaders = (
  { used, resetSeconds }: RateWindow,
  resource: RateResource,
): Readonly<Record<string, string>> => ({
  'x-ratelimit-limit': String(RATE_LIMIT),
  'x-ratelimit-remaining': String(Math.max(0, RATE_LIMIT - used)),
  'x-ratelimit-used': String(used),
  'x-ratelimit-reset': String(resetSeconds),
  'x-ratelimit-resource': resource,
})
