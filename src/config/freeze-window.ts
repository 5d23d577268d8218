/** Freeze windows: weekly (`Fri 16:00` to `Mon 08:00`), yearly (`12-20` to `01-03`) or once (`2026-12-20 18:00` to `2027-01-03`), in a time zone. Their instants are found in src/domain/freeze.ts. */
import * as z from 'zod'
import { closest } from '../domain/closest.ts'
import { frozenUntil } from '../domain/freeze.ts'
import type { FreezeSpan, FreezeWindow } from '../domain/settings.ts'
import { line, quoted, textOf } from './key-types.ts'

const ZONES = new Set(Intl.supportedValuesOf('timeZone'))
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** One end of a window. `minute` is absent for a day without a time: the whole day belongs to the window. */
type Edge =
  | { readonly kind: 'weekly'; readonly minuteOfWeek: number }
  | { readonly kind: 'yearly' | 'dated'; readonly day: Day; readonly minute: number | undefined }

/** `year` is absent for a day of every year. */
type Day = { readonly year: number | undefined; readonly month: number; readonly day: number }

type Problem = { readonly reason: string; readonly hint: string }
type Parsed = { readonly ok: true; readonly value: Edge } | ({ readonly ok: false } & Problem)

const edge = textOf(
  {
    title: 'time of a window',
    description: 'A day and a time of the week, a day of every year, or a date; the latter two with or without a time.',
    examples: ['Fri 16:00', '12-20', '2026-12-20 18:00'],
  },
  (text): Parsed => (/^[A-Za-z]/.test(text) ? weeklyTime(text) : calendarTime(text)),
)

function weeklyTime(text: string): Parsed {
  const [, day = '', hour = '', minute = ''] = /^([A-Za-z]+) (\d{1,2}):(\d{2})$/.exec(text) ?? []
  const index = DAYS.findIndex((name) => name.toLowerCase() === day.toLowerCase())
  const minutes = minuteOfDay(hour, minute)
  if (index >= 0 && minutes !== undefined)
    return { ok: true, value: { kind: 'weekly', minuteOfWeek: index * 1440 + minutes } }
  const near = DAYS.find((name) => day.toLowerCase().startsWith(name.toLowerCase()))
  const hint =
    near !== undefined && minutes !== undefined
      ? `write \`${near} ${hour.padStart(2, '0')}:${minute}\``
      : `write a day of ${DAYS.join(', ')} and a time, as \`Fri 16:00\``
  return { ok: false, reason: `${quoted(text)} is not a time of the week`, hint }
}

