/** Freeze windows: stretches of local time in which nothing is promoted. As instants, exact also where clocks change, by Temporal. Written in src/config/freeze-window.ts. */
import { Temporal } from 'temporal-polyfill'
import type { DayTime, FreezeWindow } from './settings.ts'

const YEAR_MS = 366 * 86_400_000

/** A freeze that holds. `until` is absent where the windows follow each other for ever; `reason` has those of all that are in the way. */
export type Freeze = { readonly until: Date | undefined; readonly reason: string | undefined }

/** The freeze that holds at `now`; undefined when none does. Windows that touch or overlap are one freeze. */
export function frozenUntil(windows: readonly FreezeWindow[], now: Date): Freeze | undefined {
  const upcoming = windows.map((window) => ({ window, stretchAt: advancing(window, now.getTime()) }))
  // Weeks are alike from one year to the next, and leap days at most eight years apart: what has not lifted by then never does.
  const never = (windows.some(({ kind }) => kind === 'yearly') ? 9 : 2) * YEAR_MS
  const reasons = new Set<string>()
  let until = now.getTime()
  // A window of dates ends for good: only what lasts without one can last for ever.
  let lastDate = until
  for (let last = longest(upcoming, until); last !== undefined; last = longest(upcoming, until)) {
    if (last.window.reason !== undefined) reasons.add(last.window.reason)
    until = last.to
    if (last.window.kind === 'dated') lastDate = until
    if (until - lastDate > never) return { until: undefined, reason: listed(reasons) }
  }
  return until === now.getTime() ? undefined : { until: new Date(until), reason: listed(reasons) }
}

/** When the next freeze begins, after the one that may hold now; undefined when none will. */
export function nextFreeze(windows: readonly FreezeWindow[], now: Date): Date | undefined {
  const frozen = frozenUntil(windows, now)
  if (frozen !== undefined && frozen.until === undefined) return undefined
  const open = (frozen?.until ?? now).getTime()
  const starts = windows.flatMap((window) => {
    for (const { from } of stretches(window, open)) if (from > open) return [from]
    return []
  })
  return starts.length === 0 ? undefined : new Date(Math.min(...starts))
}

/** The window as people know it: `Fri 16:00 to Mon 08:00 (Europe/Berlin)`. */
export function describeWindow(window: FreezeWindow): string {
  const [from, to] =
    window.kind === 'weekly'
      ? [minuteOfWeek(window.from), minuteOfWeek(window.to)]
      : window.kind === 'yearly'
        ? [dayOfYear(window.from), dayOfYear(window.to)]
        : [`${window.from.year}-${dayOfYear(window.from)}`, `${window.to.year}-${dayOfYear(window.to)}`]
  return `${from} to ${to} (${window.zone})`
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

const two = (number: number): string => String(number).padStart(2, '0')

const clock = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`

const minuteOfWeek = (minute: number): string => `${DAYS[Math.floor(minute / DAY) % 7]} ${clock(minute % DAY)}`

const dayOfYear = ({ month, day, minute }: DayTime): string => `${two(month)}-${two(day)} ${clock(minute)}`

/** From `from` to just before `to`, in epoch milliseconds. */
type Stretch = { readonly from: number; readonly to: number }

type Upcoming = { readonly window: FreezeWindow; readonly stretchAt: (at: number) => Stretch | undefined }

/** The stretch of a window that is under way at an instant, or else comes next; asked in the order of time. */
function advancing(window: FreezeWindow, from: number): Upcoming['stretchAt'] {
  const rest = stretches(window, from)
  let { value: next } = rest.next()
  return (at) => {
    while (next !== undefined && next.to <= at) next = rest.next().value
    return next
  }
}

/** Of the stretches that are under way at an instant, the one that lasts longest. */
function longest(upcoming: readonly Upcoming[], at: number): (Stretch & { readonly window: FreezeWindow }) | undefined {
  let found: (Stretch & { readonly window: FreezeWindow }) | undefined
  for (const { window, stretchAt } of upcoming) {
    const stretch = stretchAt(at)
    if (stretch !== undefined && stretch.from <= at && stretch.to > (found?.to ?? at)) found = { ...stretch, window }
  }
  return found
}

/** The stretches of a window that end after an instant, in order. */
function* stretches(window: FreezeWindow, at: number): Generator<Stretch, undefined> {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(window.zone).toPlainDate()
  for (const [from, to] of edges(window, today)) {
    const end = instantOf(to, window.zone, 'later')
    if (end <= at) continue
    const begin = instantOf(from, window.zone, 'earlier')
    // A window that lies in an hour that is skipped is none that time.
    if (begin < end) yield { from: begin, to: end }
  }
}

type Edges = readonly [from: Temporal.PlainDateTime, to: Temporal.PlainDateTime]

/** Where a window begins and ends on local clocks, in order, from the last time before `today` on. */
function* edges(window: FreezeWindow, today: Temporal.PlainDate): Generator<Edges, undefined> {
  if (window.kind === 'dated') yield [dayTime(window.from.year, window.from), dayTime(window.to.year, window.to)]
  if (window.kind === 'weekly') {
    const monday = today.subtract({ days: today.dayOfWeek - 1 + 7 })
    const turns = window.to <= window.from ? WEEK : 0
    for (let weeks = 0; ; weeks++) {
      const start = monday.add({ weeks })
      yield [minuteAfter(start, window.from), minuteAfter(start, window.to + turns)]
    }
  }
  if (window.kind === 'yearly') {
    const turns = position(window.to) <= position(window.from) ? 1 : 0
    for (let year = today.year - 1; ; year++) yield [dayTime(year, window.from), dayTime(year + turns, window.to)]
  }
}

const DAY = 24 * 60
const WEEK = 7 * DAY

const minuteAfter = (day: Temporal.PlainDate, minutes: number): Temporal.PlainDateTime =>
  day
    .add({ days: Math.floor(minutes / DAY) })
    .toPlainDateTime({ hour: Math.floor((minutes % DAY) / 60), minute: minutes % 60 })

/** Orders the minutes of a year. */
const position = ({ month, day, minute }: DayTime): number => (month * 32 + day) * (DAY + 1) + minute

/** In a year without 29 February, every minute of that day is where 1 March begins. */
function dayTime(year: number, { month, day, minute }: DayTime): Temporal.PlainDateTime {
  const isMissing = month === 2 && day === 29 && !Temporal.PlainDate.from({ year, month: 1, day: 1 }).inLeapYear
  return isMissing
    ? minuteAfter(Temporal.PlainDate.from({ year, month: 3, day: 1 }), 0)
    : minuteAfter(Temporal.PlainDate.from({ year, month, day }), minute)
}

/** The instant of a local time: of one that comes twice the `earlier` or `later`; one that is skipped is the moment at which clocks are changed. */
function instantOf(local: Temporal.PlainDateTime, zone: string, turn: 'earlier' | 'later'): number {
  const zoned = local.toZonedDateTime(zone, { disambiguation: turn })
  if (zoned.toPlainDateTime().equals(local)) return zoned.epochMilliseconds
  const before = local.toZonedDateTime(zone, { disambiguation: 'earlier' })
  return (before.getTimeZoneTransition('next') ?? zoned).epochMilliseconds
}

const listed = (reasons: ReadonlySet<string>): string | undefined =>
  reasons.size === 0 ? undefined : [...reasons].join(', ')
