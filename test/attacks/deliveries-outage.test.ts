/** The bot is away while things happen, or the network is: what was missed is found in GitHub's log, what is too old is said to be, and nothing is done twice. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { settleAll } from '../../sandbox/demo/stage.ts'
import { MODELS } from '../../sandbox/world/index.ts'
import { isHeard } from '../../src/app.ts'
import {
  type End,
  inOrder,
  onDeliveryStage,
  playSchedules,
  type Schedule,
  type Stage,
  sweep,
} from '../support/delivery-play.ts'
import type { ScriptName } from '../support/delivery-scripts.ts'
import { handOver } from '../support/postman.ts'

/** Stories with a process and a world each: longer than others on a busy machine. */
const LONG = { timeout: 600_000 }
const EVENTS = 500
const MODELS_AWAY = 12
const MINUTE = 60_000
/** Between two sweeps: whatever was missed is looked for at the start, and handled before the next one. */
const PROMISED_MS = 5 * MINUTE

/** Each event of people so many minutes late; none: it is dropped. */
const always = (script: ScriptName, after: readonly number[]): Schedule => ({
  ...inOrder(script),
  fates: Array.from({ length: 200 }, () => ({ after })),
})

const play = (schedules: readonly Schedule[]): Promise<readonly End[]> =>
  onDeliveryStage(schedules.length, (stage) => playSchedules(stage, schedules, 1))

test(
  'every event of people and of the bot is dropped: the sweep finds them all, within its five minutes',
  LONG,
  async () => {
    const scripts: readonly ScriptName[] = ['compares each head', 'locks', 'deploys', 'approves by command']
    const dropped = scripts.map((script) => ({ ...always(script, []), echoes: always(script, []).fates }))
    const ends = await play([...scripts.map(inOrder), ...dropped])
    expect(ends.slice(scripts.length).map(({ left, all }) => ({ left, all }))).toEqual(
      ends.slice(0, scripts.length).map(({ left, all }) => ({ left, all })),
    )
  },
)

test(
  'twenty minutes late: comparisons are as in order, and commands are refused as stale and change nothing',
  LONG,
  async () => {
    const [seen, late, locked] = await play([
      inOrder('compares each head'),
      always('compares each head', [20, 25, 61]),
      always('locks', [20]),
    ])
    expect(late?.all).toEqual(seen?.all)
    expect(locked?.live).toMatchObject({ holds: [] })
    expect(JSON.stringify(locked?.all)).toMatch(
      /👎 \*\*Refused\*\* \(`stale_command`\): this command was written 2\d minutes before Lockkeeper could read it\.\\n/,
    )
  },
)

type Pull = { readonly number: number; readonly lock: number }

const answersTo = ({ models }: Stage, { number }: Pull) =>
  models.world.github.comments(MODELS, number).filter(({ author }) => author.endsWith('[bot]'))

/** Half of it is chatter, as in real life; the rest is heads, checks and commands. Gives the head of each model. */
function busyHour({ models }: Stage): ReadonlyMap<string, Pull> {
  const { github } = models.world
  const opened = models.names.map((model) => {
    const branch = `${model}-away`
    const commit = (f1: number) => {
      const files = { [`models/${model}/metrics.json`]: `${JSON.stringify({ f1 })}\n` }
      const sha = github.commit(MODELS, branch, { message: `Train ${model}`, files, by: 'dave' })
      github.reportCheck(MODELS, sha, { name: 'train', status: 'in_progress' })
      github.reportCheck(MODELS, sha, { name: 'train', status: 'completed', conclusion: 'success' })
    }
    commit(0.6)
    const number = github.openPullRequest(MODELS, { title: `${model}: away`, head: branch, by: 'dave' })
    for (let round = 1; round <= 4; round += 1) commit(0.6 + round / 20)
    for (let round = 0; round < 8; round += 1) {
      const id = github.comment(MODELS, number, `Round ${round}.`, { by: 'alice' })
      github.editComment(MODELS, id, `Round ${round}, once more.`, { by: 'alice' })
    }
    const lock = github.comment(MODELS, number, `/lock prod ${model} away`, { by: 'alice' })
    return [model, { number, lock }] as const
  })
  return new Map(opened)
}