function calendarTime(text: string): Parsed {
  const match = /^(?:([1-9]\d{3})-)?(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?$/.exec(text)
  if (match === null)
    return { ok: false, reason: `${quoted(text)} is not a time that a window can have`, hint: styleHint(text) }
  const [, year, month, day, hour, minute] = match
  const date: Day = { year: year === undefined ? undefined : Number(year), month: Number(month), day: Number(day) }
  const impossible = impossibleDay(date)
  if (impossible !== undefined)
    return { ok: false, reason: `${quoted(text)} is not a day of the calendar`, hint: impossible }
  const minutes = hour === undefined ? undefined : minuteOfDay(hour, minute ?? '')
  if (hour !== undefined && minutes === undefined) {
    const hint = 'a day has the times `00:00` to `23:59`; without a time, `to` is the end of its day'
    return { ok: false, reason: `${quoted(text)} is not a time of the day`, hint }
  }
  return { ok: true, value: { kind: year === undefined ? 'yearly' : 'dated', day: date, minute: minutes } }
}

/** Minutes since midnight; undefined when there is no such time. */
function minuteOfDay(hour: string, minute: string): number | undefined {
  const [hours, minutes] = [Number(hour), Number(minute)]
  return hour !== '' && hours < 24 && minutes < 60 ? hours * 60 + minutes : undefined
}

/** What is wrong with a day; undefined when there is such a day. */
function impossibleDay({ year, month, day }: Day): string | undefined {
  const most = MONTH_DAYS[month - 1]
  if (most === undefined) return 'the month comes first, then the day: `12-20` is 20 December'
  const last = month === 2 && year !== undefined && !isLeap(year) ? 28 : most
  if (day >= 1 && day <= last) return undefined
  const which = year === undefined ? twoDigits(month) : `${year}-${twoDigits(month)}`
  return `the last day of ${which} is \`${which}-${last}\``
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const twoDigits = (number: number): string => String(number).padStart(2, '0')

function styleHint(text: string): string {
  const [, day = '', month = '', year] = /^(\d{1,2})\. ?(\d{1,2})\.? ?(\d{4})?$/.exec(text) ?? []
  return day === ''
    ? 'write `Fri 16:00` for every week, `12-20` for every year, or `2026-12-20 18:00` for once'
    : `write \`${year === undefined ? '' : `${year}-`}${month.padStart(2, '0')}-${day.padStart(2, '0')}\``
}

const zone = textOf(
  { title: 'time zone', description: 'A zone of the IANA time zone database.', examples: ['Europe/Berlin', 'UTC'] },
  (text) => {
    // An offset such as `+01:00` is a zone for Intl, but one that knows no daylight saving: nobody means it.
    if (/^[A-Za-z]/.test(text) && isTimeZone(text)) return { ok: true, value: text }
    return { ok: false, reason: `${quoted(text)} is not a time zone`, hint: () => zoneHint(text) }
  },
)

function zoneHint(text: string): string {
  const near = closest(text, ZONES)
  return near ? `did you mean \`${near}\`?` : 'for example `Europe/Berlin` or `UTC`'
}

function isTimeZone(name: string): boolean {
  if (ZONES.has(name)) return true
  try {
    // An older name, as `Europe/Kiev`, or one in another case.
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    // Intl answers an unknown zone with a RangeError; there is no way to ask.
    return false
  }
}

const KINDS = { weekly: 'every week', yearly: 'every year', dated: 'once' } as const

/** The window between two ends, or why there is none. */
function between(from: Edge, to: Edge): FreezeSpan | Problem {
  if (from.kind === 'weekly' && to.kind === 'weekly') {
    return from.minuteOfWeek === to.minuteOfWeek
      ? { reason: EMPTY, hint: 'name a later time; a whole week is two windows' }
      : { kind: 'weekly', from: from.minuteOfWeek, to: to.minuteOfWeek }
  }
  if (from.kind === 'weekly' || to.kind === 'weekly' || from.kind !== to.kind) {
    return {
      reason: `\`from\` is ${KINDS[from.kind]} and \`to\` is ${KINDS[to.kind]}`,
      hint: 'write both in one way: `Fri 16:00`, `12-20` or `2026-12-20`',
    }
  }
  const [start, end] = [orderOf(from, 0), orderOf(to, 1440)]
  if (start === end) return { reason: EMPTY, hint: 'name a later time; without a time, `to` is the end of its day' }
  const [fromTime, toTime] = [
    { month: from.day.month, day: from.day.day, minute: from.minute ?? 0 },
    { month: to.day.month, day: to.day.day, minute: to.minute ?? 1440 },
  ]
  if (from.day.year === undefined || to.day.year === undefined) return { kind: 'yearly', from: fromTime, to: toTime }
  if (end < start) return { reason: 'the window ends before it begins', hint: laterHint(from.day.year, to.day) }
  return { kind: 'dated', from: { ...fromTime, year: from.day.year }, to: { ...toTime, year: to.day.year } }
}

const EMPTY = 'the window ends when it begins'

/** Orders the ends of windows of one kind; the end of a day is the beginning of the next. */
const orderOf = (
  { day: { year, month, day }, minute }: Extract<Edge, { readonly day: Day }>,
  otherwise: number,
): number => Date.UTC(year ?? 2000, month - 1, day) / 60_000 + (minute ?? otherwise)

/** Who writes about the turn of the year forgets that it is one. */
function laterHint(year: number, { month, day }: Day): string {
  return impossibleDay({ year: year + 1, month, day }) === undefined
    ? `did you mean \`${year + 1}-${twoDigits(month)}-${twoDigits(day)}\`?`
    : 'swap `from` and `to`'
}

const freezeWindow = z
  .strictObject({
    from: edge.describe('When the window begins, local time.'),
    to: edge.describe('When it ends, local time. A day without a time belongs to the window whole.'),
    zone: zone.describe('The time zone of `from` and `to`.'),
    reason: line({ title: 'text', description: '', examples: ['weekend'] })
      .optional()
      .describe('Shown to whoever is refused.'),
  })
  .transform(({ from, to, zone: inZone, reason }, context): FreezeWindow => {
    const window = between(from, to)
    if ('kind' in window) return { ...window, zone: inZone, reason }
    context.addIssue({ code: 'custom', path: ['to'], message: window.reason, params: { hint: window.hint } })
    return z.NEVER
  })
  .meta({ description: 'A window in which nothing is promoted, every week, every year or once.' })

/** Any instant would do: what recurs for ever without a gap has none anywhere. */
const SOME_DAY = new Date('2024-01-01T00:00:00Z')

const MOST_WINDOWS = 30

/** Windows that leave some time between them. */
export const freezeWindows = z.array(freezeWindow).superRefine((windows, context) => {
  if (windows.length > MOST_WINDOWS) {
    const hint = 'join those that touch each other'
    context.addIssue({ code: 'custom', message: `more than ${MOST_WINDOWS} windows`, params: { hint } })
    return
  }
  const recurring = windows.filter(({ kind }) => kind !== 'dated')
  const freeze = frozenUntil(recurring, SOME_DAY)
  if (freeze === undefined || freeze.until !== undefined) return
  const hint = 'leave a time between them; to stop promotion for a while, `/lock` the environment'
  context.addIssue({
    code: 'custom',
    message: 'the windows leave no time in which anything could go there',
    params: { hint },
  })
})
