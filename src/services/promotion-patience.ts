/** How long a promotion that is not merged is waited for, and when to look at it again. Used by merge-promotion.ts and adopt-values.ts. */
import { formatDuration } from '../domain/duration.ts'
import type { Promotion, Stage } from '../domain/promotion.ts'
import { closesAt, earliestPass, type RuleVerdict, waitingFor } from '../domain/rules.ts'
import type { EnvironmentSettings } from '../domain/settings.ts'

/** What automation proposes, a newer release replaces. A rollback waits for nobody but GitHub, and something bad is live meanwhile. */
const PATIENCE_MS = { automation: 14 * 24 * 3_600_000, rollback: 30 * 60_000 } as const

type Patience = Pick<EnvironmentSettings, 'expires'>

/** What somebody asked for is not waited for longer than `expires`: the world they meant is gone. */
function patienceFor({ via, kind }: Promotion, { expires }: Patience): number {
  if (kind === 'rollback') return PATIENCE_MS.rollback
  return via.kind === 'automation' ? PATIENCE_MS.automation : expires
}

/** When waiting ends: counted from the opening of its pull request, or from its proposal where there is none. */
export function expiryOf(promotion: Promotion, environment: Patience): Date {
  const { stage, createdAt } = promotion
  const since = stage.at === 'opened' ? stage.openedAt : createdAt
  return new Date(Date.parse(since) + patienceFor(promotion, environment))
}

/** How it ends then: cancelled, but a rollback has failed, since what was to be left still runs. */
export function expired(
  promotion: Promotion,
  rules: readonly RuleVerdict[],
  { environment, now }: { readonly environment: Patience; readonly now: Date },
): Stage {
  const { stage: opened, outage } = promotion
  const unseen = outage?.words === undefined ? [] : [outage.words]
  const github = opened.at === 'opened' && opened.githubWaits !== undefined ? [`GitHub: ${opened.githubWaits}`] : []
  const theirs =
    opened.at === 'proposed' && opened.waitsFor !== undefined
      ? [`pull request ${opened.waitsFor.number}, to which somebody pushed, was neither merged nor closed`]
      : []
  const open = rules.filter(({ state }) => state === 'open' || state === 'refused').map(({ detail }) => detail)
  const reason = `it waited for ${formatDuration(patienceFor(promotion, environment))}: ${[...theirs, ...open, ...github, ...unseen].join('; ')}`
  if (promotion.kind !== 'rollback') return { at: 'cancelled', endedAt: now.toISOString(), reason }
  return {
    at: 'failed',
    failedAt: now.toISOString(),
    code: 'rollout_failed',
    message: `its promotion pull request was not merged: ${reason}`,
    revision: undefined,
    evidence: [],
    rollback: undefined,
  }
}

/** The promotion with what it waits for, for every comment that tells of it. */
export function waiting(promotion: Promotion, rules: readonly RuleVerdict[]): Promotion {
  const { stage } = promotion
  if (stage.at !== 'opened' && stage.at !== 'proposed') return promotion
  return { ...promotion, stage: { ...stage, waiting: waitingFor(rules) } }
}

/** When a promotion is to be looked at again without any event: a rule opens or closes by itself, or it is waited for no longer. */
export const nextLook = (
  promotion: Promotion,
  rules: readonly RuleVerdict[],
  environment: Patience,
): Date | undefined =>
  soonest([earliestPass(rules) ?? soonestOpen(rules), closesAt(rules), expiryOf(promotion, environment)])

/** The first of those that are known. */
export const soonest = (times: readonly (Date | undefined)[]): Date | undefined =>
  times.filter((at) => at !== undefined).toSorted((a, b) => a.getTime() - b.getTime())[0]

/** The instant at which the first of the open rules may change by itself. */
function soonestOpen(rules: readonly RuleVerdict[]): Date | undefined {
  const times = rules.flatMap(({ state, earliest }) =>
    state === 'open' && earliest !== undefined ? [earliest.getTime()] : [],
  )
  return times.length === 0 ? undefined : new Date(Math.min(...times))
}
