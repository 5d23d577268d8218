/** The story that the demo plays and the crash test repeats: three releases of churn, one of them bad, and two ways back. Every step is checked at the sandbox. */
import type { ModelPullRequest } from '../world/acts.ts'
import { CONFIG, type World } from '../world/index.ts'
import {
  approve,
  compare,
  deploy,
  deployTooEarly,
  proveInProd,
  type Release,
  releaseToStaging,
  say,
  scalar,
  tellDiff,
} from './release-steps.ts'
import {
  both,
  championIs,
  deploymentIs,
  is,
  isSynced,
  promotionIs,
  promotionsTo,
  reactionsAre,
  serves,
  uriOf,
} from './scene.ts'
import { createTale, type Tale, type Telling } from './tale.ts'

/** The chapters, in order. A story may end after any of them. */
const CHAPTERS = ['first release', 'second release', 'bad release', 'way back'] as const
export type Chapter = (typeof CHAPTERS)[number]

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const FIRST: Release = {
  candidate: 'better',
  version: '12',
  replaces: { staging: '11', prod: '11' },
  title: 'churn: tune the regularisation',
  ordinal: { staging: 1, prod: 1 },
  approval: 'review',
}
const SECOND: Release = {
  candidate: 'better-2',
  version: '13',
  replaces: { staging: '12', prod: '12' },
  title: 'churn: two more features',
  ordinal: { staging: 2, prod: 2 },
  approval: 'comment',
}
const BAD: Release = {
  candidate: 'better-3',
  version: '14',
  replaces: { staging: '13', prod: '13' },
  title: 'churn: calibrated probabilities',
  ordinal: { staging: 3, prod: 3 },
  approval: 'review',
}

/** Plays the story up to and including a chapter (default: all). Throws StoryFailure at the first step that is not seen. */
export async function playStory(world: World, telling: Telling & { readonly until?: Chapter }): Promise<void> {
  const tale = createTale(world, telling)
  const plays: Readonly<Record<Chapter, () => Promise<void>>> = {
    'first release': () => playFirstRelease(tale),
    'second release': () => playSecondRelease(tale),
    'bad release': () => playBadRelease(tale),
    'way back': () => playWayBack(tale),
  }
  const last = CHAPTERS.indexOf(telling.until ?? 'way back')
  for (const chapter of CHAPTERS.slice(0, last + 1)) await plays[chapter]()
  await tale.see(
    "every request, answer and webhook kept to GitHub's published descriptions",
    () => world.violations()[0],
  )
}

async function playFirstRelease(tale: Tale): Promise<void> {
  tale.chapter('A better model: from the pull request to production')
  const pull = await compare(tale, FIRST)
  await releaseToStaging(tale, FIRST, pull)
  const passes = await deployTooEarly(tale, FIRST, pull)
  await tale.leap(passes.getTime() - tale.world.clock.now().getTime())
  await bringToProd(tale, FIRST, pull)
}

async function playSecondRelease(tale: Tale): Promise<void> {
  await tale.leap(untilTomorrow(tale))
  tale.chapter('The next release, the same way')
  const pull = await compare(tale, SECOND)
  await releaseToStaging(tale, SECOND, pull)
  await tale.leap(HOUR + MINUTE)
  await bringToProd(tale, SECOND, pull)
}

async function bringToProd(tale: Tale, release: Release, pull: ModelPullRequest): Promise<void> {
  const command = await deploy(tale, release, pull)
  await approve(tale, release, pull)
  await proveInProd(tale, release, { pull, command })
}

