/** When a promotion that is not merged is looked at again without any event, and when it is waited for no longer. */

import { describe, expect, it } from 'vitest'
import type { Promotion, Via } from '../../src/domain/promotion.ts'
import { judgeRules, type RuleFacts } from '../../src/domain/rules.ts'
import { expired, expiryOf, nextLook, waiting } from '../../src/services/promotion-patience.ts'
import { window } from '../domain/freeze-windows.ts'
import { held } from '../domain/hold-fixture.ts'
import { prod, STAGING } from '../domain/reference-settings.ts'

const HOUR = 3_600_000
const OPENED = new Date('2026-11-24T10:00:00Z')
const FRIDAY = new Date('2026-11-27T15:00:00Z')
const MONDAY = new Date('2026-11-30T07:00:00Z')
const later = (hours: number, from = OPENED) => new Date(from.getTime() + hours * HOUR)

const opened = (via: Via, kind: Promotion['kind'] = 'promotion'): Promotion =>
  ({
    via,
    kind,
    createdAt: later(-5).toISOString(),
    stage: { at: 'opened', openedAt: OPENED.toISOString() },
  }) as unknown as Promotion
const automatic = opened({ kind: 'automation' })
const asked = opened({ kind: 'deploy', by: 'alice' })

const rules = (facts: Partial<RuleFacts> = {}) =>
  judgeRules({
    via: { kind: 'automation' },
    environment: prod,
    release: { gates: { verdict: 'pass', failing: [] } },
    upstream: new Map([[STAGING, { since: later(-9), until: undefined }]]),
    holds: [],
    whoMay: { state: 'pass', detail: '' },
    approvedBy: ['bob'],
    approvers: 'bob',
    now: OPENED,
    ...facts,
  })

describe('the next look', () => {
  it.each<[string, Promotion, Partial<RuleFacts>, Date]>([
    ['while a review is missing: when the freeze begins', automatic, { approvedBy: [] }, FRIDAY],
    ['while only GitHub waits: when the freeze begins', automatic, {}, FRIDAY],
    ['in the freeze: when it lifts', automatic, { now: FRIDAY }, MONDAY],
    ['in the freeze, a review missing: when it lifts', automatic, { now: FRIDAY, approvedBy: [] }, MONDAY],
    ['held until tomorrow: then', automatic, { holds: [held({ until: later(20) })] }, later(20)],
    [
      'held into the freeze: when that begins, to say so',
      automatic,
      { holds: [held({ until: later(24, FRIDAY) })] },
      FRIDAY,
    ],
    ['held without end: when the freeze begins', automatic, { holds: [held({ until: undefined })] }, FRIDAY],
    ['asked for: when it expires, before all that', asked, { approvedBy: [] }, later(24)],
    ['without windows: when it expires', automatic, { environment: { ...prod, freeze: [] } }, later(14 * 24)],
    [
      'a freeze that is past: when it expires',
      automatic,
      { environment: { ...prod, freeze: [window('2026-11-01', '2026-11-02')] } },
      later(14 * 24),
    ],
  ])('%s', (_, promotion, facts, expected) => {
    expect(nextLook(promotion, rules(facts), prod)).toEqual(expected)
  })
})

describe('waiting ends', () => {
  it.each<[string, Promotion, number]>([
    ['for a command, as the environment says', asked, 2],
    ['for a command by force, too', opened({ kind: 'force', by: 'alice', reason: 'outage', rules: [] }), 2],
    ['for automation after two weeks', automatic, 14 * 24],
    ['for a rollback after half an hour', opened({ kind: 'rollback', by: 'alice' }, 'rollback'), 0.5],
    ['for an automatic rollback, too', opened({ kind: 'automatic-rollback', of: 'pro-1' }, 'rollback'), 0.5],
  ])('%s', (_, promotion, hours) => {
    expect(expiryOf(promotion, { expires: 2 * HOUR })).toEqual(later(hours))
  })

  it('counts from its proposal where it has no pull request', () => {
    const proposed = { ...asked, stage: { at: 'proposed' } } as Promotion
    expect(expiryOf(proposed, { expires: 2 * HOUR })).toEqual(later(-3))
  })

  it('says for how long, and what was missing', () => {
    const stage = expired(asked, rules({ approvedBy: [], now: FRIDAY }), {
      environment: { expires: 90 * 60_000 },
      now: FRIDAY,
    })
    expect(stage).toMatchObject({
      at: 'cancelled',
      reason: 'it waited for 1h 30m: frozen (weekend); needs 1 approval by bob',
    })
  })
})

it('what is waited for is kept with a pull request, for whoever tells of it', () => {
  const into = rules({
    upstream: new Map([[STAGING, { since: later(-0.5, FRIDAY), until: undefined }]]),
    now: later(-0.1, FRIDAY),
  })
  expect(waiting(automatic, into).stage).toMatchObject({
    waiting: {
      rules: [{ detail: 'must soak 1h in staging', until: later(0.5, FRIDAY).toISOString() }],
      together: MONDAY.toISOString(),
    },
  })
})
