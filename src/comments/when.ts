/** Instants as people read them in a comment: UTC, to the minute. */

/** `2026-11-24 10:05 UTC`, from an ISO text or a Date. */
export function when(instant: string | Date): string {
  const iso = typeof instant === 'string' ? instant : instant.toISOString()
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`
}

/** The first whole minute at which something that passes from `instant` on has passed: a time that is told must not be too early. */
export const whenFrom = (instant: Date): string => when(new Date(Math.ceil(instant.getTime() / 60_000) * 60_000))
