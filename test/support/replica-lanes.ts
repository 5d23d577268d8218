/**
 * What people do to the replicas of replicas.ts: one lane per model, each with its own pull requests, one command after the other, many lanes at once.
 * A lane knows what each of its commands must come to, whatever befalls the replicas meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SeenComment } from '../../sandbox/github/reading.ts'
import { MODELS, type World } from '../../sandbox/world/index.ts'
import type { Random } from './fault-plans.ts'
import { ALIAS, metricsOf, REGISTERED, uriOf } from './replica-world.ts'

/** One command, with what became of it. */
export type Said = {
  readonly model: string
  readonly number: number
  readonly comment: number
  readonly body: string
  readonly problem: string | undefined
  /** From the comment to the last word, on the machine's clock. */
  readonly milliseconds: number
}

/** What is there in the end, if each command was carried out exactly once. */
export type Tally = { opened: number; merged: number; cancelled: number; locked: number; unlocked: number }

export type Lanes = {
  readonly said: readonly Said[]
  readonly tally: Readonly<Tally>
  /** Numbers of the model pull requests. */
  readonly pulls: readonly number[]
  /** Where the alias of the registered model was to go, one after the other. */
  readonly aliased: readonly string[]
}

export type LanesOptions = {
  readonly world: World
  readonly models: readonly string[]
  readonly random: Random
  /** How many commands in all, at least. */
  readonly commands: number
  /** How long an answer may take, in milliseconds of the machine. */
  readonly patienceMs: number
  /** Called with each command that has its last word. */
  readonly onSaid?: (one: Said) => void
}

type Answer = { readonly reaction: 'rocket' | '-1' | 'confused'; readonly words: RegExp }

/** Plays every lane to the end of its story: whoever waits in vain for an answer says so, and leaves. */
export async function playLanes(options: LanesOptions): Promise<Lanes> {
  const said: Said[] = []
  const pulls: number[] = []
  const aliased: string[] = []
  const tally: Tally = { opened: 0, merged: 0, cancelled: 0, locked: 0, unlocked: 0 }
  await Promise.all(
    options.models.map(async (model) => {
      const kept = { said, pulls, aliased, tally }
      const lane: Lane = { ...options, ...kept, model, locked: undefined, releases: 0, live: [], number: 0 }
      while (said.length < options.commands && !said.some((one) => one.model === model && one.problem !== undefined))
        await playRound(lane)
    }),
  )
  return { said, tally, pulls, aliased }
}

type Lane = LanesOptions & {
  readonly model: string
  readonly said: Said[]
  readonly pulls: number[]
  readonly aliased: string[]
  readonly tally: Tally
  /** alice's lock on this model's prod. */
  locked: string | undefined
  /** How many of its releases were verified. */
  releases: number
  /** Versions of a registered model that were live, without those that were left by a rollback. */
  readonly live: string[]
  /** Of the pull request that is worked on. */
  number: number
}

/** A candidate is proposed, talked about, merged and deployed; sometimes it goes back again. */
async function playRound(lane: Lane): Promise<void> {
  const { world, model, random } = lane
  const { github } = world
  const version = lane.releases + random()
  const head = `${model}-${Math.floor(random() * 1e9)}`
  const files = { [metricsOf(model)]: `${JSON.stringify({ f1: 0.7 + version / 1000 })}\n` }
  const trained = github.commit(MODELS, head, { message: `Train ${model}`, files, by: 'dave', from: 'main' })
  const registered = model === REGISTERED ? world.mlflow.train(trained) : undefined
  lane.number = github.openPullRequest(MODELS, { title: `${model}: again`, head, base: 'main', by: 'dave' })
  lane.pulls.push(lane.number)
  await smallTalk(lane, 3)
  const commit = github.merge(MODELS, lane.number, { by: 'carol', method: 'squash' })
  world.bucket.put(`${uriOf(model, registered ?? commit)}/model.bin`, model)
  if (!(await isReleased(lane))) return
  await smallTalk(lane, 2)
  if ((await deploy(lane)) && registered !== undefined) {
    lane.live.push(registered)
    await aliasFollows(lane)
  }
  await smallTalk(lane, 2)
  if (lane.releases > 1 && random() < 0.4) await rollBack(lane)
}

