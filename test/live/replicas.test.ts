/**
 * Three replicas on one PostgreSQL, all of which are killed, stopped, frozen and started again while people give commands: each command ends in
 * exactly one answer, the right one, and nothing is done twice. LOCKKEEPER_TEST_RUNS commands (`npm run test:replicas`: 5,000), LOCKKEEPER_TEST_SEED.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import type { World } from '../../sandbox/world/index.ts'
import { freshDatabase } from '../support/database.ts'
import { seeded } from '../support/fault-plans.ts'
import { playLanes, type Said } from '../support/replica-lanes.ts'
import {
  openReplicaDatabase,
  problemsAfter,
  type ReplicaDatabase,
  unfoundDeliveries,
} from '../support/replica-verdict.ts'
import { startStorm } from '../support/replica-weather.ts'
import { startLaneWorld } from '../support/replica-world.ts'
import { type Replicas, startReplicas } from '../support/replicas.ts'
import { type RealPostgres, startRealPostgres } from './postgres-server.ts'

const COMMANDS = Number(process.env['LOCKKEEPER_TEST_RUNS'] ?? 60)
const SEED = Number(process.env['LOCKKEEPER_TEST_SEED'] ?? 7)
const LANES = Math.min(24, Math.max(3, Math.round(COMMANDS / 10)))
/** The replicas' clocks are a minute behind, right, and a minute ahead. */
const SKEWS = [-60_000, 0, 60_000]
/** The story's clock goes three times as fast as the machine's: a command is stale after 15 minutes of the story. */
const STRIDE_MS = 2000
const PATIENCE_MS = 400_000
const SWEEP_MS = 5000
/** Sweeps go on for so long after the storm at most. */
const FOUND_MS = 90_000
/** A few may meet a replica that does nothing that matters. */
const MANY_FREEZES = 20

let server: RealPostgres
beforeAll(async () => {
  server = await startRealPostgres()
})
afterAll(() => server?.close())

test(`${COMMANDS} commands in a storm (seed ${SEED})`, { timeout: 300_000 + COMMANDS * 20_000 }, async () => {
  await onStage(async ({ world, models, replicas, database, random, logs }) => {
    const said: Said[] = []
    const storm = startStorm({ replicas, random, restartDatabase: server.restart, progress: () => said.length })
    const onSaid = (one: Said) => {
      said.push(one)
      if (one.problem !== undefined || said.length % 100 === 0)
        console.log(`${said.length}: ${one.model} ${one.body}: ${one.problem ?? `after ${one.milliseconds} ms`}`)
    }
    const playing = playLanes({ world, models, random, commands: COMMANDS, patienceMs: PATIENCE_MS, onSaid })
    const lanes = await playing.finally(() => storm.end())
    await settled({ world, replicas, database })
    const fenced = fencedIn(logs())
    console.log(
      `seed ${SEED}, ${said.length} commands in ${models.length} lanes: ${JSON.stringify({ ...storm.seen, fenced, ...lanes.tally })}`,
    )
    // A storm in which nobody wakes up to work that is somebody else's by then proves nothing about fences.
    if (storm.seen.freezes >= MANY_FREEZES) expect(fenced).toBeGreaterThan(0)
    expect(await problemsAfter({ world, lanes, replicas, database })).toEqual([])
  })
})

type Stage = {
  readonly world: World
  readonly models: readonly string[]
  readonly replicas: Replicas
  readonly database: ReplicaDatabase
  readonly random: () => number
  /** What the replicas have logged so far. */
  readonly logs: () => readonly string[]
}

/** Runs that had to stop in the middle, since another replica had taken them over. */
const fencedIn = (logs: readonly string[]): number =>
  logs
    .join('\n')
    .split('\n')
    .filter((line) => line.includes('was taken over by another replica')).length

async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-replicas-'))
  const databaseUrl = await freshDatabase(server.url)
  const random = seeded(SEED)
  const { world, models } = await startLaneWorld(LANES, STORY_START)
  const database = openReplicaDatabase(databaseUrl)
  const endings = [() => world.close(), () => database.close()]
  try {
    const replicas = await startReplicas(world, { databaseUrl, directory, random, skews: SKEWS })
    endings.unshift(() => replicas.close())
    const clock = setInterval(() => world.clock.advance(STRIDE_MS), 1000)
    // The storm takes the database away at any time.
    const sweeps = setInterval(() => void database.hurrySweep().catch(() => {}), SWEEP_MS)
    endings.unshift(async () => {
      clearInterval(clock)
      clearInterval(sweeps)
    })
    const logs = () => readdirSync(directory).map((file) => readFileSync(join(directory, file), 'utf8'))
    await play({ world, models, replicas, database, random, logs })
    rmSync(directory, { recursive: true, force: true })
  } finally {
    // The logs of a run that failed stay.
    for (const end of endings) await end()
  }
}

/** What was not delivered was found in GitHub's log, and nothing moves any more. */
async function settled({ world, replicas, database }: Pick<Stage, 'world' | 'replicas' | 'database'>): Promise<void> {
  const deadline = Date.now() + FOUND_MS
  do {
    await database.hurrySweep()
    await sleep(1000)
  } while ((await unfoundDeliveries({ world, database })) > 0 && Date.now() < deadline)
  const [first] = replicas.all
  if (first !== undefined) await settleAll({ world, bot: first.bot }, 300_000)
}
