/** Plays scripts of delivery-scripts.ts side by side in one world, each model with a schedule of its own, and tells how each ended. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type BotProcess, createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import type { Lag } from '../../sandbox/github/state.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { freshDatabase } from './database.ts'
import { type Cast, SCRIPTS, type ScriptName, type Step } from './delivery-scripts.ts'
import { anonymous, pullRequests } from './end-state.ts'
import { seeded } from './fault-plans.ts'
import { type ManyModels, startManyModels } from './many-models.ts'
import { type Envelope, type Fate, isPrompt, PROMPT, startPostman, titleOf, wordsOf } from './postman.ts'

export type Schedule = {
  readonly script: ScriptName
  /** Minutes between two acts. */
  readonly gaps: readonly number[]
  /** What becomes of the events of people, in the order in which they come to be; then they are carried promptly. */
  readonly fates: readonly Fate[]
  /** The same of events of what the bot does. */
  readonly echoes: readonly Fate[]
  /** The step before which its people go home; absent: they play to the end. */
  readonly until?: string
}

/** Everything in its order, at once. */
export const inOrder = (script: ScriptName): Schedule => ({ script, gaps: [], fates: [], echoes: [] })

const PROD: readonly string[] = [
  'deploy: on-command',
  'deployers: ["user:alice"]',
  'approvals: 1',
  'approvers: ["user:bob"]',
  'sync:',
  '  argocd: { application: "{{ model.name }}-prod" }',
  '  within: 30m',
  'verify:',
  '  within: 15m',
  '  kserve: { name: "{{ model.name }}", namespace: prod }',
  'rollback: manual',
]

/** A story that is not over by then never will be. */
const MOST_MINUTES = 120
const MINUTE = 60_000
const SWEEP_MINUTES = 5
const SETTLE_MS = 300_000

export type Stage = {
  readonly models: ManyModels
  readonly bot: BotProcess
  readonly db: pg.Client
}