/** Its metrics are good and staging is content, but under production's load it is slow: p95 at 310 ms where 120 ms are allowed. */
async function playBadRelease(tale: Tale): Promise<void> {
  const { world } = tale
  await tale.leap(untilTomorrow(tale))
  tale.chapter('A bad release goes back by itself')
  world.prometheus.answer((query) => {
    if (!query.includes('latency')) return 0.002
    return world.argocd.kserve.liveUri('prod', 'churn') === uriOf(BAD.version) ? 0.31 : 0.084
  })
  const pull = await compare(tale, BAD)
  await releaseToStaging(tale, BAD, pull)
  await tale.leap(HOUR + MINUTE)
  const command = await deploy(tale, BAD, pull)
  await approve(tale, BAD, pull)
  await tale.passUntil(
    'its checks did not hold: GitHub Deployment prod/churn is a failure, the command got 👎',
    () => both(isDeploymentFailed(world), reactionsAre(world, pull.number, command, 'eyes, -1')),
    21 * MINUTE,
  )
  await seeBack(tale, { version: '13', count: 4, from: '14' })
  await tale.see("MLflow's champion was v13 all the time", () => championIs(world, '13'))
  const held = await say(tale, pull, { by: 'alice', text: '/deploy prod' })
  await tale.see('the environment is held: another /deploy is refused and opens nothing', () =>
    both(
      reactionsAre(world, pull.number, held, 'eyes, -1'),
      is('promotions to prod', String(promotionsTo(world, 'prod').length), '4'),
      serves(world, 'prod', '13'),
    ),
  )
}

async function playWayBack(tale: Tale): Promise<void> {
  const { world } = tale
  const [pull] = world.github.pullRequests('acme/models').slice(-1)
  if (pull === undefined) throw new Error('the way back follows the releases')
  tale.chapter('A person goes back further')
  const unlock = await say(tale, pull, { by: 'alice', text: '/unlock prod' })
  await tale.see('the command got 🚀', () => reactionsAre(world, pull.number, unlock, 'eyes, rocket'))
  const from = tale.mark()
  const command = await say(tale, pull, { by: 'alice', text: `/rollback prod to v${FIRST.version}` })
  await seeBack(tale, { version: '12', count: 5, from: '13' })
  await tale.see("MLflow's champion is v12 again, the command got 🚀", () =>
    both(championIs(world, '12'), reactionsAre(world, pull.number, command, 'eyes, rocket')),
  )
  tale.calls('/rollback until verified, everything', from)
}

const isDeploymentFailed = (world: World) => deploymentIs(world, 'prod', { count: 4, state: 'failure', back: 1 })

type Back = { readonly version: string; readonly from: string; readonly count: number }

/** A rollback runs to its end: merged, served, proven, and prod's files are byte for byte what they were with that version. */
async function seeBack(tale: Tale, { version, from, count }: Back): Promise<void> {
  const { world } = tale
  await tale.see(`a rollback to v${version} was opened and merged by Lockkeeper, without anybody's approval`, () =>
    promotionIs(world, 'prod', { count, state: 'merged' }),
  )
  await tale.see(`KServe serves v${version} in prod again, Argo CD is synced and healthy`, () =>
    both(serves(world, 'prod', version), isSynced(world, 'prod')),
  )
  await tellDiff(tale, 'prod', [
    scalar('prod/churn/inference.yaml', uriOf(from), uriOf(version)),
    { path: VALUES, before: /^[0-9a-f]{40}@sha256:[0-9a-f]{64}$/, after: /^[0-9a-f]{40}@sha256:[0-9a-f]{64}$/ },
    { path: VALUES, before: /^"rel-[0-9a-f]{16}"$/, after: /^"rel-[0-9a-f]{16}"$/ },
  ])
  await tale.see(`prod's files are byte for byte what they were when v${version} was proven`, () =>
    filesAsAfter(world, Number(version) - 12),
  )
  await tale.pass(11 * MINUTE)
  await tale.see('the rollback is verified as well: its GitHub Deployment is a success', () =>
    deploymentIs(world, 'prod', { count, state: 'success' }),
  )
}

const VALUES = 'environments/prod/churn/values.yaml'

function filesAsAfter(world: World, index: number): string | undefined {
  const then = promotionsTo(world, 'prod')[index]?.mergeCommitSha
  if (then === undefined || then === null) return 'there was no such promotion'
  const changed = world.github.diff(CONFIG, then, 'main').filter(({ path }) => path.startsWith('environments/prod/'))
  return changed.length === 0 ? undefined : `different: ${changed.map(({ path }) => path).join(', ')}`
}

/** To 10:00 in Berlin on the next day. */
function untilTomorrow({ world }: Tale): number {
  const now = world.clock.now()
  const tomorrow = new Date(now)
  tomorrow.setUTCDate(now.getUTCDate() + 1)
  tomorrow.setUTCHours(9, 0, 0, 0)
  return tomorrow.getTime() - now.getTime()
}
