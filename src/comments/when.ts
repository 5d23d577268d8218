/** Instants as people read them in a comment: UTC, to the minute. */

/** `2026-11-24 10:05 UTC`, from an ISO text or a Date. */
export function when(instant: string | Date): string {
  const iso = typeof instant === 'string' ? instant : instant.toISOString()
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`
}
