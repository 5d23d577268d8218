/** Holds in the ledger: one of a kind per scope, whoever comes at the same time; nobody lifts another one than the one meant. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Hold, type HoldKind, type HoldScope, holdId, holdsOn, isOver } from '../../src/domain/hold.ts'
import { CHURN, CONFIG, FRAUD, held, MODELS, PROD, stopped } from '../domain/hold-fixture.ts'
import { ledgerBench } from '../support/ledger.ts'

const bench = ledgerBench()

const NOW = new Date('2026-11-24T09:00:00Z')
const MINUTE = 60_000
const later = (minutes: number) => new Date(NOW.getTime() + minutes * MINUTE)
const here = () => bench.ledger.holds([MODELS, CONFIG])
const lifted = (by = 'carol', cause = 'command 9') => ({ by, cause, at: NOW })
const audited = async () =>
  (await bench.database.db.selectFrom('audit').select(['actor', 'action', 'subject']).orderBy('id').execute()).map(
    ({ actor, action, subject }) => `${actor} ${action} ${subject}`,
  )

describe('two people at once', () => {
  it('one of twenty holds, and all others are told who does', async () => {
    const people = Array.from({ length: 20 }, (_, index) => held({ by: `person-${index}` }, `command ${index}`))
    const answers = await Promise.all(people.map((hold) => bench.ledger.placeHold(hold, NOW)))
    const winners = answers.filter(({ kind }) => kind === 'held')
    expect(winners).toHaveLength(1)
    expect(new Set(answers.map(({ hold }) => hold.by)).size).toBe(1)
    expect((await here()).map(({ by }) => by)).toEqual([winners[0]?.hold.by])
    expect(await audited()).toHaveLength(1)
  })

  it('one person who asks twenty times holds once, by one of the twenty', async () => {
    const asked = Array.from({ length: 20 }, (_, index) => held({ reason: `${index}` }, `command ${index}`))
    const answers = await Promise.all(asked.map((hold) => bench.ledger.placeHold(hold, NOW)))
    expect(answers.every(({ kind }) => kind === 'held')).toBe(true)
    expect(await here()).toHaveLength(1)
  })

  it('twenty who lift it: one does', async () => {
    const hold = held()
    await bench.ledger.placeHold(hold, NOW)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        bench.ledger.liftHold(hold, lifted(`person-${index}`, `command ${index}`)),
      ),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await audited()).toHaveLength(2)
  })

  it('is refused by the database itself', async () => {
    const insert = (id: string) =>
      bench.database.db
        .insertInto('holds')
        .values({ id, repository: MODELS, environment: PROD, model: '', kind: 'lock', ended_by: null, data: '{}' })
        .execute()
    await insert('one')
    await expect(insert('two')).rejects.toThrow('holds_one_of_a_kind')
  })
})

describe('a lock', () => {
  it('is changed by its owner, who has held since the beginning', async () => {
    const first = held()
    const second = held({ reason: 'still', since: later(5), until: later(60) }, 'command 2')
    await bench.ledger.placeHold(first, NOW)
    const changed = { ...second, since: first.since }
    expect(await bench.ledger.placeHold(second, later(5))).toEqual({
      ...{ kind: 'held', isLifted: false, before: first, hold: changed },
    })
    expect(await here()).toEqual([changed])
  })

  it('that is over is nobody’s: the next one takes its place', async () => {
    await bench.ledger.placeHold(held({ by: 'dave', until: later(5) }), NOW)
    const next = held({ by: 'erin', since: later(5) }, 'command 2')
    expect((await bench.ledger.placeHold(next, later(4))).kind).toBe('taken')
    expect(await bench.ledger.placeHold(next, later(5))).toMatchObject({ kind: 'held', before: undefined, hold: next })
    expect(await here()).toEqual([next])
  })

  it('and a rollback’s hold leave each other alone', async () => {
    const lock = held({ until: later(5) })
    const rollback = held({ kind: 'rollback', by: 'alice', reason: 'rolled back' })
    await bench.ledger.placeHold(lock, NOW)
    expect((await bench.ledger.placeHold(rollback, NOW)).kind).toBe('held')
    expect(await bench.ledger.liftHold(lock, lifted())).toBe(true)
    expect(await here()).toEqual([rollback])
  })

  it('of a command that is run again is found, lifted or not, and not set a second time', async () => {
    const hold = held()
    await bench.ledger.placeHold(hold, NOW)
    expect(await bench.ledger.placeHold({ ...hold, since: later(1) }, later(1))).toMatchObject({
      hold,
      isLifted: false,
    })
    await bench.ledger.liftHold(hold, lifted())
    expect(await bench.ledger.placeHold(hold, later(2))).toMatchObject({ kind: 'held', isLifted: true })
    expect(await here()).toEqual([])
    expect(await audited()).toEqual(['carol lock churn prod', 'carol unlock churn prod'])
  })

  it('is lifted by who meant it: not its successor', async () => {
    const first = held()
    await bench.ledger.placeHold(first, NOW)
    await bench.ledger.liftHold(first, lifted())
    const second = held({}, 'command 2')
    await bench.ledger.placeHold(second, NOW)
    expect(await bench.ledger.liftHold(first, lifted('erin', 'command 3'))).toBe(false)
    expect(await here()).toEqual([second])
    expect(await bench.ledger.holdsEndedBy('command 9')).toEqual([first])
    expect(await bench.ledger.holdsEndedBy('command 3')).toEqual([])
  })

  it('of one scope leaves the others free', async () => {
    const all = [stopped(), held({ model: undefined }), held(), held({ model: FRAUD })]
    for (const hold of all) expect((await bench.ledger.placeHold(hold, NOW)).kind).toBe('held')
    expect(await here()).toEqual(all)
    const churn = { repository: MODELS, environment: PROD, model: CHURN }
    expect(holdsOn(await here(), churn, { into: CONFIG, now: NOW })).toEqual(all.slice(0, 3))
  })
})

const scopes: readonly HoldScope[] = [
  { repository: MODELS, environment: PROD, model: CHURN },
  { repository: MODELS, environment: PROD, model: FRAUD },
  { repository: MODELS, environment: PROD, model: undefined },
  { repository: CONFIG, environment: undefined, model: undefined },
]
const act = fc.record({
  does: fc.constantFrom('lock', 'lock', 'rollback', 'unlock', 'pass'),
  scope: fc.constantFrom(...scopes),
  by: fc.constantFrom('alice', 'bob', 'carol'),
  minutes: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
})

/** A list of what holds, without a database. */
class Book {
  held: readonly Hold[] = []
  place(hold: Hold, now: Date): 'held' | 'taken' {
    const there = this.at(hold, hold.kind).find((one) => !isOver(one, now))
    if (there !== undefined && hold.kind === 'lock' && there.by !== hold.by) return 'taken'
    const since = there !== undefined && hold.kind === 'lock' ? there.since : hold.since
    this.held = [...this.held.filter((one) => !this.at(hold, hold.kind).includes(one)), { ...hold, since }]
    return 'held'
  }
  at = (scope: HoldScope, kind: HoldKind) =>
    this.held.filter(
      (one) =>
        one.kind === kind &&
        one.repository === scope.repository &&
        one.environment === scope.environment &&
        one.model === scope.model,
    )
  lift(hold: Hold) {
    this.held = this.held.filter((one) => one !== hold)
  }
}

