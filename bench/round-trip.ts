/** How long people wait from what they did to what they read, when each request to GitHub takes 150 ms. */
import { setTimeout as sleep } from 'node:timers/promises'
import { finishTraining, openChurnPullRequest, startTraining } from '../sandbox/world/acts.ts'
import { MODELS } from '../sandbox/world/index.ts'
import { quantile } from './numbers.ts'
import type { Section } from './page.ts'
import { type Bench, prepareBench, settle } from './process.ts'

const ROUNDS = 10
const ROUND_TRIP_MS = 150

export async function roundTrip(): Promise<Section> {
  const bench = await prepareBench({ logLevel: 'silent' })
  try {
    const { world } = bench
    await bench.bot.start()
    const churn = openChurnPullRequest(world, 'better')
    startTraining(world, churn)
    await settle(bench)
    finishTraining(world, churn)
    await settle(bench)
    world.github.fail(() => true, { delayMs: ROUND_TRIP_MS, times: Number.POSITIVE_INFINITY })
    const waits = {
      '`/status` → its answer': await repeated(bench, () =>
        world.github.comment(MODELS, churn.number, '/status', { by: 'dave' }),
      ),
      '`/deploy prod`, refused → its answer': await repeated(bench, () =>
        world.github.comment(MODELS, churn.number, '/deploy prod', { by: 'dave' }),
      ),
      'a commit is pushed → the comparison says that it is being trained': await repeated(bench, (round) => {
        world.github.commit(MODELS, 'tune-regularisation', {
          message: `Round ${round}`,
          files: { 'models/churn/train.py': `ROUND = ${round}\n` },
          by: 'dave',
        })
      }),
    }
    return {
      title: 'From an event to the comment',
      about: `Promised: p50 ≤ 1.5 s where each request to GitHub takes ${ROUND_TRIP_MS} ms. From the moment in which the webhook is sent until a comment on the pull request has new words; ${ROUNDS} rounds.`,
      head: ['what happens', 'p50 ms', 'least', 'most'],
      rows: Object.entries(waits).map(([what, times]) => [
        what,
        quantile(times, 0.5).toFixed(0),
        Math.min(...times).toFixed(0),
        Math.max(...times).toFixed(0),
      ]),
    }
  } finally {
    await bench.close()
  }
}

/** Milliseconds from each act until the bot has said something new, which is more than that it has seen it. */
async function repeated(bench: Bench, act: (round: number) => void): Promise<number[]> {
  const times: number[] = []
  for (let round = -1; round < ROUNDS; round += 1) {
    await settle(bench)
    const before = said(bench)
    const begin = performance.now()
    act(round)
    while (said(bench) === before) await sleep(5)
    if (round >= 0) times.push(performance.now() - begin)
  }
  return times
}

const said = ({ world }: Bench): string =>
  JSON.stringify(
    world.github
      .comments(MODELS, world.github.pullRequests(MODELS).at(-1)?.number ?? 0)
      .filter(({ author, body }) => author.includes('[bot]') && !body.includes('👀 Looking at it.'))
      .map(({ body }) => body),
  )
