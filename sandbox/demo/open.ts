/** The open demo: the story stands at a pull request, and goes on in the browser. */

import { createPages } from '../github/pages/index.ts'
import type { Act, Stage as PageStage } from '../github/pages/stage.ts'
import type { Candidate } from '../recordings/candidates.ts'
import { finishTraining, openChurnPullRequest, startTraining } from '../world/acts.ts'
import { MODELS, type World } from '../world/index.ts'
import { startCi } from './ci.ts'
import { describeEnvironments } from './cluster-view.ts'
import { raiseStage, type Stage, settleAll } from './stage.ts'
import { createTimeLapse, type TimeLapse } from './time-lapse.ts'

const PORT = 4400
const TRAINING_MS = 4000

/** Runs until Ctrl+C. Gives the exit code. */
export async function runOpenDemo(port: number | undefined): Promise<number> {
  const write = (line: string) => void process.stdout.write(`${line}\n`)
  write('Starting the sandbox, the database and the bot …')
  const { stage, lapse } = await raiseOpenStage(port)
  const ci = startCi(stage.world, { trainingMs: TRAINING_MS })
  const stopped = signalled()
  try {
    const number = await openStory(stage)
    for (const line of welcome(stage, number)) write(line)
    await stopped
    write('\nStopping …')
  } finally {
    ci.stop()
    lapse.stop()
    await stage.close()
  }
  return 0
}

type OpenStage = { readonly stage: Stage; readonly lapse: TimeLapse }

/** The pages are part of the stand-in, and what they show is only there when it has started. */
async function raiseOpenStage(port: number | undefined): Promise<OpenStage> {
  const acts: Act[] = []
  let world: World | undefined
  let lapse: TimeLapse | undefined
  const pages: PageStage & { readonly acts: Act[] } = {
    environments: () => (world === undefined ? [] : describeEnvironments(world)),
    acts,
    passTime: (milliseconds) => lapse?.pass(milliseconds),
  }
  const stage = await raiseOnPort(port, createPages(pages))
  world = stage.world
  lapse = createTimeLapse(stage.world, () => settleAll(stage))
  acts.push(...actsOf(stage.world))
  return { stage, lapse }
}

/** A port that was asked for must be free; the usual one may be taken. */
async function raiseOnPort(port: number | undefined, pages: ReturnType<typeof createPages>): Promise<Stage> {
  const options = { lag: { requests: 1 }, pages }
  try {
    return await raiseStage({ ...options, githubPort: port ?? PORT })
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (port !== undefined || !isTaken) throw error
    return raiseStage(options)
  }
}

/** dave's pull request, with its training done and the comparison written. */
async function openStory(stage: Stage): Promise<number> {
  const pull = openChurnPullRequest(stage.world, 'better', { title: 'churn: tune the regularisation' })
  startTraining(stage.world, pull)
  finishTraining(stage.world, pull)
  await settleAll(stage)
  return pull.number
}

const PROPOSALS: readonly { readonly candidate: Candidate; readonly title: string; readonly about: string }[] = [
  { candidate: 'better-2', title: 'churn: two more features', about: 'Better again.' },
  { candidate: 'better-3', title: 'churn: calibrated probabilities', about: 'Better again.' },
  { candidate: 'regression', title: 'churn: a simpler model', about: 'Its AUC drops: the gates fail.' },
  { candidate: 'nan', title: 'churn: a new loss', about: 'A metric is NaN: the gate fails closed.' },
  { candidate: 'slow', title: 'churn: a big ensemble', about: 'Good, but too slow.' },
]

/** What a reader can let others do; each pull request can be opened once. */
function actsOf(world: World): Act[] {
  const opened = new Set<Candidate>()
  const proposals = PROPOSALS.map(({ candidate, title, about }) => ({
    id: candidate,
    label: `dave: “${title}”`,
    about: `Opens a pull request in ${MODELS}. ${about}`,
    run: () => {
      if (opened.has(candidate)) return
      opened.add(candidate)
      openChurnPullRequest(world, candidate, { title })
    },
  }))
  const load = (id: string, label: string, rest: { readonly about: string; readonly seconds: number }): Act => ({
    id,
    label,
    about: rest.about,
    run: () => world.prometheus.answer((query) => (query.includes('latency') ? rest.seconds : 0.002)),
  })
  return [
    ...proposals,
    load('slow-prod', 'Production gets slow', {
      about: 'p95 at 310 ms: what is verified now will fail.',
      seconds: 0.31,
    }),
    load('fast-prod', 'Production is fast again', { about: 'p95 at 84 ms.', seconds: 0.084 }),
  ]
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
