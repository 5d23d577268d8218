/**
 * Bad releases, with everything around them failing at random and the bot killed with `kill -9`: they end on the last verified release, or somebody is told.
 * A dozen runs here, 500 in `npm run test:faults`. LOCKKEEPER_TEST_SEED draws others.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { type BotProcess, createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import { freshDatabase } from '../support/database.ts'
import { direct } from '../support/fault-director.ts'
import { planRun, planWeather, type RunPlan, seeded, type WeatherPlan } from '../support/fault-plans.ts'
import { type ManyModels, startManyModels } from '../support/many-models.ts'

const SEED = Number(process.env['LOCKKEEPER_TEST_SEED'] ?? 4711)
/** Rollouts that share a world, its weather and its bot. */
const MODELS_EACH = 12
const WORLDS = Math.ceil(Number(process.env['LOCKKEEPER_TEST_RUNS'] ?? MODELS_EACH) / MODELS_EACH)
/** Each world is two processes. */
const AT_ONCE = 2
/** From so many runs on their share says something. */
const ENOUGH = 400
/** Shorter than what the bot takes for its own absence. */
const STRIDE_MS = 150_000
const STORY_MS = 110 * 60_000
/** No fault begins later: once nothing is under way the story is over. */
const CALM_AFTER_MINUTES = 35
/** A dozen rollouts that fail at once are work for a minute on a busy machine. */
const SETTLE_MS = 300_000
/** pg-boss takes a job from a dead process when its heartbeat is ten seconds old. */
const TAKE_OVER_SECONDS = 60

/**
 * How a run ended. `safe`: the release before it is live. `kept`: a good release is. `stopped`: a bad one is, and its environment is held and an incident
 * is told. `passed`: a bad one is, that its checks were satisfied with: half of an endpoint's answers can be three of the newest four. `loose`: none of these.
 */
type Ending = 'safe' | 'kept' | 'stopped' | 'passed' | 'loose'
type Ended = RunPlan & {
  readonly ending: Ending
  readonly isStopped: boolean
  /** Its promotions, for whoever reads a failure. */
  readonly told: string
}
type World = { readonly ended: readonly Ended[]; readonly kills: number }

test(`bad releases end on the last verified one (seed ${SEED})`, { timeout: 3_600_000 }, async () => {
  const worlds: World[] = []
  const seeds = Array.from({ length: WORLDS }, (_, index) => SEED + index)
  const place = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) worlds.push(await playWorld(seed))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, place))
  const ended = worlds.flatMap((world) => world.ended)
  const bad = ended.filter(({ defect }) => defect !== 'none')
  const count = (ending: Ending): number => bad.filter((run) => run.ending === ending).length
  const share = count('safe') / bad.length
  process.stdout.write(
    `bad releases: ${bad.length} runs over ${WORLDS} worlds, bot killed ${worlds.reduce((sum, { kills }) => sum + kills, 0)} times: ` +
      `${count('safe')} end on the last verified release (${(100 * share).toFixed(1)} %), ${count('stopped')} held with an incident, ` +
      `${count('passed')} satisfied their checks, ${count('loose')} none of these; ` +
      `of ${ended.length - bad.length} good releases ${ended.filter(({ ending }) => ending === 'kept').length} stayed (seed ${SEED})\n`,
  )
  expect(bad.filter(({ ending }) => ending === 'loose')).toEqual([])
  // A way back that could not be proven is nobody's success, wherever it led.
  expect(ended.filter(({ told, isStopped }) => /rollback failed[^|]*$/.test(told) && !isStopped)).toEqual([])
  if (bad.length >= ENOUGH) expect(share).toBeGreaterThanOrEqual(0.99)
})

