/** Freeze windows over weekends, over the turn of week and year, and over the nights in which clocks are changed. Any window at any time: freeze-oracle.test.ts. */
import { describe, expect, it } from 'vitest'
import { frozenUntil, nextFreeze } from '../../src/domain/freeze.ts'
import type { FreezeWindow } from '../../src/domain/settings.ts'
import { window } from './freeze-windows.ts'

const BERLIN = 'Europe/Berlin'

const WEEKEND = window('Fri 16:00', 'Mon 08:00', BERLIN, 'weekend')
const until = (windows: readonly FreezeWindow[], now: string): string | undefined =>
  frozenUntil(windows, new Date(now))?.until?.toISOString().slice(0, 16)

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
  it('that lead into each other are told with all their reasons', () => {
    const windows = [WEEKEND, window('2026-11-30', '2026-12-01', BERLIN, 'year-end audit')]
    expect(frozenUntil(windows, new Date('2026-11-28T11:00Z'))).toEqual({
      until: new Date('2026-12-01T23:00Z'),
      reason: 'weekend, year-end audit',
    })
  })

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

  it('that follow each other for ever never lift, and that is said', () => {
    const all = [
      window('Mon 00:00', 'Fri 00:00', BERLIN, 'weekdays'),
      window('Fri 00:00', 'Mon 00:00', BERLIN, 'weekend'),
    ]
    const now = new Date('2026-11-24T09:00Z')
    expect(frozenUntil(all, now)).toEqual({ until: undefined, reason: 'weekdays, weekend' })
    expect(nextFreeze(all, now)).toBeUndefined()
    expect(frozenUntil([window('01-01', '06-30'), window('07-01', '12-31')], now)).toEqual({
      until: undefined,
      reason: undefined,
    })
  })

  it('that leave a gap only where two zones change their clocks on different days do lift then', () => {
    const apart = [window('Mon 00:00', 'Fri 12:00', BERLIN), window('Fri 06:00', 'Sun 18:00', 'America/New_York')]
    expect(until(apart, '2026-11-24T09:00Z')).toBe('2027-03-14T22:00')
  })

  it('are none without windows', () => {
    expect(until([], '2026-11-28T11:00Z')).toBeUndefined()
  })
})

describe('a day of every year', () => {
  const holidays = window('12-20', '01-03', BERLIN, 'holidays')

  it.each([
    ['the evening before', '2026-12-19T22:59Z', undefined],
    ['when its first day begins', '2026-12-19T23:00Z', '2027-01-03T23:00'],
    ['in the new year', '2027-01-02T09:00Z', '2027-01-03T23:00'],
    ['when its last day has ended', '2027-01-03T23:00Z', undefined],
    ['in another year', '2031-12-24T18:00Z', '2032-01-03T23:00'],
  ])('%s', (_, now, expected) => {
    expect(until([holidays], now)).toBe(expected)
  })

  it.each([
    ['the leap day alone', ['02-29', '02-29'], '2026-11-24T09:00Z', '2028-02-29T00:00', '2028-03-01T00:00'],
    ['over a century without one', ['02-29', '02-29'], '2096-03-01T00:00Z', '2104-02-29T00:00', '2104-03-01T00:00'],
    [
      'from a day that this year lacks',
      ['02-29', '03-02'],
      '2027-01-01T00:00Z',
      '2027-03-01T00:00',
      '2027-03-03T00:00',
    ],
    ['to a day that this year lacks', ['02-27', '02-29'], '2027-01-01T00:00Z', '2027-02-27T00:00', '2027-03-01T00:00'],
    [
      'to a time of a day that it lacks',
      ['02-27', '02-29 18:00'],
      '2027-01-01T00:00Z',
      '2027-02-27T00:00',
      '2027-03-01T00:00',
    ],
  ] as const)('%s', (_, [from, to], now, begins, ends) => {
    const windows = [window(from, to, 'UTC')]
    const begin = nextFreeze(windows, new Date(now))
    expect(begin?.toISOString().slice(0, 16)).toBe(begins)
    expect(begin && until(windows, begin.toISOString())).toBe(ends)
  })

  it('all days but the leap day: it lifts for that one', () => {
    expect(until([window('03-01', '02-28', 'UTC')], '2026-11-24T09:00Z')).toBe('2028-02-29T00:00')
  })
})

/** A window of one day, as from when until when it is frozen. */
function stretch(from: string, to: string, zone: string): readonly (string | undefined)[] {
  const windows = [window(from, to, zone)]
  const begin = nextFreeze(windows, new Date('2026-01-01T00:00Z'))
  return [begin?.toISOString().slice(0, 16), begin && until(windows, begin.toISOString())]
}