/** The thread tells of the release once its artefacts were found. */
async function isReleased(lane: Lane): Promise<boolean> {
  const isMade = await becomes(lane, () => {
    const thread = own(lane).find(({ body }) => body.startsWith('<!-- lockkeeper:thread:'))
    return thread !== undefined && !/artefact|waits/.test(thread.body)
  })
  const seen = () => own(lane).map(({ body }) => body)
  if (!isMade) complain(lane, '(merge)', `the release was not made: ${seen().join('\n')}`)
  return isMade
}

/** The alias of a registered model moves once what it names is proven. */
async function aliasFollows(lane: Lane): Promise<void> {
  const live = lane.live.at(-1)
  if (live === undefined) return
  lane.aliased.push(live)
  const at = () => lane.world.mlflow.alias(ALIAS)
  if (!(await becomes(lane, () => at() === live))) complain(lane, '(alias)', `it is at ${at()} and not at ${live}`)
}

async function becomes({ patienceMs }: Lane, holds: () => boolean): Promise<boolean> {
  for (const began = performance.now(); performance.now() - began < patienceMs; await sleep(POLL_MS))
    if (holds()) return true
  return false
}

function complain({ said, model, number }: Lane, body: string, problem: string): void {
  said.push({ model, number, comment: 0, body, problem, milliseconds: 0 })
}

async function smallTalk(lane: Lane, count: number): Promise<void> {
  for (let spoken = 0; spoken < count; spoken += 1) {
    const [talk] = shuffled([help, status, compare, cancelNothing, approveNothing, lock, unlock], lane.random)
    await talk?.(lane)
  }
}

const help = (lane: Lane) => say(lane, '/help', done(/\/rollback/))
const status = (lane: Lane) => say(lane, `/status prod ${lane.model}`, done(new RegExp(`\\| ${lane.model} \\| prod`)))
const compare = (lane: Lane) =>
  lane.releases % 2 === 0 ? say(lane, '/compare', done(/./)) : say(lane, `/compare ${lane.model}`, done(/./))
const cancelNothing = (lane: Lane) => say(lane, `/cancel prod ${lane.model}`, refused('nothing_to_do'))
const approveNothing = (lane: Lane) => say(lane, `/approve prod ${lane.model}`, refused('nothing_to_do'), 'bob')

async function lock(lane: Lane): Promise<void> {
  const reason = `reason ${Math.floor(lane.random() * 1e6)}`
  const before = lane.locked === undefined ? '' : `[^]*In place of the lock by alice since [^]*: ${lane.locked}\\.`
  const words = new RegExp(`🔒 \`prod\` for \`${lane.model}\` is held until it is lifted${before}[^]*Reason: ${reason}`)
  if (!(await say(lane, `/lock prod ${lane.model} ${reason}`, done(words)))) return
  lane.locked = reason
  lane.tally.locked += 1
}

async function unlock(lane: Lane): Promise<void> {
  const words = lane.locked === undefined ? /was not held/ : new RegExp(`is free again[^]*: ${lane.locked}`)
  if (!(await say(lane, `/unlock prod ${lane.model}`, done(words)))) return
  if (lane.locked !== undefined) lane.tally.unlocked += 1
  lane.locked = undefined
}

/** Refused while it is locked; cancelled in one case of four; approved by bob, and verified: then it gives true. */
async function deploy(lane: Lane): Promise<boolean> {
  const { model, random, tally } = lane
  if (lane.locked !== undefined) {
    await say(lane, `/deploy prod ${model}`, refused('held'))
    await unlock(lane)
  }
  if (random() < 0.25) {
    const asked = await propose(lane)
    if (asked === undefined) return false
    if (!(await say(lane, `/cancel prod ${model}`, done(/Cancelled/)))) return false
    tally.cancelled += 1
    await finish(lane, asked, { reaction: '-1', words: /cancelled by alice/ })
  }
  const asked = await propose(lane)
  if (asked === undefined) return false
  if (!(await approve(lane))) return false
  if (!(await finish(lane, asked, done(/verified/)))) return false
  tally.merged += 1
  lane.releases += 1
  if (random() < 0.3) await say(lane, `/deploy prod ${model}`, refused('nothing_to_do|already_live'))
  return true
}

/** A replica's clock is ahead by no more, and GitHub dates comments and commits by whole seconds. */
const CLOCKS_MS = 61_000

