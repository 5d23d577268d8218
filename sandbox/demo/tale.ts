/** Tells a story over a world: acts of people, time that passes, and what is then seen at the sandbox. The story itself is script.ts. */
import { setTimeout as sleep } from 'node:timers/promises'
import { CONFIG, MODELS, type World } from '../world/index.ts'
import { type Calls, callsSince, callsToOpen } from './calls.ts'
import type { WordChange } from './word-diff.ts'

/** What a listener hears, in order. `at` is on the sandbox's clock. */
export type Narration = { readonly at: Date } & (
  | { readonly kind: 'chapter'; readonly title: string }
  | { readonly kind: 'act'; readonly who: string; readonly what: string }
  | { readonly kind: 'passed'; readonly milliseconds: number }
  /** A comment of the bot, new or edited (then with what it said last). `where` is `owner/name#n`. */
  | { readonly kind: 'comment'; readonly where: string; readonly body: string; readonly before: string | undefined }
  /** Checked in the sandbox's state. */
  | { readonly kind: 'seen'; readonly what: string }
  | { readonly kind: 'diff'; readonly of: string; readonly words: readonly WordChange[] }
  | { readonly kind: 'calls'; readonly of: string; readonly calls: Calls; readonly most: number | undefined }
)

export type Telling = {
  /** Until nothing is under way any more, as far as that can be known. */
  settle(): Promise<void>
  onStep(step: Narration): void
  /** How long something may take to be seen, in milliseconds of the machine; default 20,000. */
  readonly deadlineMs?: number
  /** The shortest step of the clock, in milliseconds; default a minute. Longer ones make the story shorter to play. */
  readonly stride?: number
}

export type Tale = {
  readonly world: World
  chapter(title: string): void
  /** Somebody does something; what the bot says to it is told after it has settled. */
  act<Result>(who: string, what: string, perform: () => Result): Promise<Result>
  /** Moves the clock at once. */
  leap(milliseconds: number): Promise<void>
  /** Moves the clock step by step, as time would pass. */
  pass(milliseconds: number): Promise<void>
  /** Moves the clock step by step until `look` gives undefined, at most so long; then as `see`. */
  passUntil(what: string, look: () => string | undefined, atMost: number): Promise<void>
  /** Waits until `look` gives undefined; what it gives instead is what is seen so far. Throws StoryFailure at the deadline. */
  see(what: string, look: () => string | undefined): Promise<void>
  diff(of: string, words: readonly WordChange[]): void
  /** A mark in the log of GitHub requests. */
  mark(): number
  /** Tells how many calls were made since a mark, and fails when there were more than `most`. */
  calls(of: string, from: number, most?: number): void
  /** The same for the opening of a promotion pull request. */
  callsOfPromotion(of: string, from: number, most: number): void
}

/** A step that was not seen. */
export class StoryFailure extends Error {
  readonly expected: string
  readonly seen: string
  constructor(expected: string, seen: string) {
    super(`expected: ${expected}\nseen: ${seen}`)
    this.name = 'StoryFailure'
    this.expected = expected
    this.seen = seen
  }
}

const DEADLINE_MS = 20_000
const MINUTE = 60_000

export function createTale(world: World, { settle, onStep, deadlineMs = DEADLINE_MS, stride = MINUTE }: Telling): Tale {
  const now = () => world.clock.now()
  const known = new Map<number, string>()
  const quiet = async () => {
    await settle()
    for (const comment of newWords(world, known)) onStep({ kind: 'comment', at: now(), ...comment })
  }
  const counted = (of: string, calls: Calls, most?: number) => {
    const count = calls.names.length
    if (most !== undefined && (count === 0 || count > most))
      throw new StoryFailure(`${of}: 1 to ${most} GitHub calls`, `${count}: ${calls.names.join(', ')}`)
    onStep({ kind: 'calls', at: now(), of, calls, most })
  }
  const see: Tale['see'] = async (what, look) => {
    const deadline = Date.now() + deadlineMs
    for (let seen = look(); seen !== undefined; seen = look()) {
      if (Date.now() > deadline) throw new StoryFailure(what, seen)
      await sleep(50)
      await quiet()
    }
    onStep({ kind: 'seen', at: now(), what })
  }
  /** `next`: the length of the next step, given what is left; 0 ends it. */
  const passTime = async (most: number, next: (left: number) => number) => {
    let passed = 0
    for (let step = next(most); step > 0; step = next(most - passed)) {
      world.clock.advance(step)
      passed += step
      await settle()
    }
    onStep({ kind: 'passed', at: now(), milliseconds: passed })
    await quiet()
  }
  return {
    world,
    see,
    chapter: (title) => onStep({ kind: 'chapter', at: now(), title }),
    act: async (who, what, perform) => {
      onStep({ kind: 'act', at: now(), who, what })
      const result = perform()
      await quiet()
      return result
    },
    leap: (milliseconds) => passTime(milliseconds, (left) => left),
    pass: (milliseconds) => passTime(milliseconds, (left) => Math.min(stride, left)),
    passUntil: async (what, look, atMost) => {
      await passTime(atMost, (left) => (look() === undefined ? 0 : Math.min(stride, left)))
      await see(what, look)
    },
    diff: (of, words) => onStep({ kind: 'diff', at: now(), of, words }),
    mark: () => world.github.requests.length,
    calls: (of, from, most) => counted(of, callsSince(world.github, from), most),
    callsOfPromotion: (of, from, most) => counted(of, callsToOpen(world.github, from), most),
  }
}

type Words = { readonly where: string; readonly body: string; readonly before: string | undefined }

/** The bot's comments that are new or read differently from last time. */
function newWords({ github }: World, known: Map<number, string>): Words[] {
  const words: Words[] = []
  for (const repository of [MODELS, CONFIG]) {
    for (const { number } of github.pullRequests(repository)) {
      for (const { id, author, body } of github.comments(repository, number)) {
        if (author !== BOT || known.get(id) === body) continue
        words.push({ where: `${repository}#${number}`, body, before: known.get(id) })
        known.set(id, body)
      }
    }
  }
  return words
}

export const BOT = 'lockkeeper[bot]'
