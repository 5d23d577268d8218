/** Freeze windows: weekly stretches of local time in which nothing is promoted. Time zones and daylight saving by Temporal. */
import { Temporal } from 'temporal-polyfill'
import type { FreezeWindow } from './settings.ts'

const WEEK = 7 * 24 * 60

/** The instant at which the freeze that holds at `now` lifts; undefined when none holds. Windows that touch or overlap count as one. */
export function frozenUntil(
  windows: readonly FreezeWindow[],
  now: Date,
): { readonly until: Date; readonly reason: string | undefined } | undefined {
  const first = windows.find((window) => holdsAt(window, now))
  if (first === undefined) return undefined
  let until = endOf(first, now)
  for (let lifted = false; !lifted; ) {
    const next = windows.find((window) => holdsAt(window, until))
    lifted = next === undefined
    if (next !== undefined) until = endOf(next, until)
    if (until.getTime() - now.getTime() > WEEK * 60_000) lifted = true
  }
  return { until, reason: first.reason }
}

function holdsAt(window: FreezeWindow, at: Date): boolean {
  const minute = minuteOfWeek(local(at, window.zone))
  const { from, to } = { from: window.from.minuteOfWeek, to: window.to.minuteOfWeek }
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to
}

/** The next time the window's `to` comes round in its zone, after `at`. */
function endOf(window: FreezeWindow, at: Date): Date {
  const here = local(at, window.zone)
  const minutes = (window.to.minuteOfWeek - minuteOfWeek(here) + WEEK) % WEEK || WEEK
  const target = here
    .startOfDay()
    .add({ days: Math.floor((minuteOfDay(here) + minutes) / 1440) })
    .toPlainDate()
    .toZonedDateTime({
      timeZone: window.zone,
      plainTime: { hour: Math.floor((window.to.minuteOfWeek % 1440) / 60), minute: window.to.minuteOfWeek % 60 },
    })
  return new Date(target.epochMilliseconds)
}

const local = (at: Date, zone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone)

const minuteOfDay = (at: Temporal.ZonedDateTime): number => at.hour * 60 + at.minute

const minuteOfWeek = (at: Temporal.ZonedDateTime): number => (at.dayOfWeek - 1) * 1440 + minuteOfDay(at)
