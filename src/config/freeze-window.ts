/** `Fri 16:00` to `Mon 08:00` in a time zone. What a window means at an instant is decided in src/domain/freeze.ts. */
import * as z from 'zod'
import { closest } from '../domain/closest.ts'
import { line, quoted, textOf } from './key-types.ts'

const ZONES = Intl.supportedValuesOf('timeZone')
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const weeklyTime = textOf(
  { title: 'weekly time', description: 'A day and a time of the week.', examples: ['Fri 16:00'] },
  (text) => {
    const [, day = '', hour = '', minute = ''] = /^([A-Za-z]+) (\d{1,2}):(\d{2})$/.exec(text) ?? []
    const index = DAYS.findIndex((name) => name.toLowerCase() === day.toLowerCase())
    const [hours, minutes] = [Number(hour), Number(minute)]
    if (hour !== '' && index >= 0 && hours < 24 && minutes < 60) {
      return { ok: true, value: { text, minuteOfWeek: index * 1440 + hours * 60 + minutes } }
    }
    const near = DAYS.find((name) => day.toLowerCase().startsWith(name.toLowerCase()))
    const hint =
      near !== undefined && hours < 24 && minutes < 60
        ? `write \`${near} ${hour.padStart(2, '0')}:${minute}\``
        : `write a day of ${DAYS.join(', ')} and a time, as \`Fri 16:00\``
    return { ok: false, reason: `${quoted(text)} is not a time of the week`, hint }
  },
)

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
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    // Intl answers an unknown zone with a RangeError; there is no way to ask.
    return false
  }
}

export const freezeWindow = z
  .strictObject({
    from: weeklyTime.describe('When the window begins, local time.'),
    to: weeklyTime.describe('When it ends, local time.'),
    zone: zone.describe('The time zone of `from` and `to`.'),
    reason: line({ title: 'text', description: '', examples: ['weekend'] })
      .optional()
      .describe('Shown to whoever is refused.'),
  })
  .meta({ description: 'A weekly window in which nothing is promoted.' })