it('whatever people and time do, the ledger holds what a list on paper would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
      await bench.database.db.deleteFrom('holds').execute()
      const book = new Book()
      let now = NOW
      for (const [index, { does, scope, by, minutes }] of acts.entries()) {
        if (does === 'pass') now = new Date(now.getTime() + (minutes ?? 1) * MINUTE)
        else if (does === 'unlock') {
          for (const hold of [...book.at(scope, 'lock'), ...book.at(scope, 'rollback')]) {
            book.lift(hold)
            expect(await bench.ledger.liftHold(hold, { by, cause: `${index}`, at: now })).toBe(true)
          }
        } else {
          const until =
            does === 'rollback' || minutes === undefined ? undefined : new Date(now.getTime() + minutes * MINUTE)
          const id = holdId(scope, does, `${index}`)
          const hold: Hold = {
            ...scope,
            id,
            kind: does,
            by,
            reason: `${index}`,
            since: now,
            until,
            confinedTo: undefined,
          }
          expect((await bench.ledger.placeHold(hold, now)).kind).toBe(book.place(hold, now))
        }
        const sorted = (holds: readonly Hold[]) => holds.toSorted((a, b) => a.id.localeCompare(b.id))
        expect(sorted(await here())).toEqual(sorted(book.held))
      }
    }),
    { numRuns: 40 },
  )
}, 60_000)