/** A world of so many models with the bot in a process of its own. */
export async function onDeliveryStage<Result>(
  count: number,
  play: (stage: Stage) => Promise<Result>,
  lag?: Lag,
): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-deliveries-'))
  const models = await startManyModels(count, STORY_START, PROD, lag)
  const databaseUrl = await freshDatabase()
  const logFile = join(directory, 'bot.log')
  const bot = await createBotProcess(models.world, { databaseUrl, logFile })
  const db = new pg.Client({ connectionString: databaseUrl })
  try {
    await db.connect()
    await bot.start()
    await settleAll({ world: models.world, bot }, SETTLE_MS)
    return await play({ models, bot, db })
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : String(error)}\n${bot.logTail(12)}`)
  } finally {
    await db.end()
    await bot.close()
    await models.world.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

type Player = {
  readonly cast: Cast
  /** What was done, and what became of its events where they were not carried promptly. */
  readonly told: string[]
  readonly schedule: Schedule
  readonly steps: Step[]
  readonly gaps: number[]
  readonly fates: Fate[]
  readonly echoes: Fate[]
  /** The minute of the next act. */
  next: number
}

/** Each schedule on a model of its own; the ends in the same order. */
export async function playSchedules(
  stage: Stage,
  schedules: readonly Schedule[],
  seed: number,
): Promise<readonly End[]> {
  const { models, bot } = stage
  const { world } = models
  const players = schedules.map((schedule, index) => playerOf(models, schedule, index))
  const byModel = new Map(players.map((player) => [player.cast.model, player]))
  let minute = 0
  const postman = startPostman(world, {
    url: bot.url,
    random: seeded(seed),
    fateOf: (envelope) => fateOf(envelope, byModel, minute),
  })
  let over = MOST_MINUTES
  for (; minute < over; minute += 1) {
    for (const player of players) act(player, minute)
    await world.github.delivered()
    await postman.deliver()
    if (minute % SWEEP_MINUTES === 0) await sweep(stage)
    await settleAll({ world, bot }, SETTLE_MS)
    // Whatever was dropped last is found by the sweep after that, and what follows from it by another.
    const isOver = over === MOST_MINUTES && !postman.isWaiting() && players.every(isDone)
    if (isOver) over = Math.min(MOST_MINUTES, minute + 2 * SWEEP_MINUTES + 2)
    world.clock.advance(MINUTE)
  }
  return endsOf(stage, players)
}

function playerOf(models: ManyModels, schedule: Schedule, index: number): Player {
  const model = models.names[index]
  if (model === undefined) throw new Error('more schedules than models')
  const { script, gaps, fates, echoes } = schedule
  const cast = { models, model, number: 0, comment: 0, round: 0 }
  return {
    cast,
    told: [],
    schedule,
    steps: [...SCRIPTS[script].steps],
    gaps: [...gaps],
    fates: [...fates],
    echoes: [...echoes],
    next: 0,
  }
}

function act(player: Player, minute: number): void {
  for (let [step] = player.steps; step !== undefined && minute >= player.next; [step] = player.steps) {
    if (isDone(player)) return
    if (step.when !== undefined && !step.when(player.cast)) return
    player.told.push(`minute ${minute}: ${player.cast.model} ${step.name}`)
    step.act(player.cast)
    player.steps.shift()
    player.next = minute + (player.gaps.shift() ?? 1)
  }
}

const isDone = ({ steps: [next], schedule: { until } }: Player): boolean => next === undefined || next.name === until

/** Every event names the model that it is about; what is about several goes with the first. */
function fateOf(envelope: Envelope, players: ReadonlyMap<string, Player>, minute: number): Fate {
  const { payload } = envelope
  const name = /\bm\d{3}\b/.exec(JSON.stringify(payload))?.[0] ?? ''
  const player = players.get(name)
  const { sender } = payload
  const isEcho = typeof sender === 'object' && sender !== null && 'type' in sender && sender.type === 'Bot'
  const fate = (isEcho ? player?.echoes : player?.fates)?.shift() ?? PROMPT
  if (!isPrompt(fate)) player?.told.push(`minute ${minute}: ${titleOf(envelope)} ${wordsOf(fate)}`)
  return fate
}

/** The sweep runs by the machine's clock, and the story's is faster: this is its next time. */
export async function sweep({ db, models, bot }: Stage): Promise<void> {
  await settleAll({ world: models.world, bot }, SETTLE_MS)
  const from = models.world.github.requests.length
  await db.query(
    `update pgboss.job set start_after = now() where name = 'every-recover-deliveries' and state = 'created'`,
  )
  const deadline = Date.now() + SETTLE_MS
  const isDone = async () => {
    const { rows } = await db.query(
      `select 1 from pgboss.job where name = 'every-recover-deliveries' and state = 'created' and start_after > now() + interval '1 minute'`,
    )
    return (
      rows.length > 0 && models.world.github.requests.slice(from).some(({ path }) => path === '/app/hook/deliveries')
    )
  }
  while (!(await isDone())) {
    if (Date.now() > deadline) throw new Error('the sweep does not come')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export type End = {
  readonly schedule: Schedule
  /** What was done, and what became of its events where they were not carried promptly, a line each. */
  readonly told: readonly string[]
  /** What its people still waited for. */
  readonly left: readonly string[]
  /** What is live, and held. */
  readonly live: unknown
  /** Everything that anybody can see. */
  readonly all: unknown
}

async function endsOf({ models, db }: Stage, players: readonly Player[]): Promise<readonly End[]> {
  const { world } = models
  const pulls = { [MODELS]: pullRequests(world, MODELS), [CONFIG]: pullRequests(world, CONFIG) }
  const { rows: holds } = await db.query<{ model: string; held: string }>(
    `select model, data->>'reason' as held from holds where ended_by is null order by sequence`,
  )
  return players.map(({ cast: { model }, schedule, steps, told }) => {
    const about = (repository: typeof MODELS | typeof CONFIG) =>
      pulls[repository].filter(({ title }) => title.includes(model)).map((pull) => linesOf(pull, model))
    const live = {
      serving: nameless(String(models.servedBy(model)), model),
      declared: nameless(models.declaredFor(model), model),
      holds: holds.filter((hold) => hold.model === model).map(({ held }) => anonymous(held)),
    }
    const deployments = world.github
      .deployments(MODELS)
      .filter(({ environment }) => environment === `prod/${model}`)
      .map(({ description, statuses }) => `${nameless(description ?? '', model)}: ${statuses.at(-1)?.state}`)
    const all = { ...live, models: about(MODELS), promotions: about(CONFIG), deployments }
    return { schedule, told, left: steps.map(({ name }) => name), live, all }
  })
}

type Seen = ReturnType<typeof pullRequests>[number]

/**
 * Which of two answers came first is nobody's promise; how many there are is. A comparison is for whoever decides on the merge: one that was
 * merged or closed before all of it was heard of has an older one, or none.
 */
function linesOf({ number: _number, comments, checks, ...pull }: Seen, model: string): readonly string[] {
  const isCompared = pull.state === 'open'
  const facts = Object.entries(pull).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  const said = comments
    .filter(({ body }) => isCompared || !body.startsWith('<!-- lockkeeper:comparison:'))
    .map(({ author, body, reactions }) => `${author}: ${body} ${reactions.join(', ')}`)
    .toSorted()
  const checked = checks.filter((check) => isCompared || !check.startsWith('lockkeeper success'))
  return [...facts, ...checked, ...said].map((line) => nameless(line, model))
}

const nameless = (text: string, model: string): string =>
  anonymous(text)
    .replaceAll(model, '<model>')
    // A list of all models differs from world to world, and one that is long is told in part.
    .replaceAll(/\bm\d{3}\b/g, '<model>')
    .replaceAll(/<model>(?:, (?:… )?<model>)+/g, '<models>')
    .replaceAll(/(?<=#|\bPR |\bpull request |\/pull\/|pull_request=)\d+\b/g, '<number>')
    .replaceAll(/(?<=\bat=)\S+/g, '<time>')
