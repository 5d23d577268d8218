/** How freeze windows are written, and what is said of those that cannot be. What they come to in time: test/domain/freeze.test.ts. */
import { describe, expect, it } from 'vitest'
import { window } from '../domain/freeze-windows.ts'
import { environment, problemsOf } from './mistakes.ts'

const day = (month: number, dayOfMonth: number, minute: number, year?: number) =>
  year === undefined ? { month, day: dayOfMonth, minute } : { year, month, day: dayOfMonth, minute }

describe('a window', () => {
  it.each([
    ['every week', 'Fri 16:00', 'Mon 08:00', { kind: 'weekly', from: 4 * 1440 + 960, to: 480 }],
    ['in any case', 'fri 9:00', 'MON 08:00', { kind: 'weekly', from: 4 * 1440 + 540, to: 480 }],
    [
      'of days of every year: the last one whole',
      '12-20',
      '01-03',
      { kind: 'yearly', from: day(12, 20, 0), to: day(1, 3, 1440) },
    ],
    [
      'of days and times of every year',
      '12-20 18:00',
      '1-3 08:00',
      { kind: 'yearly', from: day(12, 20, 1080), to: day(1, 3, 480) },
    ],
    ['of the leap day', '02-29', '02-29', { kind: 'yearly', from: day(2, 29, 0), to: day(2, 29, 1440) }],
    ['of dates', '2026-12-20', '2027-01-03', { kind: 'dated', from: day(12, 20, 0, 2026), to: day(1, 3, 1440, 2027) }],
    [
      'of a date and a time',
      '2026-12-20 18:00',
      '2027-01-03',
      { kind: 'dated', from: day(12, 20, 1080, 2026), to: day(1, 3, 1440, 2027) },
    ],
    [
      'as ISO 8601 has it',
      '2028-02-29T09:30',
      '2028-02-29T10:00',
      { kind: 'dated', from: day(2, 29, 570, 2028), to: day(2, 29, 600, 2028) },
    ],
  ])('%s', (_, from, to, span) => {
    expect(window(from, to)).toEqual({ ...span, zone: 'Europe/Berlin', reason: undefined })
    expect(window(`"${from}"`, `"${to}"`)).toEqual(window(from, to))
  })
})

