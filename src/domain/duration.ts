/** Durations as people write them: `90s`, `15m`, `2h`, `3d`. */
import type { Milliseconds } from './settings.ts'

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const

/** Milliseconds of one whole number with a unit; undefined for anything else. */
export function parseDuration(text: string): Milliseconds | undefined {
  const match = /^(\d{1,9})([smhd])$/.exec(text)
  const unit = match?.[2] as keyof typeof UNITS | undefined
  return unit === undefined ? undefined : Number(match?.[1]) * UNITS[unit]
}

/** `1h`, `30m`, `1d 6h`; whole seconds. */
export function formatDuration(milliseconds: Milliseconds): string {
  let rest = milliseconds
  const parts = Object.entries(UNITS).flatMap(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? [] : [`${count}${unit}`]
  })
  return parts.length === 0 ? '0s' : parts.join(' ')
}
