/** Who passes which rule: the matrix of /deploy, --force, /rollback and automation; and each rule by itself. */
import { describe, expect, it } from 'vitest'
import { parseEnvironmentName } from '../../src/domain/ids.ts'
import type { Via } from '../../src/domain/promotion.ts'
import {
  allPass,
  closesAt,
  earliestPass,
  judgeRules,
  type RuleFacts,
  type RuleName,
  waitingFor,
} from '../../src/domain/rules.ts'
import { window } from './freeze-windows.ts'
import { CONFIG, held, stopped } from './hold-fixture.ts'
import { known, prod, STAGING, staging } from './reference-settings.ts'

const minutes = (count: number) => count * 60_000
const TUESDAY = new Date('2026-11-24T09:00:00Z')
const SATURDAY = new Date('2026-11-28T09:00:00Z')
const verifiedFor = (ms: number) => ({ since: new Date(TUESDAY.getTime() - ms), until: undefined })

/** Everything holds. */
const good: RuleFacts = {
  via: { kind: 'automation' },
  environment: prod,
  release: { gates: { verdict: 'pass', failing: [] } },
  upstream: new Map([[STAGING, verifiedFor(minutes(61))]]),
  holds: [],
  whoMay: { state: 'pass', detail: 'alice may' },
  approvedBy: ['bob'],
  approvers: 'team ml-leads, bob',
  now: TUESDAY,
}
/** Nothing holds. */
const bad: RuleFacts = {
  ...good,
  release: { gates: { verdict: 'fail', failing: ['auc'] } },
  upstream: new Map([[STAGING, undefined]]),
  holds: [held()],
  whoMay: { state: 'refused', detail: 'erin may not' },
  approvedBy: [],
  now: SATURDAY,
}

const RULES = ['who-may', 'gates', 'after', 'soak', 'freeze', 'hold', 'approvals'] as const
const states = (facts: RuleFacts) => judgeRules(facts).map(({ state }) => state)
const verdict = (rule: RuleName, facts: Partial<RuleFacts>) =>
  judgeRules({ ...good, via: { kind: 'deploy', by: 'alice' }, ...facts }).find((one) => one.rule === rule)

const automation: Via = { kind: 'automation' }
const deploy: Via = { kind: 'deploy', by: 'alice' }
const force: Via = { kind: 'force', by: 'alice', reason: 'outage', rules: ['soak', 'freeze'] }
const rollback: Via = { kind: 'rollback', by: 'alice' }
const automatic: Via = { kind: 'automatic-rollback', of: 'pro-1' }

describe('who is asked which rule, when none of them holds', () => {
  it('tells the rules in one order', () => {
    expect(judgeRules(bad).map(({ rule }) => rule)).toEqual(RULES)
  })

  it.each([
    ['automation', automation, ['skipped', 'refused', 'open', 'open', 'open', 'open', 'open']],
    ['/deploy', deploy, ['refused', 'refused', 'open', 'open', 'open', 'open', 'open']],
    ['/deploy --force', force, ['refused', 'refused', 'open', 'skipped', 'skipped', 'open', 'open']],
    ['/rollback', rollback, ['refused', ...Array<string>(6).fill('skipped')]],
    ['automatic rollback', automatic, Array<string>(7).fill('skipped')],
  ] as const)('%s', (_, via, expected) => {
    expect(states({ ...bad, via })).toEqual(expected)
  })

  it('sends nobody to people who are not there', () => {
    const nobody = { ...prod, force: { by: [], rules: [] } }
    expect(verdict('who-may', { ...bad, via: force, environment: nobody })?.act).toBe(
      '`force:` of prod names nobody: write it without `--force`',
    )
    expect(verdict('who-may', { ...bad, via: force })?.act).toBe('Ask one of them to write the command')
  })

  it('lets everybody pass when every rule holds', () => {
    for (const via of [automation, deploy, force, rollback, automatic])
      expect(allPass(judgeRules({ ...good, via }))).toBe(true)
  })
})

