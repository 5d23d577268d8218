/** The open demo: the story stands at a pull request, and goes on in the browser. */

import { createPages } from '../github/pages/index.ts'
import type { Act } from '../github/pages/stage.ts'
import { finishTraining, openChurnPullRequest, startTraining } from '../world/acts.ts'
import { MODELS, type World } from '../world/index.ts'
import { actsOf } from './acts.ts'
import { startCi } from './ci.ts'
import { describeEnvironments } from './cluster-view.ts'
import { raiseStage, STORY_LAG, type Stage, settleAll } from './stage.ts'
import { createTimeLapse, type TimeLapse } from './time-lapse.ts'

const PORT = 4400
const TRAINING_MS = 4000

/** Runs until Ctrl+C. Gives the exit code. */
export async function runOpenDemo(port: number | undefined): Promise<number> {
  const write = (line: string) => void process.stdout.write(`${line}\n`)
  write('Starting the sandbox, the database and the bot …')
  const open = await raiseOpenStage(port)
  const stopped = signalled()
  try {
    const number = await openStory(open)
    for (const line of welcome(open.stage, number)) write(line)
    await stopped
    write('\nStopping …')
  } finally {
    await open.close()
  }
  return 0
}

export type OpenStage = { readonly stage: Stage; close(): Promise<void> }

/** Starts everything, with pages and CI. Without a port the usual one, or any free one. */
export async function raiseOpenStage(port?: number): Promise<OpenStage> {
  const acts: Act[] = []
  let world: World | undefined
  let lapse: TimeLapse | undefined
  // The pages are part of the stand-in, and what they show is only there when it has started.
  const stage = await raiseOnPort(
    port,
    createPages({
      environments: () => (world === undefined ? [] : describeEnvironments(world)),
      acts,
      passTime: (milliseconds) => lapse?.pass(milliseconds),
    }),
  )
  world = stage.world
  lapse = createTimeLapse(stage.world, () => settleAll(stage))
  acts.push(...actsOf(stage.world))
  const ci = startCi(stage.world, { trainingMs: TRAINING_MS })
  return {
    stage,
    close: async () => {
      ci.stop()
      lapse.stop()
      await stage.close()
    },
  }
}

/** A port that was asked for must be free; the usual one may be taken. */
async function raiseOnPort(port: number | undefined, pages: ReturnType<typeof createPages>): Promise<Stage> {
  const options = { lag: STORY_LAG, pages }
  try {
    return await raiseStage({ ...options, githubPort: port ?? PORT })
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (port !== undefined || !isTaken) throw error
    return raiseStage(options)
  }
}

/** dave's pull request, with its training done and the comparison written; gives its number. */
export async function openStory({ stage }: OpenStage): Promise<number> {
  const pull = openChurnPullRequest(stage.world, 'better', { title: 'churn: tune the regularisation' })
  startTraining(stage.world, pull)
  finishTraining(stage.world, pull)
  await settleAll(stage)
  return pull.number
}

function welcome({ world, logFile }: Stage, number: number): string[] {
  const { url } = world.github
  return [
    '',
    `  ${url}/${MODELS}/pull/${number}`,
    '',
    'dave proposes a better model, and Lockkeeper has compared it. Now, on that page:',
    '  1. as carol: Merge. Lockkeeper promotes it to staging and proves it there.',
    '  2. as alice: comment /deploy prod. Too early: it soaks for an hour. Move the clock: +1 h. Again: /deploy prod.',
    '  3. as bob: Approve on the promotion pull request that waits now.',
    '  4. Move the clock, +15 min: the checks have held for ten minutes, it is live.',
    '  5. as alice: comment /status, /rollback prod, /help.',
    '',
    `  ${url}/               what is open, and whom else you can play`,
    `  ${url}/environments   manifests, Argo CD, KServe, Deployments`,
    '',
    `It is Tuesday 10:00 in Berlin there. The bot's log: ${logFile}`,
    'Ctrl+C ends it.',
  ]
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130))
        resolve()
      })
    }
  })
}