describe('dates, in nights in which clocks are changed', () => {
  it.each([
    ['a time and a time', '2026-12-20 18:00', '2027-01-03 08:30', BERLIN, '2026-12-20T17:00', '2027-01-03T07:30'],
    ['one day', '2026-12-24', '2026-12-24', BERLIN, '2026-12-23T23:00', '2026-12-24T23:00'],
    [
      'begins at a time that is skipped: when clocks are changed',
      '2026-03-29 02:30',
      '2026-03-29 04:00',
      BERLIN,
      '2026-03-29T01:00',
      '2026-03-29T02:00',
    ],
    [
      'ends at a time that is skipped',
      '2026-03-29 01:00',
      '2026-03-29 02:30',
      BERLIN,
      '2026-03-29T00:00',
      '2026-03-29T01:00',
    ],
    ['lies within what is skipped', '2026-03-29 02:10', '2026-03-29 02:50', BERLIN, undefined, undefined],
    [
      'begins at a time that comes twice: the first one',
      '2026-10-25 02:30',
      '2026-10-25 04:00',
      BERLIN,
      '2026-10-25T00:30',
      '2026-10-25T03:00',
    ],
    [
      'ends at a time that comes twice: the second one',
      '2026-10-25 01:00',
      '2026-10-25 02:30',
      BERLIN,
      '2026-10-24T23:00',
      '2026-10-25T01:30',
    ],
    [
      'half an hour is skipped',
      '2026-10-04 02:15',
      '2026-10-04 03:00',
      'Australia/Lord_Howe',
      '2026-10-03T15:30',
      '2026-10-03T16:00',
    ],
    [
      'half an hour comes twice',
      '2026-04-05 01:45',
      '2026-04-05 01:50',
      'Australia/Lord_Howe',
      '2026-04-04T14:45',
      '2026-04-04T15:20',
    ],
    ['45 minutes off', '2026-05-01', '2026-05-01', 'Asia/Kathmandu', '2026-04-30T18:15', '2026-05-01T18:15'],
    [
      '45 minutes off, an hour skipped',
      '2026-09-27 02:50',
      '2026-09-27 04:00',
      'Pacific/Chatham',
      '2026-09-26T14:00',
      '2026-09-26T14:15',
    ],
    [
      'a day without a midnight begins an hour later',
      '2026-04-24',
      '2026-04-24',
      'Africa/Cairo',
      '2026-04-23T22:00',
      '2026-04-24T21:00',
    ],
    [
      'the day before it ends there',
      '2026-04-23',
      '2026-04-23',
      'Africa/Cairo',
      '2026-04-22T22:00',
      '2026-04-23T22:00',
    ],
    [
      'a day whose last hour comes twice',
      '2026-10-29',
      '2026-10-29',
      'Africa/Cairo',
      '2026-10-28T21:00',
      '2026-10-29T22:00',
    ],
  ])('%s', (_, from, to, zone, begins, ends) => {
    expect(stretch(from, to, zone)).toEqual([begins, ends])
  })

  it('a week has 167, 168 or 169 hours', () => {
    const weeks = [window('Mon 00:00', 'Sun 23:00', BERLIN)]
    const hours = ['2026-03-24T00:00Z', '2026-07-07T00:00Z', '2026-10-20T00:00Z'].map((day) => {
      const ends = frozenUntil(weeks, new Date(day))?.until
      const begins = nextFreeze(weeks, new Date(Date.parse(day) - 7 * 86_400_000))
      return ends && begins && (ends.getTime() - begins.getTime()) / 3_600_000 + 1
    })
    expect(hours).toEqual([167, 168, 169])
  })

  it('a day that a whole country left out is none', () => {
    const fridays = [window('2011-12-30', '2011-12-30', 'Pacific/Apia')]
    expect(nextFreeze(fridays, new Date('2011-01-01T00:00Z'))).toBeUndefined()
  })
})

describe('when the next freeze begins', () => {
  const next = (windows: readonly FreezeWindow[], now: string) =>
    nextFreeze(windows, new Date(now))?.toISOString().slice(0, 16)

  it.each([
    ['on a Tuesday', '2026-11-24T09:00Z', '2026-11-27T15:00'],
    ['a minute before', '2026-11-27T14:59Z', '2026-11-27T15:00'],
    ['as it begins: the one after it', '2026-11-27T15:00Z', '2026-12-04T15:00'],
    ['while it holds', '2026-11-28T11:00Z', '2026-12-04T15:00'],
    ['as it lifts', '2026-11-30T07:00Z', '2026-12-04T15:00'],
  ])('%s', (_, now, expected) => {
    expect(next([WEEKEND], now)).toBe(expected)
  })

  it('of several windows the first, where one does not lead into the other', () => {
    const windows = [WEEKEND, window('Mon 08:00', 'Mon 12:00'), window('Wed 10:00', 'Wed 11:00', 'UTC')]
    expect(next(windows, '2026-11-28T11:00Z')).toBe('2026-12-02T10:00')
  })

  it('none without windows, and none after a date that is past', () => {
    expect(next([], '2026-11-28T11:00Z')).toBeUndefined()
    expect(next([window('2026-01-01', '2026-01-02')], '2026-01-02T09:00Z')).toBeUndefined()
  })
})