describe('each rule says what it waits for', () => {
  it('gates: which fail', () => {
    expect(verdict('gates', { release: bad.release })).toMatchObject({ state: 'refused', detail: 'gates fail: auc' })
    expect(verdict('gates', { release: undefined })?.state).toBe('pass')
  })

  it('after: where the release is not verified yet, or is no longer', () => {
    expect(verdict('after', { upstream: bad.upstream })).toMatchObject({ detail: 'not verified in staging yet' })
    expect(verdict('after', { upstream: new Map([[STAGING, 'bad']]) })).toMatchObject({
      state: 'refused',
      detail: 'failed or was rolled back in staging',
    })
    expect(verdict('after', { environment: staging })?.detail).toBe('first environment')
  })

  it('soak: from when on it has soaked', () => {
    const upstream = new Map([[STAGING, verifiedFor(minutes(20))]])
    const earliest = new Date(TUESDAY.getTime() + minutes(40))
    expect(verdict('soak', { upstream })).toMatchObject({ state: 'open', detail: 'must soak 1h in staging', earliest })
    expect(verdict('soak', { upstream, now: earliest })?.state).toBe('pass')
    expect(verdict('soak', { environment: staging })?.detail).toBe('no soak asked')
  })

  it('soak: one that was completed stays completed, one that was cut short does not', () => {
    const until = new Date(TUESDAY.getTime() - minutes(30))
    const long = { since: new Date(until.getTime() - minutes(60)), until }
    const short = { since: new Date(until.getTime() - minutes(59)), until }
    expect(verdict('soak', { upstream: new Map([[STAGING, long]]) })?.state).toBe('pass')
    expect(verdict('soak', { upstream: new Map([[STAGING, short]]) })).toMatchObject({
      state: 'open',
      earliest: undefined,
      detail: 'was replaced in staging before it had soaked there for 1h',
    })
  })

  it('freeze: until when, and why', () => {
    const earliest = new Date('2026-11-30T07:00:00Z')
    expect(verdict('freeze', { now: SATURDAY })).toMatchObject({ detail: 'frozen (weekend)', earliest })
  })

  it('hold: by whom and why; a timed one lifts by itself', () => {
    const until = new Date(TUESDAY.getTime() + minutes(5))
    const holds = [held({ until })]
    expect(verdict('hold', { holds })).toMatchObject({
      state: 'open',
      detail: 'held by carol: incident',
      earliest: until,
    })
    expect(verdict('hold', { holds, now: until })?.state).toBe('pass')
  })

  it('hold: all of them, each with its own time; it lifts with the last', () => {
    const [soon, later] = [new Date(TUESDAY.getTime() + minutes(5)), new Date(TUESDAY.getTime() + minutes(9))]
    const holds = [held({ model: undefined, by: 'dave', until: later }), held({ until: soon })]
    expect(verdict('hold', { holds })).toMatchObject({
      detail: 'held by dave for every model: incident; held by carol: incident',
      evidence: [
        { text: 'by dave', since: TUESDAY, until: later },
        { text: 'by carol', since: TUESDAY, until: soon },
      ],
      act: 'When the reason is gone: `/unlock prod`, `/unlock prod churn`',
      earliest: later,
    })
    expect(verdict('hold', { holds: [...holds, held({ kind: 'rollback' })] })?.earliest).toBeUndefined()
  })

  it('hold: by force only past what the environment holds, never past a stop of the config repository', () => {
    const via: Via = { kind: 'force', by: 'alice', reason: 'outage', rules: ['hold'] }
    const holds = [stopped(), held()]
    expect(verdict('hold', { via, holds: [held()] })?.state).toBe('skipped')
    expect(verdict('hold', { via, holds })).toMatchObject({
      state: 'open',
      detail: `everything that goes into ${CONFIG} is stopped by carol: incident`,
      act: 'When the reason is gone: `/unlock --all`',
    })
    const rollback: Via = { kind: 'rollback', by: 'alice' }
    expect(verdict('hold', { via: rollback, holds })?.state).toBe('skipped')
  })

  it('approvals: how many are missing, and whose', () => {
    const environment = { ...prod, approvals: 2 }
    expect(verdict('approvals', { environment })?.detail).toBe('needs 2 approvals by team ml-leads, bob, has 1 (bob)')
    expect(verdict('approvals', { environment, approvedBy: ['bob', 'carol'] })?.state).toBe('pass')
    expect(verdict('approvals', { environment: staging, approvedBy: [] })?.detail).toBe('no approval asked')
  })
})

const EU = known(parseEnvironmentName('eu-staging'))
const both = { ...prod, after: [STAGING, EU] }

describe('several environments that come first', () => {
  const soaked = verifiedFor(minutes(90))
  const soaking = verifiedFor(minutes(20))
  const short = { since: verifiedFor(minutes(50)).since, until: verifiedFor(minutes(10)).since }

  it.each([
    ['verified and soaked in both', soaked, soaked, 'verified in staging, eu-staging', 'soaked for 1h', undefined],
    ['still soaks in one', soaked, soaking, 'verified in staging, eu-staging', 'must soak 1h in eu-staging', 40],
    [
      'still soaks in both: the later one counts',
      verifiedFor(minutes(50)),
      soaking,
      'verified in staging, eu-staging',
      'must soak 1h in staging, eu-staging',
      40,
    ],
    [
      'not yet verified in one',
      soaking,
      undefined,
      'not verified in eu-staging yet',
      'must soak 1h once verified in staging, eu-staging',
      undefined,
    ],
    [
      'rolled back in one',
      soaked,
      'bad',
      'failed or was rolled back in eu-staging',
      'must soak 1h once verified in staging, eu-staging',
      undefined,
    ],
    [
      'replaced in one before its time',
      soaked,
      short,
      'verified in staging, eu-staging',
      'was replaced in eu-staging before it had soaked there for 1h',
      undefined,
    ],
  ] as const)('%s', (_, one, other, after, soak, inMinutes) => {
    const facts = {
      environment: both,
      upstream: new Map([
        [STAGING, one],
        [EU, other],
      ]),
    }
    expect(verdict('after', facts)?.detail).toBe(after)
    expect(verdict('soak', facts)).toMatchObject({
      detail: soak,
      earliest: inMinutes === undefined ? undefined : new Date(TUESDAY.getTime() + minutes(inMinutes)),
    })
  })
})

