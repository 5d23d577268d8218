/** Several `lockkeeper serve` on one database, with whatever distributes webhooks among them. What befalls them is replica-weather.ts; what people say to them is replica-lanes.ts. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SandboxClock } from '../../sandbox/clock.ts'
import { type BotProcess, createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { listen, type SandboxRequest, type SandboxResponse } from '../../sandbox/http.ts'
import { startClockServer } from '../../sandbox/systems/clock-server.ts'
import { WEBHOOK_SECRET, type World } from '../../sandbox/world/index.ts'
import type { Random } from './fault-plans.ts'
import { openWire, type Wire } from './replica-wire.ts'

export type Replica = {
  readonly name: string
  readonly bot: BotProcess
  readonly wire: Wire
  /** `frozen` by SIGSTOP; `away`: stopped or killed, or not yet up again. */
  state: 'up' | 'frozen' | 'away'
}

export type Replicas = {
  readonly all: readonly Replica[]
  /** GUIDs of the deliveries that were answered 202. */
  readonly acknowledged: ReadonlySet<string>
  /** Those that were given to all replicas at once. */
  readonly multiplied: ReadonlySet<string>
  /** SIGKILL in the middle of something, or SIGTERM, and up again after that; how long the end took. */
  restart(replica: Replica, signal: 'SIGKILL' | 'SIGTERM', downMs: number): Promise<number>
  /** SIGSTOP in the middle of something for so long, then SIGCONT: what it does next stands on an answer of before. */
  freeze(replica: Replica, milliseconds: number): Promise<void>
  /** Replicas that ended without being told to, each with the end of its log. */
  readonly accidents: readonly string[]
  close(): Promise<void>
}

export type ReplicasOptions = {
  readonly databaseUrl: string
  readonly directory: string
  readonly random: Random
  /** How far each one's clock is from the story's, in milliseconds; as many replicas as there are numbers. */
  readonly skews: readonly number[]
}

/** A balancer knows who does not answer, mostly. */
const BLIND_SHARE = 0.05
const TO_ALL_SHARE = 0.15
/** A replica that asks nothing for so long is killed or frozen without. */
const LULL_MS = 3000
/** GitHub waits for 10 s; the sandbox delivers one after the other. */
const BALANCER_TIMEOUT_MS = 2500

/** Starts them all, and sends the world's webhooks to them. */
export async function startReplicas(world: World, options: ReplicasOptions): Promise<Replicas> {
  const { databaseUrl, directory, random, skews } = options
  const endings: (() => Promise<unknown>)[] = []
  const all: Replica[] = []
  for (const [index, skew] of skews.entries()) {
    const clock = await startClockServer(skewed(world.clock, skew))
    endings.push(() => clock.close())
    const wire = await openWire(world.github.host)
    endings.push(() => wire.close())
    const variables = { ...world.variables, LOCKKEEPER_CLOCK_URL: clock.url, GHE_HOST: wire.host }
    const view: World = { ...world, variables }
    const name = `replica ${index + 1}`
    const bot = await createBotProcess(view, { databaseUrl, logFile: join(directory, `${index + 1}.log`) })
    endings.push(() => bot.close())
    all.push({ name, bot, wire, state: 'away' })
  }
  const acknowledged = new Set<string>()
  const multiplied = new Set<string>()
  const balancer = await listen((request) => balance(request, { all, random, acknowledged, multiplied }))
  endings.push(() => balancer.close())
  const accidents: string[] = []
  const close = async () => {
    // A frozen process hears no SIGTERM.
    for (const replica of all) if (replica.state === 'frozen') signal(replica, 'SIGCONT')
    for (const end of endings.splice(0).reverse()) await end()
  }
  try {
    await Promise.all(all.map((replica) => bringUp(replica, accidents)))
  } catch (error) {
    await close()
    throw error
  }
  world.github.setWebhook({ url: `${balancer.url}/api/github/webhooks`, secret: WEBHOOK_SECRET })
  return {
    ...{ all, acknowledged, multiplied, accidents, close },
    restart: (replica, by, downMs) => restart(replica, { by, downMs, accidents }),
    freeze,
  }
}

