/** `kill -9` between what a command does to a hold and what is said about it: run again, it comes to the same end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import { type BotProcess, createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import { openChurnPullRequest } from '../../sandbox/world/acts.ts'
import { MODELS, startWorld, type World } from '../../sandbox/world/index.ts'
import { freshDatabase } from '../support/database.ts'
import { reading } from '../support/story-reading.ts'

/** pg-boss takes a job from a dead process when its heartbeat is ten seconds old. */
const TAKE_OVER_SECONDS = 60

/** What a command came to is not recorded while this is there: it waits where a crash would come. */
const STALL = `
  create function stall() returns trigger language plpgsql as $$ begin perform pg_sleep(600); return new; end $$;
  create trigger stall before update on commands for each row when (new.state = 'running') execute function stall();`
const GO_ON = 'drop trigger stall on commands; drop function stall()'

type Stage = { readonly world: World; readonly bot: BotProcess; readonly db: pg.Client }

/** Says it, kills the bot once `isDone` and before anything is recorded, and gives the reply after a restart. */
async function killed({ world, bot, db }: Stage, says: () => number, isDone: string): Promise<string> {
  await db.query(STALL)
  const comment = says()
  const deadline = Date.now() + 30_000
  while ((await db.query(isDone)).rowCount === 0) {
    if (Date.now() > deadline) throw new Error('the command was not carried out')
    await sleep(50)
  }
  await bot.kill()
  const mine = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'lockkeeper%'`
  await db.query(mine)
  await db.query(GO_ON)
  await bot.ageOrphans(TAKE_OVER_SECONDS)
  await bot.start()
  await settleAll({ world, bot })
  return reading(world).replyTo(comment)
}

test('locked and killed, unlocked and killed: one lock, one release of it, and the reply that belongs to each', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-holds-'))
  const world = await startWorld({ start: STORY_START, lag: { requests: 1 } })
  const databaseUrl = await freshDatabase()
  const bot = await createBotProcess(world, { databaseUrl, logFile: join(directory, 'bot.log') })
  const db = new pg.Client({ connectionString: databaseUrl })
  try {
    await db.connect()
    await bot.start()
    const { number } = openChurnPullRequest(world, 'better')
    await settleAll({ world, bot })
    const says = (body: string, by = 'alice') => world.github.comment(MODELS, number, body, { by })
    const stage = { world, bot, db }
    const held = await killed(stage, () => says('/lock staging an audit'), 'select 1 from holds')
    expect(held).toMatchInlineSnapshot(`
      🔒 \`staging\` for every model is held until it is lifted: only a rollback goes there.
      Reason: an audit
      To lift it: \`/unlock staging\`.
    `)
    expect((await db.query('select 1 from holds')).rowCount).toBe(1)
    const other = says('/lock staging me too', 'bob')
    await settleAll({ world, bot })
    expect(reading(world).replyTo(other)).toContain('lock by alice since')
    const isLifted = 'select 1 from holds where ended_by is not null'
    const free = await killed(stage, () => says('/unlock staging', 'bob'), isLifted)
    expect(free).toMatchInlineSnapshot(`
      🔓 \`staging\` for every model is free again.

      Lifted:
      - the lock by alice since 2026-11-24 09:00 UTC: an audit
    `)
    const audit = await db.query<{ entry: string }>(
      `select concat_ws(' ', actor, action, subject) as entry from audit order by id`,
    )
    expect(audit.rows.map(({ entry }) => entry)).toEqual(['alice lock staging', 'bob unlock staging'])
  } finally {
    await db.end()
    await bot.close()
    await world.close()
    rmSync(directory, { recursive: true, force: true })
  }
}, 120_000)
