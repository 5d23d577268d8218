/** `kill -9` between what `/approve` and `/cancel` write and what follows: run again, they come to the same end. */
import { expect, test } from 'vitest'
import { settleAll } from '../../sandbox/demo/stage.ts'
import { finishTraining, mergeModel, openChurnPullRequest } from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { type KillStage, killed, onKillStage, RECORDING } from '../support/killed.ts'
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

const moments = [
  ['before anything follows', { before: 'insert', table: 'audit', when: `new.action = 'approve'` }],
  ['when all is done but the answer', RECORDING],
] as const

test.each(moments)('approved and killed %s: one approval, and the same answer', { timeout: 180_000 }, async (_, at) => {
  await onKillStage(async (stage) => {
    const { world, db } = stage
    const number = await waitsForProd(stage)
    const says = () => world.github.comment(MODELS, number, '/approve prod', { by: 'bob' })
    const reply = await killed(stage, { says, isDone: APPROVED, at })
    expect(reply).toContain('✅ **bob approved churn v12 → prod at `<sha>`** ([promotion PR 2]')
    expect(reading(world).promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
    expect((await db.query(APPROVED)).rowCount).toBe(1)
    expect((await db.query(`select 1 from audit where action = 'approve'`)).rowCount).toBeGreaterThan(0)
  })
})

test('cancelled and killed before it is closed: closed all the same, and told once', { timeout: 180_000 }, async () => {
  await onKillStage(async (stage) => {
    const { world, bot, db } = stage
    const number = await waitsForProd(stage)
    const says = () => world.github.comment(MODELS, number, '/cancel prod', { by: 'carol' })
    const at = { before: 'insert', table: 'audit', when: `new.action = 'cancel'` } as const
    const reply = await killed(stage, { says, isDone: CANCELLED, at })
    expect(reply).toContain('🛑 **Cancelled: churn v12 → prod**')
    world.clock.advance(HOUR)
    await settleAll({ world, bot })
    const read = reading(world)
    expect(read.promotions().at(-1)).toBe('Promote churn v12 to prod (closed)')
    expect(Object.keys(world.github.branches(CONFIG))).toEqual(['main'])
    expect(read.thread({ number })).toContain('cancelled by carol')
    expect((await db.query(`select 1 from audit where action = 'cancel'`)).rowCount).toBe(1)
  })
})