/** The story's clock as a machine sees it that is ahead or behind. */
const skewed = (clock: SandboxClock, skewMs: number): SandboxClock => ({
  now: () => new Date(clock.now().getTime() + skewMs),
  get offsetMs() {
    return clock.offsetMs + skewMs
  },
  advance: clock.advance,
  set: clock.set,
  onMove: clock.onMove,
})

type Balancing = {
  readonly all: readonly Replica[]
  readonly random: Random
  readonly acknowledged: Set<string>
  readonly multiplied: Set<string>
}

/** One of them gets it, or each of them; the sender hears what the first one says. */
async function balance(request: SandboxRequest, balancing: Balancing): Promise<SandboxResponse> {
  const { all, random, acknowledged, multiplied } = balancing
  const up = all.filter(({ state }) => state === 'up')
  const candidates = random() < BLIND_SHARE || up.length === 0 ? all : up
  const guid = String(request.headers['x-github-delivery'])
  const toAll = random() < TO_ALL_SHARE
  if (toAll) multiplied.add(guid)
  const first = candidates[Math.floor(random() * candidates.length)] ?? all[0]
  const others = toAll ? all.filter((replica) => replica !== first) : []
  const [status = 502] = await Promise.all([first, ...others].map((replica) => forward(request, replica)))
  if (status === 202) acknowledged.add(guid)
  return { status, body: { from: first?.name } }
}

async function forward({ path, headers, body }: SandboxRequest, replica: Replica | undefined): Promise<number> {
  const passed = Object.entries(headers).filter(([name]) => name.startsWith('x-') || name === 'content-type')
  try {
    const response = await fetch(`${replica?.bot.url}${path}`, {
      method: 'POST',
      headers: passed.map(([name, value]): [string, string] => [name, String(value)]),
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(BALANCER_TIMEOUT_MS),
    })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 502
  }
}

/** As an orchestrator does: whoever cannot start, since the database is away, is started again. */
async function bringUp(replica: Replica, accidents: string[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await replica.bot.start()
      break
    } catch (error) {
      await replica.bot.kill()
      if (attempt === 20) throw error
      await sleep(300)
    }
  }
  replica.state = 'up'
  const pid = replica.bot.pid()
  void watch(replica, pid, accidents)
}

/** Notices a process that ends while nobody has told it to. */
async function watch(replica: Replica, pid: number | undefined, accidents: string[]): Promise<void> {
  while (replica.bot.pid() === pid && pid !== undefined) {
    if (!isAlive(pid) && replica.state === 'up') {
      replica.state = 'away'
      if (!isFailedStart(replica)) accidents.push(`${replica.name} ended by itself:\n${replica.bot.logTail(15)}`)
      await replica.bot.kill()
      return bringUp(replica, accidents)
    }
    await sleep(200)
  }
}

/** It takes webhooks before the rest of it is up: a database that goes away in that moment ends the start, which is told besides the log's lines of JSON. */
function isFailedStart({ bot }: Replica): boolean {
  const told = bot
    .logTail(80)
    .split('\n')
    .filter((line) => !line.startsWith('{'))
  return told.length > 0 && told.every((line) => line.startsWith('lockkeeper cannot start'))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

type Restarting = {
  readonly by: 'SIGKILL' | 'SIGTERM'
  readonly downMs: number
  readonly accidents: string[]
}

async function restart(replica: Replica, { by, downMs, accidents }: Restarting): Promise<number> {
  replica.state = 'away'
  const began = performance.now()
  if (by === 'SIGKILL') await replica.wire.question(LULL_MS)
  await (by === 'SIGKILL' ? replica.bot.kill() : replica.bot.stop())
  const took = performance.now() - began
  await sleep(downMs)
  await bringUp(replica, accidents)
  return took
}

async function freeze(replica: Replica, milliseconds: number): Promise<void> {
  replica.state = 'frozen'
  await replica.wire.answer(LULL_MS)
  if (signal(replica, 'SIGSTOP')) {
    await sleep(milliseconds)
    signal(replica, 'SIGCONT')
  }
  replica.state = 'up'
}

/** False: it has ended meanwhile, which `watch` sees once it counts as up. */
function signal({ bot }: Replica, name: 'SIGSTOP' | 'SIGCONT'): boolean {
  const pid = bot.pid()
  if (pid === undefined || !isAlive(pid)) return false
  return process.kill(pid, name)
}
