/** `kill -9` between what `/approve` and `/cancel` write and what follows: run again, they come to the same end. */
import { expect, test } from 'vitest'
import { settleAll } from '../../sandbox/demo/stage.ts'
import { finishTraining, mergeModel, openChurnPullRequest } from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { type KillStage, killed, type Moment, onKillStage, RECORDING } from '../support/killed.ts'
import { HOUR, MINUTE } from '../support/story.ts'
import { reading } from '../support/story-reading.ts'

/** churn v12 waits for an approval before prod, where alice asked for it; gives its pull request. */
async function waitsForProd({ world, bot }: KillStage): Promise<number> {
  const pull = openChurnPullRequest(world, 'better')
  finishTraining(world, pull)
  await settleAll({ world, bot })
  mergeModel(world, pull)
  await settleAll({ world, bot })
  world.clock.advance(HOUR)
  world.github.comment(MODELS, pull.number, '/deploy prod', { by: 'alice' })
  await settleAll({ world, bot })
  world.clock.advance(MINUTE)
  return pull.number
}

const APPROVED = 'select 1 from approvals'
const CANCELLED = `select 1 from promotions where stage = 'cancelled'`

/** It is being written down, audit and all. */
const WRITING = `select 1 from pg_stat_activity where wait_event = 'PgSleep'`
const audited = (action: string): Moment => ({ before: 'insert', table: 'audit', when: `new.action = '${action}'` })

const moments = (action: string, done: string): readonly (readonly [string, string, Moment])[] => [
  ['while it is written down', WRITING, audited(action)],
  ['when all is done but the answer', done, RECORDING],
]

test.each(moments('approve', APPROVED))(
  'approved and killed %s: one approval, and the same answer',
  { timeout: 180_000 },
  async (_, isDone, at) => {
    await onKillStage(async (stage) => {
      const { world, db } = stage
      const number = await waitsForProd(stage)
      const says = () => world.github.comment(MODELS, number, '/approve prod', { by: 'bob' })
      const reply = await killed(stage, { says, isDone, at })
      expect(reply).toContain('✅ **bob approved churn v12 → prod at `<sha>`** ([promotion PR 2]')
      expect(reading(world).promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
      expect((await db.query(APPROVED)).rowCount).toBe(1)
      expect((await db.query(`select 1 from audit where action = 'approve'`)).rowCount).toBe(1)
    })
  },
)

test('approved and killed, and merged by somebody before the answer: the same answer', {
  timeout: 180_000,
}, async () => {
  await onKillStage(async (stage) => {
    const { world } = stage
    const number = await waitsForProd(stage)
    const says = () => world.github.comment(MODELS, number, '/approve prod', { by: 'bob' })
    const meanwhile = () => world.github.merge(CONFIG, 2, { by: 'carol' })
    const reply = await killed(stage, { says, isDone: APPROVED, meanwhile })
    expect(reply).toContain('✅ **bob approved churn v12 → prod at `<sha>`** ([promotion PR 2]')
    expect(reading(world).promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  })
})

test.each(moments('cancel', CANCELLED))(
  'cancelled and killed %s: closed all the same, and told once',
  { timeout: 180_000 },
  async (_, isDone, at) => {
    await onKillStage(async (stage) => {
      const { world, bot, db } = stage
      const number = await waitsForProd(stage)
      const says = () => world.github.comment(MODELS, number, '/cancel prod', { by: 'carol' })
      const reply = await killed(stage, { says, isDone, at })
      expect(reply).toContain('🛑 **Cancelled: churn v12 → prod**')
      world.clock.advance(HOUR)
      await settleAll({ world, bot })
      const read = reading(world)
      expect(read.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
      expect(Object.keys(world.github.branches(CONFIG))).toEqual(['main'])
      expect(read.thread({ number })).toContain('cancelled by carol')
      expect((await db.query(`select 1 from audit where action = 'cancel'`)).rowCount).toBe(1)
    })
  },
)

test('cancelled and killed, where the environment was not named: the same answer', { timeout: 180_000 }, async () => {
  await onKillStage(async (stage) => {
    const number = await waitsForProd(stage)
    const says = () => stage.world.github.comment(MODELS, number, '/cancel', { by: 'carol' })
    const reply = await killed(stage, { says, isDone: CANCELLED })
    expect(reply).toContain('🛑 **Cancelled: churn v12 → prod**')
  })
})
