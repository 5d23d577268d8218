/** Any freeze windows at any minute of weeks in which clocks are changed, against an oracle that reads a wall clock minute by minute and knows nothing of zones. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frozenUntil, nextFreeze } from '../../src/domain/freeze.ts'
import type { DayTime, FreezeWindow } from '../../src/domain/settings.ts'

const MINUTE = 60_000
const DAY = 24 * 60
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'UTC',
] as const
/** Weeks in which most of these zones change their clocks, and two turns of the year, one before a leap day. */
const PERIODS = ['2026-03-02', '2026-04-01', '2026-09-25', '2026-10-19', '2026-12-10', '2028-02-10'] as const
const WEEKS = 4
const MINUTES = WEEKS * 7 * DAY

/** What a wall clock shows, minute by minute, as minutes since 1970 had it never been changed. */
function wallClock(zone: string, start: number): Float64Array {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  const clock = new Float64Array(MINUTES)
  // No zone changes its clocks but at a quarter of an hour.
  for (let quarter = 0; quarter < MINUTES; quarter += 15) {
    const parts = new Map(
      format.formatToParts(start + quarter * MINUTE).map(({ type, value }) => [type, Number(value)]),
    )
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? Number.NaN
    const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute')) / MINUTE
    for (let minute = 0; minute < 15; minute++) clock[quarter + minute] = shown + minute
  }
  return clock
}

const clocks = new Map<string, Float64Array>()
function clockOf(zone: string, start: number): Float64Array {
  const key = `${zone} ${start}`
  const known = clocks.get(key) ?? wallClock(zone, start)
  clocks.set(key, known)
  return known
}

const isLeap = (year: number) => new Date(Date.UTC(year, 1, 29)).getUTCDate() === 29
const wallOf = (year: number, { month, day, minute }: DayTime) =>
  Date.UTC(year, month - 1, day) / MINUTE + (month === 2 && day === 29 && !isLeap(year) ? 0 : minute)

/** Every time that the window comes round in these years, as wall clocks show its ends. */
function wallTimes(window: FreezeWindow): readonly (readonly [from: number, to: number])[] {
  if (window.kind === 'dated') return [[wallOf(window.from.year, window.from), wallOf(window.to.year, window.to)]]
  if (window.kind === 'yearly') {
    const years = [2025, 2026, 2027, 2028, 2029]
    const turns = wallOf(2024, window.to) <= wallOf(2024, window.from) ? 1 : 0
    return years.map((year) => [wallOf(year, window.from), wallOf(year + turns, window.to)])
  }
  const monday = Date.UTC(2025, 11, 29) / MINUTE
  const turns = window.to <= window.from ? 7 * DAY : 0
  return Array.from({ length: 130 }, (_, week) => {
    const begin = monday + week * 7 * DAY
    return [begin + window.from, begin + window.to + turns]
  })
}

/** Frozen from the first minute at which the clock has come to `from`, to the last at which it has yet to come to `to`. */
function frozenMinutes(windows: readonly FreezeWindow[], start: number): Uint8Array {
  const frozen = new Uint8Array(MINUTES)
  for (const window of windows) {
    const clock = clockOf(window.zone, start)
    for (const [from, to] of wallTimes(window)) {
      if (to < start / MINUTE - 2 * DAY || from > start / MINUTE + MINUTES + 2 * DAY) continue
      const first = clock.findIndex((shown) => shown >= from)
      const last = clock.findLastIndex((shown) => shown < to)
      if (first >= 0 && last >= first) frozen.fill(1, first, last + 1)
    }
  }
  return frozen
}

const time = fc.integer({ min: 0, max: DAY - 1 })
/** Mostly at night, when clocks are changed. */
const minute = fc.oneof(time, fc.integer({ min: 0, max: 200 }), fc.integer({ min: DAY - 90, max: DAY - 1 }))
const day = fc.record({ month: fc.integer({ min: 1, max: 12 }), day: fc.integer({ min: 1, max: 28 }) })
const anyDay = fc.oneof(day, fc.constantFrom({ month: 2, day: 29 }, { month: 12, day: 31 }, { month: 4, day: 5 }))
const yearDay = fc.tuple(anyDay, fc.oneof(minute, fc.constant(DAY))).map(([date, at]) => ({ ...date, minute: at }))
const minuteOfWeek = fc.tuple(fc.integer({ min: 0, max: 6 }), minute).map(([weekday, at]) => weekday * DAY + at)
const date = (start: number) =>
  fc.tuple(fc.integer({ min: -3, max: WEEKS * 7 + 3 }), minute).map(([days, at]) => {
    const on = new Date(start + days * DAY * MINUTE)
    return { year: on.getUTCFullYear(), month: on.getUTCMonth() + 1, day: on.getUTCDate(), minute: at }
  })

const spanFrom = (start: number) =>
  fc.oneof(
    fc.record({ kind: fc.constant('weekly' as const), from: minuteOfWeek, to: minuteOfWeek }),
    fc.record({ kind: fc.constant('yearly' as const), from: yearDay, to: yearDay }),
    fc
      .tuple(date(start), date(start))
      .map((ends) => ends.toSorted((a, b) => wallOf(a.year, a) - wallOf(b.year, b)))
      .map(([from = never, to = never]) => ({ kind: 'dated' as const, from, to })),
  )
const never = { year: 2026, month: 1, day: 1, minute: 0 }

const story = fc.constantFrom(...PERIODS).chain((text) => {
  const start = Date.parse(text)
  const window = fc
    .tuple(spanFrom(start), fc.constantFrom(...ZONES))
    .map(([span, zone]): FreezeWindow => ({ ...span, zone, reason: undefined }))
    .filter((one) => JSON.stringify(one.from) !== JSON.stringify(one.to))
  const windows = fc.array(window, { minLength: 1, maxLength: 3 })
  return fc.record({ start: fc.constant(start), windows, at: fc.integer({ min: 0, max: MINUTES - 1 }) })
})

const minuteOf = (instant: Date | undefined, start: number) =>
  instant === undefined ? Number.POSITIVE_INFINITY : (instant.getTime() - start) / MINUTE

describe('any windows, at any minute', () => {
  it('lift on the very minute on which they do, and begin on the very minute on which they do', () => {
    fc.assert(
      fc.property(story, ({ start, windows, at }) => {
        const frozen = frozenMinutes(windows, start)
        const now = new Date(start + at * MINUTE)
        const freeze = frozenUntil(windows, now)
        expect(freeze !== undefined).toBe(frozen[at] === 1)
        const lifts = freeze === undefined ? at : minuteOf(freeze.until, start)
        const expected = frozen.indexOf(0, at)
        if (expected < 0) expect(lifts).toBeGreaterThanOrEqual(MINUTES)
        else expect(lifts).toBe(expected)
        if (expected < 0) return
        const begins = frozen.indexOf(1, expected)
        if (begins < 0) expect(minuteOf(nextFreeze(windows, now), start)).toBeGreaterThanOrEqual(MINUTES)
        else expect(minuteOf(nextFreeze(windows, now), start)).toBe(begins)
      }),
      { numRuns: 400 },
    )
  })
})
