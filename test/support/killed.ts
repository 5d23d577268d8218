/** `kill -9` of the bot at a chosen moment of a command: the database stalls what is to be written next, and the bot dies while it waits. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type BotProcess, createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import { startWorld, type World } from '../../sandbox/world/index.ts'
import { freshDatabase } from './database.ts'
import { reading } from './story-reading.ts'

/** pg-boss takes a job from a dead process when its heartbeat is ten seconds old. */
const TAKE_OVER_SECONDS = 60

/** Which write waits. */
export type Moment = { readonly before: 'insert' | 'update'; readonly table: string; readonly when: string }

/** What a command came to is to be recorded: everything that it does is done. */
export const RECORDING: Moment = { before: 'update', table: 'commands', when: `new.state = 'running'` }

export type KillStage = { readonly world: World; readonly bot: BotProcess; readonly db: pg.Client }

/** A world with the bot in a process of its own. */
export async function onKillStage(play: (stage: KillStage) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-killed-'))
  const world = await startWorld({ start: STORY_START, lag: { requests: 1 } })
  const databaseUrl = await freshDatabase()
  const bot = await createBotProcess(world, { databaseUrl, logFile: join(directory, 'bot.log') })
  const db = new pg.Client({ connectionString: databaseUrl })
  try {
    await db.connect()
    await bot.start()
    await play({ world, bot, db })
  } finally {
    await db.end()
    await bot.close()
    await world.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

export type Killing = {
  /** Writes the comment; gives its id. */
  readonly says: () => number
  /** A query that has rows once the command is as far as it is to come. */
  readonly isDone: string
  readonly at?: Moment
  /** What happens while the bot is down. */
  readonly meanwhile?: () => void
}

/** Says it, kills the bot once `isDone` and before the write at the moment, and gives the reply after a restart. */
export async function killed(
  { world, bot, db }: KillStage,
  { says, isDone, at = RECORDING, meanwhile }: Killing,
): Promise<string> {
  const { before, table, when } = at
  await db.query(`
    create function stall() returns trigger language plpgsql as $$ begin perform pg_sleep(600); return new; end $$;
    create trigger stall before ${before} on ${table} for each row when (${when}) execute function stall();`)
  const comment = says()
  const deadline = Date.now() + 30_000
  while ((await db.query(isDone)).rowCount === 0) {
    if (Date.now() > deadline) throw new Error('the command was not carried out')
    await sleep(50)
  }
  await bot.kill()
  await db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'lockkeeper%'`,
  )
  await db.query(`drop trigger stall on ${table}; drop function stall()`)
  meanwhile?.()
  await bot.ageOrphans(TAKE_OVER_SECONDS)
  await bot.start()
  await settleAll({ world, bot })
  return reading(world).replyTo(comment)
}