/** bob approves. What was made again after a crash stands there since a moment that only the replica's own clock tells: where that is ahead, he is asked to repeat it. */
async function approve(lane: Lane): Promise<boolean> {
  const { world, model } = lane
  const at = world.clock.now().getTime()
  while (Math.floor(world.clock.now().getTime() / 1000) === Math.floor(at / 1000)) await sleep(POLL_MS)
  const body = `/approve prod ${model}`
  const asked = ask(lane, body, 'bob')
  if (!(await wait(lane, asked, ({ endings }) => endings.length > 0))) return false
  if (answerOf(lane, asked).reply?.body.includes('Refused** (`head_moved`)') !== true)
    return finish(lane, asked, done(/bob approved/))
  record(lane, asked, undefined)
  while (world.clock.now().getTime() < at + CLOCKS_MS) await sleep(POLL_MS)
  return say(lane, body, done(/bob approved/), 'bob')
}

/** `/deploy`, until its promotion pull request waits for bob. */
async function propose(lane: Lane): Promise<Asked | undefined> {
  const asked = ask(lane, `/deploy prod ${lane.model}`)
  if (!(await wait(lane, asked, ({ reply }) => reply?.body.includes('needs 1 approval') === true))) return undefined
  lane.tally.opened += 1
  return asked
}

/** Back to the release before, past the approvals; the hold that it leaves is lifted. */
async function rollBack(lane: Lane): Promise<void> {
  const { model, tally } = lane
  const asked = ask(lane, `/rollback prod ${model}`)
  if (!(await finish(lane, asked, done(/verified/)))) return
  tally.opened += 1
  tally.merged += 1
  lane.live.pop()
  await aliasFollows(lane)
  if (lane.locked !== undefined) tally.unlocked += 1
  lane.locked = undefined
  if (await say(lane, `/unlock prod ${model}`, done(/is free again/))) tally.unlocked += 1
}

const done = (words: RegExp): Answer => ({ reaction: 'rocket', words })
const refused = (code: string): Answer => ({ reaction: '-1', words: new RegExp(`Refused\\*\\* \\(\`(?:${code})\`\\)`) })

type Asked = { readonly comment: number; readonly number: number; readonly body: string; readonly at: number }

function ask({ world, number }: Lane, body: string, by = 'alice'): Asked {
  return { comment: world.github.comment(MODELS, number, body, { by }), number, body, at: performance.now() }
}

/** Says it, and waits for the last word; false: it was another one than it should be. */
function say(lane: Lane, body: string, answer: Answer, by?: string): Promise<boolean> {
  return finish(lane, ask(lane, body, by), answer)
}

async function finish(lane: Lane, asked: Asked, answer: Answer): Promise<boolean> {
  if (!(await wait(lane, asked, ({ endings }) => endings.length > 0))) return false
  const { reply, endings } = answerOf(lane, asked)
  const isRight = endings.join() === answer.reaction && answer.words.test(reply?.body ?? '')
  const problem = isRight
    ? undefined
    : `${endings.join()} ${reply?.body ?? '(no reply)'}, wanted ${answer.reaction} ${answer.words}`
  record(lane, asked, problem)
  return isRight
}

const POLL_MS = 100

async function wait(lane: Lane, asked: Asked, holds: (now: Answered) => boolean): Promise<boolean> {
  while (performance.now() - asked.at < lane.patienceMs) {
    const now = answerOf(lane, asked)
    if (holds(now)) return true
    if (now.endings.length > 0) break
    await sleep(POLL_MS)
  }
  const { reply, endings } = answerOf(lane, asked)
  record(lane, asked, `no right answer: ${endings.join()} ${reply?.body ?? '(no reply)'}`)
  return false
}

function record(lane: Lane, { comment, number, body, at }: Asked, problem: string | undefined): void {
  const one = { model: lane.model, number, comment, body, problem, milliseconds: Math.round(performance.now() - at) }
  lane.said.push(one)
  lane.onSaid?.(one)
}

type Answered = { readonly reply: SeenComment | undefined; readonly endings: readonly string[] }

const ENDINGS: ReadonlySet<string> = new Set(['rocket', '-1', 'confused'])

function answerOf({ world }: Lane, { comment, number }: Asked): Answered {
  const comments = world.github.comments(MODELS, number)
  const reply = comments.find(({ body }) => body.startsWith(`<!-- lockkeeper:reply:v1 comment=${comment} `))
  const reactions = comments.find(({ id }) => id === comment)?.reactions ?? []
  return { reply, endings: reactions.map(({ content }) => content).filter((content) => ENDINGS.has(content)) }
}

const own = ({ world, number }: Lane): readonly SeenComment[] =>
  world.github.comments(MODELS, number).filter(({ author }) => author.endsWith('[bot]'))

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
