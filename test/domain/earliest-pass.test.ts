/** The earliest time for all rules is what it says: judged again at that instant everything passes, and at no minute before. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseEnvironmentName } from '../../src/domain/ids.ts'
import { allPass, closesAt, earliestPass, judgeRules, type RuleFacts } from '../../src/domain/rules.ts'
import { window } from './freeze-windows.ts'
import { held } from './hold-fixture.ts'
import { known, prod, STAGING } from './reference-settings.ts'

const EU = known(parseEnvironmentName('eu-staging'))
const MINUTE = 60_000
const START = Date.parse('2026-11-23T00:00:00Z')
const minutes = (min: number, max: number) => fc.integer({ min, max })
const instant = (minute: number) => new Date(START + minute * MINUTE)

const WINDOWS = [
  window('Fri 16:00', 'Mon 08:00'),
  window('Wed 22:00', 'Thu 06:00', 'America/New_York'),
  window('Thu 05:00', 'Thu 12:00', 'UTC'),
  window('11-26', '11-27', 'Asia/Kathmandu'),
  window('2026-12-01 09:00', '2026-12-02'),
]

/** Where in a stretch of time to look besides its ends. */
const samples = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 4 })

const story = fc.record({
  now: minutes(0, 8 * 1440),
  windows: fc.subarray(WINDOWS),
  soak: minutes(1, 3000),
  verified: fc.tuple(minutes(0, 4000), minutes(0, 4000)),
  heldFor: fc.option(minutes(1, 4000)),
})

it('all rules pass at the earliest time and at none before; those that pass hold until one closes', () => {
  fc.assert(
    fc.property(story, samples, (told, shares) => {
      const now = instant(told.now)
      const since = (ago: number) => ({ since: new Date(now.getTime() - ago * MINUTE), until: undefined })
      const facts: RuleFacts = {
        via: { kind: 'automation' },
        environment: { ...prod, after: [STAGING, EU], soak: told.soak * MINUTE, freeze: told.windows },
        release: { gates: { verdict: 'pass', failing: [] } },
        upstream: new Map([
          [STAGING, since(told.verified[0])],
          [EU, since(told.verified[1])],
        ]),
        holds: told.heldFor === null ? [] : [held({ since: now, until: instant(told.now + told.heldFor) })],
        whoMay: { state: 'pass', detail: '' },
        approvedBy: ['bob'],
        approvers: 'bob',
        now,
      }
      const passes = (at: number) => allPass(judgeRules({ ...facts, now: new Date(at) }))
      const rules = judgeRules(facts)
      const earliest = earliestPass(rules)?.getTime()
      expect(earliest === undefined).toBe(allPass(rules))
      const begin = earliest ?? now.getTime()
      expect(passes(begin)).toBe(true)
      if (begin > now.getTime()) expect(passes(begin - 1)).toBe(false)
      for (const share of shares) {
        const before = now.getTime() + Math.floor((share * (begin - now.getTime())) / MINUTE) * MINUTE
        if (before < begin) expect(passes(before)).toBe(false)
      }
      const closes = closesAt(judgeRules({ ...facts, now: new Date(begin) }))?.getTime()
      if (told.windows.some(({ kind }) => kind !== 'dated')) expect(closes).toBeDefined()
      if (closes === undefined) return
      expect(passes(closes)).toBe(false)
      for (const share of shares) expect(passes(begin + Math.floor(share * (closes - begin)))).toBe(true)
    }),
    { numRuns: 200 },
  )
})