const FRIDAY = new Date('2026-11-27T14:30:00Z')
const FROZEN = new Date('2026-11-27T15:00:00Z')
const MONDAY = new Date('2026-11-30T07:00:00Z')
/** The soak ends at 16:10 in Berlin, ten minutes after the weekend's freeze has begun. */
const soaksIntoWeekend = {
  now: FRIDAY,
  upstream: new Map([[STAGING, { since: new Date('2026-11-27T14:10:00Z'), until: undefined }]]),
}

describe('the earliest time at which all rules pass together', () => {
  it.each([
    ['a freeze alone', { now: SATURDAY }, MONDAY],
    ['a soak alone', { upstream: new Map([[STAGING, verifiedFor(minutes(20))]]) }, new Date('2026-11-24T09:40:00Z')],
    ['a soak that ends inside a freeze: when that lifts', soaksIntoWeekend, MONDAY],
    ['a hold that ends inside a freeze: when that lifts', { now: FRIDAY, holds: [held({ until: SATURDAY })] }, MONDAY],
    ['a hold that ends as a freeze begins', { now: FRIDAY, holds: [held({ until: FROZEN })] }, MONDAY],
    [
      'a hold that ends a minute before',
      { now: FRIDAY, holds: [held({ until: new Date(FROZEN.getTime() - minutes(1)) })] },
      new Date(FROZEN.getTime() - minutes(1)),
    ],
    [
      'a hold over the freeze',
      { now: FRIDAY, holds: [held({ until: new Date('2026-12-01T09:00:00Z') })] },
      new Date('2026-12-01T09:00:00Z'),
    ],
    [
      'a hold into the next freeze',
      { now: FRIDAY, holds: [held({ until: new Date('2026-12-05T09:00:00Z') })] },
      new Date('2026-12-07T07:00:00Z'),
    ],
    ['a hold without end', { holds: [held({ until: undefined })] }, undefined],
    ['an approval that is missing', { approvedBy: [], now: SATURDAY }, undefined],
    ['gates that fail', { ...soaksIntoWeekend, release: bad.release }, undefined],
    ['nothing open', {}, undefined],
    [
      'a freeze that never lifts',
      { environment: { ...prod, freeze: [window('Mon 00:00', 'Fri 00:00'), window('Fri 00:00', 'Mon 00:00')] } },
      undefined,
    ],
  ])('%s', (_, facts: Partial<RuleFacts>, expected) => {
    expect(earliestPass(judgeRules({ ...good, ...facts }))).toEqual(expected)
  })

  it.each([
    ['automation', automation, MONDAY],
    ['/deploy', deploy, MONDAY],
    ['/deploy --force of soak and freeze', force, undefined],
    ['/deploy --force of freeze: the soak alone', { ...force, rules: ['freeze'] }, new Date('2026-11-27T15:10:00Z')],
    ['/deploy --force of soak: nothing is open yet', { ...force, rules: ['soak'] }, undefined],
    ['/rollback', rollback, undefined],
    ['automatic rollback', automatic, undefined],
  ] as const)('a soak into a freeze, by %s', (_, via, expected) => {
    expect(earliestPass(judgeRules({ ...good, ...soaksIntoWeekend, via }))).toEqual(expected)
  })

  it('leaves each rule its own time, and is kept where none of them says it', () => {
    const rules = judgeRules({ ...good, ...soaksIntoWeekend })
    expect(rules.find(({ rule }) => rule === 'soak')?.earliest).toEqual(new Date('2026-11-27T15:10:00Z'))
    expect(waitingFor(rules)).toEqual({
      rules: [{ detail: 'must soak 1h in staging', until: '2026-11-27T15:10:00.000Z' }],
      together: MONDAY.toISOString(),
    })
    expect(waitingFor(judgeRules({ ...good, now: SATURDAY })).together).toBeUndefined()
  })

  it('says of a freeze that never lifts that it does not', () => {
    const freeze = [window('Mon 00:00', 'Fri 00:00'), window('Fri 00:00', 'Mon 00:00')]
    expect(verdict('freeze', { environment: { ...prod, freeze } })).toMatchObject({
      detail: 'frozen: its windows leave no time',
      earliest: undefined,
    })
  })
})

describe('when rules that pass close by themselves', () => {
  it.each([
    ['automation', automation, FROZEN],
    ['/deploy', deploy, FROZEN],
    ['/deploy --force of freeze', force, undefined],
    ['/rollback', rollback, undefined],
    ['automatic rollback', automatic, undefined],
  ] as const)('%s: as the next freeze begins, where it is asked', (_, via, expected) => {
    expect(closesAt(judgeRules({ ...good, via }))).toEqual(expected)
  })

  it('not while it is closed, and never without windows', () => {
    expect(closesAt(judgeRules({ ...good, now: SATURDAY }))).toBeUndefined()
    expect(closesAt(judgeRules({ ...good, environment: staging }))).toBeUndefined()
  })
})
