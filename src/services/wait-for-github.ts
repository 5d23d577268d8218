/** A promotion whose own rules hold, and that GitHub does not merge yet: what is told, and when it is looked at again. Used by attempt-merge.ts and promotion-queue.ts. */
import type { Promotion, Stage } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import type { Deps } from './deps.ts'
import type { PromotionPullRequest } from './ports.ts'
import type { PromotionContext } from './promotion-context.ts'
import { nextLook, soonest } from './promotion-patience.ts'

export type Merging = {
  readonly promotion: Promotion
  readonly rules: readonly RuleVerdict[]
  /** When to look again; undefined when only an event can change the verdict. */
  readonly wait: Date | undefined
}

/** An opened promotion with everything that is known before its merge. */
export type Decided = {
  readonly promotion: Promotion
  readonly context: PromotionContext
  readonly rules: readonly RuleVerdict[]
  /** Its pull request as just read; undefined when it was opened a moment ago. */
  readonly seen: PromotionPullRequest | undefined
}

const SOON_MS = 5000
/** Its events wake a promotion that waits for GitHub, also a while later, since reads lag; the timer only backs them up. */
export const LATER_MS = 5 * 60_000
/** Right after opening, GitHub may still be working out whether it can be merged. */
const SETTLING_MS = 60_000

type Opened = Extract<Stage, { readonly at: 'opened' }>

/** Throws for a promotion at any other stage. */
export function openedStage({ stage }: Promotion): Opened {
  if (stage.at !== 'opened') throw new Error('only an opened promotion can be merged')
  return stage
}

export type GitHubWaiting = {
  /** Why, as a clause; undefined: GitHub has only to settle. */
  readonly words: string | undefined
  readonly queue?: Opened['queue']
  /** When to look again; default: soon while GitHub may be settling or this is new, else later. */
  readonly until?: Date
}

/** The promotion as it waits. */
export function waitForGitHub(
  { promotion, context, rules }: Decided,
  { words, queue, until }: GitHubWaiting,
  deps: Pick<Deps, 'clock'>,
): Merging {
  const stage = openedStage(promotion)
  const now = deps.clock.now()
  const isNew = words === undefined || words !== stage.githubWaits
  const isSettling = now.getTime() - Date.parse(promotion.rebuilt?.at ?? stage.openedAt) < SETTLING_MS
  const next = until ?? (isSettling || isNew ? soon(deps) : later(deps))
  return {
    promotion: { ...promotion, stage: { ...stage, githubWaits: words, waiting: undefined, queue } },
    rules,
    wait: soonest([next, nextLook(promotion, rules, context.environment)]),
  }
}

/** The time of a look that follows at once. */
export const soon = ({ clock }: Pick<Deps, 'clock'>): Date => new Date(clock.now().getTime() + SOON_MS)

/** The time of a look that only makes up for lost events. */
export const later = ({ clock }: Pick<Deps, 'clock'>): Date => new Date(clock.now().getTime() + LATER_MS)