describe('a window that cannot be', () => {
  it.each([
    [
      '2026-02-30',
      '2026-03-01',
      'from',
      '`2026-02-30` is not a day of the calendar | the last day of 2026-02 is `2026-02-28`',
    ],
    [
      '2027-02-29',
      '2027-03-01',
      'from',
      '`2027-02-29` is not a day of the calendar | the last day of 2027-02 is `2027-02-28`',
    ],
    [
      '2100-02-29',
      '2100-03-01',
      'from',
      '`2100-02-29` is not a day of the calendar | the last day of 2100-02 is `2100-02-28`',
    ],
    ['02-30', '03-01', 'from', '`02-30` is not a day of the calendar | the last day of 02 is `02-29`'],
    [
      '2026-11-31',
      '2026-12-01',
      'from',
      '`2026-11-31` is not a day of the calendar | the last day of 2026-11 is `2026-11-30`',
    ],
    ['12-00', '12-05', 'from', '`12-00` is not a day of the calendar | the last day of 12 is `12-31`'],
    [
      '20-12',
      '12-24',
      'from',
      '`20-12` is not a day of the calendar | the month comes first, then the day: `12-20` is 20 December',
    ],
    [
      '12-20 24:00',
      '12-24',
      'from',
      '`12-20 24:00` is not a time of the day | a day has the times `00:00` to `23:59`; without a time, `to` is the end of its day',
    ],
    ['20.12.2026', '2027-01-03', 'from', '`20.12.2026` is not a time that a window can have | write `2026-12-20`'],
    ['3. 1.', '01-04', 'from', '`3. 1.` is not a time that a window can have | write `01-03`'],
    [
      '12/20',
      '12-24',
      'from',
      '`12/20` is not a time that a window can have | write `Fri 16:00` for every week, `12-20` for every year, or `2026-12-20 18:00` for once',
    ],
    [
      '2026-12-20 18:00Z',
      '2026-12-24',
      'from',
      '`2026-12-20 18:00Z` is not a time that a window can have | write `Fri 16:00` for every week, `12-20` for every year, or `2026-12-20 18:00` for once',
    ],
    [
      'Fri',
      'Mon 08:00',
      'from',
      '`Fri` is not a time of the week | write a day of Mon, Tue, Wed, Thu, Fri, Sat, Sun and a time, as `Fri 16:00`',
    ],
    [
      '2026-12-20',
      '2026-12-20 00:00',
      'to',
      'the window ends when it begins | name a later time; without a time, `to` is the end of its day',
    ],
    [
      '12-20 18:00',
      '12-20 18:00',
      'to',
      'the window ends when it begins | name a later time; without a time, `to` is the end of its day',
    ],
    ['Fri 16:00', 'Fri 16:00', 'to', 'the window ends when it begins | name a later time; a whole week is two windows'],
    ['2026-12-20', '2026-01-03', 'to', 'the window ends before it begins | did you mean `2027-01-03`?'],
    ['2026-12-20', '2024-02-29', 'to', 'the window ends before it begins | swap `from` and `to`'],
    [
      'Fri 16:00',
      '2026-12-20',
      'to',
      '`from` is every week and `to` is once | write both in one way: `Fri 16:00`, `12-20` or `2026-12-20`',
    ],
    [
      '2026-12-20',
      '01-03',
      'to',
      '`from` is once and `to` is every year | write both in one way: `Fri 16:00`, `12-20` or `2026-12-20`',
    ],
  ])('%s to %s', (from, to, key, problem) => {
    const text = environment(`freeze: [{ from: "${from}", to: "${to}", zone: UTC }]`)
    const line = text.split('\n')[6] ?? ''
    const column = key === 'from' ? line.indexOf('"') : line.indexOf('to: "') + 4
    expect(problemsOf(text)).toEqual([`7:${column + 1} environments.prod.freeze[0].${key} | ${problem}`])
  })

  it('is said beside other mistakes of the file', () => {
    const text = environment('freeze: [{ from: 12-20, to: 12-20 00:00, zone: UTC }]\nsoak: long')
    expect(problemsOf(text)).toHaveLength(2)
  })
})

describe('windows together', () => {
  const never =
    'environments.prod.freeze | the windows leave no time in which anything could go there | leave a time between them; to stop promotion for a while, `/lock` the environment'
  const list = (...windows: readonly (readonly [string, string, string?])[]) =>
    environment(
      `freeze: [${windows.map(([from, to, zone = 'UTC']) => `{ from: ${from}, to: ${to}, zone: ${zone} }`).join(', ')}]`,
    )

  it.each([
    ['the whole week in two', list(['Mon 00:00', 'Fri 00:00'], ['Fri 00:00', 'Mon 00:00'])],
    ['the whole year', list(['01-01', '12-31'])],
    [
      'the week and the night in another zone',
      list(['Mon 00:00', 'Sun 12:00'], ['Sun 06:00', 'Mon 09:00', 'Asia/Kathmandu']),
    ],
  ])('that cover everything are refused: %s', (_, text) => {
    expect(problemsOf(text)).toEqual([`7:5 ${never}`])
  })

  it('that leave a minute, or end one day, are not', () => {
    expect(problemsOf(list(['Mon 00:00', 'Fri 00:00'], ['Fri 00:01', 'Mon 00:00']))).toEqual([])
    expect(problemsOf(list(['03-01', '02-28']))).toEqual([])
    expect(problemsOf(list(['2026-01-01', '2099-12-31']))).toEqual([])
  })

  it('are at most thirty', () => {
    const many = Array.from({ length: 31 }, () => ['Fri 16:00', 'Mon 08:00'] as const)
    expect(problemsOf(list(...many))).toEqual([
      '7:5 environments.prod.freeze | more than 30 windows | join those that touch each other',
    ])
  })

  it('that a config repository requires are looked at as well', () => {
    const text = `version: 1
accepts:
  - from: a/b
    paths: ["x/**"]
    require:
      prod: { freeze: [{ from: "2026-12-20", to: "2026-01-03", zone: UTC }] }
`
    expect(problemsOf(text)).toEqual([
      '6:50 accepts[0].require.prod.freeze[0].to | the window ends before it begins | did you mean `2027-01-03`?',
    ])
  })
})