async function playWorld(seed: number): Promise<World> {
  const random = seeded(seed)
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-bad-'))
  const models = await startManyModels(MODELS_EACH, STORY_START)
  const databaseUrl = await freshDatabase()
  const bot = await createBotProcess(models.world, { databaseUrl, logFile: join(directory, 'bot.log') })
  const db = new pg.Client({ connectionString: databaseUrl })
  try {
    await db.connect()
    await bot.start()
    await deployed(models, bot)
    const runs = models.names.map((model) => planRun(model, random))
    return await playBad(models, { bot, db, runs, weather: planWeather(random) })
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : String(error)}\n${bot.logTail(12)}`)
  } finally {
    await db.end()
    await bot.close()
    await models.world.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The release that there is to go back to. */
async function deployed(models: ManyModels, bot: BotProcess): Promise<void> {
  const { world } = models
  await settleAll({ world, bot }, SETTLE_MS)
  const good = models.push(1)
  for (let stride = 0; stride < 6; stride += 1) {
    await settleAll({ world, bot }, SETTLE_MS)
    world.clock.advance(STRIDE_MS)
  }
  await settleAll({ world, bot }, SETTLE_MS)
  for (const model of models.names) expect(models.servedBy(model)).toBe(models.uriOf(model, good))
  const verified = world.github
    .deployments(MODEL_REPOSITORY)
    .filter(({ statuses }) => statuses.at(-1)?.state === 'success')
  expect(verified).toHaveLength(models.names.length)
}

type Played = {
  readonly bot: BotProcess
  readonly db: pg.Client
  readonly runs: readonly RunPlan[]
  readonly weather: WeatherPlan
}

async function playBad(models: ManyModels, { bot, db, runs, weather }: Played): Promise<World> {
  const { world } = models
  const before = new Map(models.names.map((model) => [model, models.servedBy(model)]))
  const began = world.clock.now().getTime()
  const commit = models.push(2)
  const director = direct(models, { runs, weather, commit })
  let kills = 0
  const jumps = [...weather.jumps]
  for (let minute = 0; minute * 60_000 < STORY_MS; minute = (world.clock.now().getTime() - began) / 60_000) {
    await director.at(minute)
    const killAfter = weather.kill()
    const killing = killAfter === undefined ? undefined : killedAfter(killAfter, bot)
    if (killing !== undefined) kills += 1
    const jump = jumps.findIndex(({ at }) => at <= minute)
    world.clock.advance(STRIDE_MS + (jump < 0 ? 0 : (jumps.splice(jump, 1)[0]?.by ?? 0) * 60_000))
    await killing
    await settleAll({ world, bot }, SETTLE_MS)
    if (minute > CALM_AFTER_MINUTES && !(await isUnderWay(db))) break
  }
  await director.end()
  await settleAll({ world, bot }, SETTLE_MS)
  const stops = await stoppedModels(db)
  const ended: Ended[] = []
  for (const run of runs) {
    const served = models.servedBy(run.model)
    const isStopped = stops.has(run.model)
    const isBack = served === before.get(run.model)
    const isKept = run.defect === 'none' && served === models.uriOf(run.model, commit)
    const told = await lastOf(db, run.model)
    const ending = isBack ? 'safe' : isKept ? 'kept' : isStopped ? 'stopped' : leftBy(run, told)
    ended.push({ ...run, ending, isStopped, told })
  }
  return { ended, kills }
}

const MODEL_REPOSITORY = 'acme/models'

async function killedAfter(milliseconds: number, bot: BotProcess): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  await bot.kill()
  await bot.ageOrphans(TAKE_OVER_SECONDS)
  await supervised(bot)
}

/** It does not start without GitHub; whoever runs it starts it again. */
async function supervised(bot: BotProcess, attempts = 60): Promise<void> {
  try {
    await bot.start()
  } catch (error) {
    if (attempts === 0) throw error
    await bot.kill()
    await supervised(bot, attempts - 1)
  }
}

/** Also while something is in Git that was given up on, and may be applied late. */
async function isUnderWay(db: pg.Client): Promise<boolean> {
  const { rowCount } = await db.query(`
    select 1 from (
      select distinct on (repository, model, environment) data->'stage'->>'code' as code, active from promotions
      order by repository, model, environment, sequence desc
    ) newest where active or code in ('sync_blocked', 'sync_timeout') limit 1`)
  return rowCount !== 0
}

/** What the ledger says of a bad release that is live. */
function leftBy({ defect }: RunPlan, told: string): Ending {
  return defect === 'answers 503 every other time' && /promotion verified$/.test(told) ? 'passed' : 'loose'
}

/** Held, and an incident is open. */
async function stoppedModels(db: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ model: string }>(
    `select distinct held.model from holds held join promotions one on one.model = held.model
     where held.ended_by is null and one.data->'incident' is not null and one.data->'incident'->>'closedAt' is null`,
  )
  return new Set(rows.map(({ model }) => model))
}

/** Its promotions as the ledger has them, oldest first, for whoever reads a failure. */
async function lastOf(db: pg.Client, model: string): Promise<string> {
  const { rows } = await db.query<{ said: string }>(
    `select concat_ws(' ', data->>'kind', stage, data->'stage'->>'code', data->'stage'->>'message') as said
     from promotions where model = $1 order by sequence`,
    [model],
  )
  return rows.map(({ said }) => said).join(' | ')
}