test(
  `${EVENTS} events while the bot is off: all of them are handled within five minutes when it is back, each once`,
  LONG,
  async () => {
    await onDeliveryStage(MODELS_AWAY, async (stage) => {
      const { models, bot, db } = stage
      const { github } = models.world
      await bot.stop()
      const before = github.deliveries.length
      const pulls = busyHour(stage)
      await github.delivered()
      const missed = github.deliveries.slice(before)
      expect(missed.length).toBeGreaterThanOrEqual(EVENTS)
      expect(missed.every(({ statusCode }) => statusCode >= 500)).toBe(true)
      models.world.clock.advance(5 * MINUTE)
      const asked = github.requests.length
      await bot.start()
      const back = performance.now()
      const isHandled = () => [...pulls.values()].every((pull) => answersTo(stage, pull).length === 2)
      while (!isHandled() && performance.now() - back < PROMISED_MS) await sleep(100)
      const took = performance.now() - back
      // By the start's own sweep: nobody hastens the next one.
      expect(took).toBeLessThan(PROMISED_MS)
      await settleAll({ world: models.world, bot })
      for (const pull of pulls.values()) {
        const { lock } = pull
        const comments = answersTo(stage, pull)
        expect(comments.filter(({ body }) => body.startsWith('<!-- lockkeeper:comparison:'))).toMatchObject([
          { body: expect.stringContaining('| ✅ | `f1` ↑ | 0.8000 | ≥ 0.5 |') },
        ])
        expect(comments.filter(({ body }) => body.includes(`comment=${lock} `))).toMatchObject([
          { body: expect.stringMatching(/🔒 .* is held until it is lifted/) },
        ])
        expect(comments).toHaveLength(2)
      }
      const { rows } = await db.query('select 1 from holds where ended_by is null')
      expect(rows).toHaveLength(MODELS_AWAY)
      const log = github.requests.slice(asked).filter(({ path }) => path.startsWith('/app/hook/deliveries'))
      const pages = log.filter(({ path }) => path === '/app/hook/deliveries').length
      const seconds = (took / 1000).toFixed(1)
      process.stdout.write(
        `outage: ${missed.length} events handled ${seconds} s after the start, ${pages} pages, ${log.length - pages} of them read\n`,
      )
      // Two sweeps through the whole log at most, and nothing is read twice, or that nobody hears.
      expect(pages).toBeLessThanOrEqual(2 * Math.ceil(github.deliveries.length / 100))
      const heard = missed.filter(({ event, action }) => isHeard(event, action ?? undefined))
      expect(log.length - pages).toBeLessThanOrEqual(heard.length)
    })
  },
)

test('a redelivery that somebody asks for while the sweep finds the same: once', LONG, async () => {
  await onDeliveryStage(1, async (stage) => {
    const { models, bot } = stage
    const { github } = models.world
    const [model = ''] = models.names
    const files = { [`models/${model}/metrics.json`]: '{"f1": 0.8}\n' }
    github.commit(MODELS, 'work', { message: 'Train', files, by: 'dave' })
    const number = github.openPullRequest(MODELS, { title: model, head: 'work', by: 'dave' })
    await settleAll({ world: models.world, bot })
    github.onDelivery(() => 'drop')
    github.comment(MODELS, number, `/lock prod ${model} once`, { by: 'alice' })
    await github.delivered()
    github.onDelivery(undefined)
    const missed = github.deliveries.findLast(({ event }) => event === 'issue_comment')
    expect(missed?.statusCode).toBe(502)
    for (let time = 0; time < 3; time += 1) github.redeliver(missed?.guid ?? '')
    await Promise.all([github.delivered(), sweep(stage)])
    await settleAll({ world: models.world, bot })
    expect(github.deliveries.filter(({ guid, redelivery }) => guid === missed?.guid && redelivery)).toHaveLength(3)
    const replies = github.comments(MODELS, number).filter(({ body }) => body.startsWith('<!-- lockkeeper:reply:'))
    expect(replies).toMatchObject([{ body: expect.stringContaining('is held') }])
  })
})

test(
  'installation events in any order, and from one that is gone: the bot goes on with the one that is there',
  LONG,
  async () => {
    await onDeliveryStage(1, async (stage) => {
      const { models, bot } = stage
      const { github } = models.world
      const old = { id: 1, node_id: 'old' }
      const acme = { login: 'acme', id: 1, type: 'Organization' }
      const actions = ['deleted', 'suspend', 'new_permissions_accepted', 'unsuspend', 'created', 'deleted']
      const events = [
        ...actions.map((action) => ({ event: 'installation', action })),
        { event: 'installation_repositories', action: 'removed' },
        { event: 'installation_repositories', action: 'added' },
      ]
      for (const { event, action } of events) {
        const payload = { action, installation: { ...old, account: acme }, sender: acme, repositories: [] }
        await handOver(bot.url, { guid: crypto.randomUUID(), event, payload })
      }
      await settleAll({ world: models.world, bot })
      const [model = ''] = models.names
      const files = { [`models/${model}/metrics.json`]: '{"f1": 0.8}\n' }
      // A delivery from before the App was installed anew comes last.
      github.onDelivery(({ guid, event, payload }) => {
        void handOver(bot.url, { guid, event, payload: { ...payload, installation: old } })
        return 'lose'
      })
      github.commit(MODELS, 'work', { message: 'Train', files, by: 'dave' })
      const number = github.openPullRequest(MODELS, { title: model, head: 'work', by: 'dave' })
      await github.delivered()
      await new Promise((resolve) => setTimeout(resolve, 300))
      await settleAll({ world: models.world, bot })
      const comparisons = github
        .comments(MODELS, number)
        .filter(({ body }) => body.startsWith('<!-- lockkeeper:comparison:'))
      expect(comparisons).toHaveLength(1)
    })
  },
)

test(
  'deliveries that GitHub has forgotten: what is under way is looked at all the same when the bot is back',
  LONG,
  async () => {
    await onDeliveryStage(1, async (stage) => {
      const { models, bot } = stage
      const [end] = await playSchedules(stage, [{ ...inOrder('deploys'), until: 'bob reviews' }], 1)
      expect(end?.left).toEqual(['bob reviews', 'sees it verified'])
      await bot.stop()
      const { github, clock } = models.world
      github.onDelivery(undefined)
      const pull = github.pullRequests('acme/ml-config').find(({ state }) => state === 'open')
      github.review('acme/ml-config', pull?.number ?? 0, { by: 'bob', state: 'APPROVED' })
      await github.delivered()
      clock.advance(4 * 24 * 60 * MINUTE)
      await bot.start()
      await settleAll({ world: models.world, bot })
      expect(github.pullRequests('acme/ml-config').map(({ merged }) => merged)).toEqual([true])
    })
  },
)
