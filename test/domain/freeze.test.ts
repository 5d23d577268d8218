/** Freeze windows over weekends, over the turn of the week, and over the two nights in which Berlin changes its clocks. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frozenUntil } from '../../src/domain/freeze.ts'
import type { FreezeWindow } from '../../src/domain/settings.ts'

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const BERLIN = 'Europe/Berlin'

function moment(text: string): FreezeWindow['from'] {
  const [day = '', time = ''] = text.split(' ')
  const [hour, minute] = time.split(':').map(Number)
  return { text, minuteOfWeek: DAYS.indexOf(day) * 1440 + (hour ?? 0) * 60 + (minute ?? 0) }
}

const window = (from: string, to: string, zone = BERLIN, reason?: string): FreezeWindow => ({
  from: moment(from),
  to: moment(to),
  zone,
  reason,
})

const WEEKEND = window('Fri 16:00', 'Mon 08:00', BERLIN, 'weekend')
const until = (windows: readonly FreezeWindow[], now: string): string | undefined =>
  frozenUntil(windows, new Date(now))?.until.toISOString().slice(0, 16)

describe('a weekend in Berlin', () => {
  it.each([
    ['Friday, a minute before', '2026-11-27T14:59Z', undefined],
    ['Friday, on the minute', '2026-11-27T15:00Z', '2026-11-30T07:00'],
    ['Saturday noon', '2026-11-28T11:00Z', '2026-11-30T07:00'],
    ['Monday, a minute before its end', '2026-11-30T06:59Z', '2026-11-30T07:00'],
    ['Monday, when it ends', '2026-11-30T07:00Z', undefined],
    ['in summer', '2026-07-03T14:00Z', '2026-07-06T06:00'],
    ['into summer time', '2026-03-27T15:30Z', '2026-03-30T06:00'],
    ['during the night without an hour', '2026-03-29T00:59Z', '2026-03-30T06:00'],
    ['out of summer time', '2026-10-23T14:30Z', '2026-10-26T07:00'],
    ['during the night with an hour twice', '2026-10-25T01:30Z', '2026-10-26T07:00'],
    ['over New Year', '2027-01-01T15:00Z', '2027-01-04T07:00'],
  ])('%s', (_, now, expected) => {
    expect(until([WEEKEND], now)).toBe(expected)
  })

  it('says why', () => {
    expect(frozenUntil([WEEKEND], new Date('2026-11-28T11:00Z'))?.reason).toBe('weekend')
  })
})

describe('windows', () => {
  it('that touch or overlap count as one', () => {
    expect(until([WEEKEND, window('Mon 08:00', 'Mon 12:00')], '2026-11-28T11:00Z')).toBe('2026-11-30T11:00')
    expect(until([WEEKEND, window('Mon 07:00', 'Mon 09:00')], '2026-11-28T11:00Z')).toBe('2026-11-30T08:00')
  })

  it('that are apart do not', () => {
    expect(until([WEEKEND, window('Mon 09:00', 'Mon 12:00')], '2026-11-28T11:00Z')).toBe('2026-11-30T07:00')
  })

  it('have their own time zones', () => {
    expect(until([window('Mon 00:00', 'Mon 01:00', 'Asia/Kolkata')], '2026-11-22T19:00Z')).toBe('2026-11-22T19:30')
  })

  it('that together are the whole week never lift: a week is as far as is looked', () => {
    const all = [window('Mon 00:00', 'Fri 00:00'), window('Fri 00:00', 'Mon 00:00')]
    const lifts = frozenUntil(all, new Date('2026-11-24T09:00Z'))?.until.getTime() ?? 0
    expect(lifts - Date.parse('2026-11-24T09:00Z')).toBeGreaterThan(7 * 86_400_000)
  })

  it('are none without windows', () => {
    expect(until([], '2026-11-28T11:00Z')).toBeUndefined()
  })
})

describe('any window, at any time', () => {
  // The hour from 02:00 is missing on one Sunday and comes twice on another: a window may not begin or end in it here.
  const daytime = fc.tuple(fc.constantFrom(...DAYS), fc.integer({ min: 3, max: 23 }), fc.integer({ min: 0, max: 59 }))
  const time = daytime.map(([day, hour, minute]) => `${day} ${hour}:${String(minute).padStart(2, '0')}`)
  const anyWindow = fc
    .tuple(time, time)
    .filter(([from, to]) => from !== to)
    .map(([from, to]) => window(from, to))
  const anyTime = fc
    .integer({ min: Date.parse('2026-01-01T00:00Z') / 60_000, max: Date.parse('2027-01-01T00:00Z') / 60_000 })
    .map((minute) => new Date(minute * 60_000))

  it('it is frozen until the very minute that is told, and not from then on', () => {
    fc.assert(
      fc.property(anyWindow, anyTime, (one, now) => {
        const frozen = frozenUntil([one], now)
        fc.pre(frozen !== undefined)
        if (frozen === undefined) return
        expect(frozenUntil([one], frozen.until)).toBeUndefined()
        const lastMinute = new Date(Math.max(now.getTime(), frozen.until.getTime() - 60_000))
        expect(frozenUntil([one], lastMinute)?.until).toEqual(frozen.until)
      }),
    )
  })
})
