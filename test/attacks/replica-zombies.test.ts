/**
 * A replica that is frozen when it has read an answer of GitHub's wakes up when another one has done its work, and goes on from there: nothing that it
 * does then counts. After each answer of a command in turn; whole storms are in ../live/replicas.test.ts.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import { MODELS, type World } from '../../sandbox/world/index.ts'
import { freshDatabase } from '../support/database.ts'
import { seeded } from '../support/fault-plans.ts'
import { openReplicaDatabase, type ReplicaDatabase } from '../support/replica-verdict.ts'
import { startLaneWorld } from '../support/replica-world.ts'
import { type Replica, type Replicas, startReplicas } from '../support/replicas.ts'

/** Acknowledged, decided upon, carried out and answered: a lock takes as many. */
const ANSWERS = 3
/** Longer than a job's heartbeat, and than it takes the other one to do the work. */
const FROZEN_MS = 30_000
const MODEL = 'm002'

test('whoever is frozen after any answer to a command wakes up to nothing', { timeout: 600_000 }, async () => {
  await onStage(async ({ world, replicas, database, logs }) => {
    // By time: whoever asks for the first time when the other has been frozen for long finds what that one made.
    world.github.setLag({ milliseconds: 3000 })
    const number = await openPullRequest(world)
    await settle(world, replicas)
    for (let round = 1; round <= ANSWERS; round += 1) {
      const answered = answeredOften(replicas, round)
      const comment = world.github.comment(MODELS, number, `/lock prod ${MODEL} round ${round}`, { by: 'alice' })
      await freeze(await answered)
      await settle(world, replicas)
      const replies = world.github.comments(MODELS, number).filter(({ body }) => body.includes(`comment=${comment} `))
      expect(replies, `frozen after answer ${round}`).toMatchObject([
        { body: expect.stringMatching(new RegExp(`🔒 [^]*Reason: round ${round}`)) },
      ])
      expect(await count(database, `select count(*)::int as count from audit where action = 'lock'`)).toBe(round)
      expect(await count(database, 'select count(*)::int as count from holds where ended_by is null')).toBe(1)
      expect(await count(database, `select count(*)::int as count from commands where state <> 'done'`)).toBe(0)
    }
    expect(logs().filter((line) => line.includes('was taken over by another replica')).length).toBeGreaterThan(0)
    expect(world.violations()).toEqual([])
  })
})

type Stage = {
  readonly world: World
  readonly replicas: Replicas
  readonly database: ReplicaDatabase
  readonly logs: () => readonly string[]
}

async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-zombies-'))
  const databaseUrl = await freshDatabase()
  const { world } = await startLaneWorld(2, STORY_START)
  const database = openReplicaDatabase(databaseUrl)
  const endings = [() => world.close(), () => database.close()]
  const logs = () => readdirSync(directory).flatMap((file) => readFileSync(join(directory, file), 'utf8').split('\n'))
  try {
    const replicas = await startReplicas(world, { databaseUrl, directory, random: seeded(1), skews: [0, 0] })
    endings.unshift(() => replicas.close())
    await play({ world, replicas, database, logs })
  } finally {
    for (const end of endings) await end()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function openPullRequest({ github }: World): Promise<number> {
  const files = { [`models/${MODEL}/metrics.json`]: '{"f1": 0.8}\n' }
  github.commit(MODELS, 'work', { message: 'Train', files, by: 'dave' })
  return github.openPullRequest(MODELS, { title: MODEL, head: 'work', by: 'dave' })
}

const settle = (world: World, { all: [first] }: Replicas): Promise<void> => {
  if (first === undefined) throw new Error('no replica')
  return settleAll({ world, bot: first.bot }, 200_000)
}

/** Who has read the last of so many answers, in the moment in which it has. */
async function answeredOften({ all }: Replicas, times: number): Promise<Replica> {
  let last: Replica | undefined
  for (let time = 0; time < times; time += 1)
    last = await Promise.race(
      all.map(async (replica) => {
        await replica.wire.answer(120_000)
        return replica
      }),
    )
  if (last === undefined) throw new Error('nobody answered')
  return last
}

async function freeze({ bot }: Replica): Promise<void> {
  const pid = bot.pid() ?? 0
  process.kill(pid, 'SIGSTOP')
  await sleep(FROZEN_MS)
  process.kill(pid, 'SIGCONT')
}

async function count(database: ReplicaDatabase, query: string): Promise<number> {
  const [row] = await database.query(query)
  return Number(row?.['count'])
}
