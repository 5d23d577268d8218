/** A canary release: a promotion that takes the traffic in shares, each a commit of its own that is proven before the next. Pure; the steps are taken by src/services/advance-canary.ts. */
import type { CheckMemory } from './check-memory.ts'
import type { RepoName } from './ids.ts'
import type { Change, Promotion } from './promotion.ts'
import type { Milliseconds, Tolerance, WorkloadKind } from './settings.ts'
import type { Template } from './template.ts'
import type { ExpectedTraffic } from './workload-readiness.ts'

/** One share of the traffic, in per cent, and how long everything must hold there. */
export type CanaryStep = { readonly percent: number; readonly for: Milliseconds }

/** What divides the traffic, and where that is written. Its templates know the model and the environment alone. */
export type CanaryTraffic =
  | {
      readonly kind: 'kserve'
      readonly file: Template
      readonly name: Template
      /** The predictor of `spec.canary` that takes the share (Standard mode); absent: `canaryTrafficPercent` divides it (Knative mode). */
      readonly canary?: Template | undefined
    }
  /** Two InferenceServices behind one Splitter, by its steps' weights. */
  | {
      readonly kind: 'inference_graph'
      readonly file: Template
      readonly name: Template
      readonly node: Template
      readonly stable: Template
      readonly canary: Template
    }

/** A query asked for both releases; the new one's value may be worse by `maxRegression`. */
export type CanaryComparison = {
  readonly server: string
  readonly query: Template
  /** undefined: the same query, with the stable release's values. */
  readonly stable: Template | undefined
  readonly goal: 'maximize' | 'minimize'
  readonly maxRegression: Tolerance
}

/** `canary:` of an environment. */
export type CanarySettings = {
  /** Rising, at least one. */
  readonly steps: readonly CanaryStep[]
  readonly traffic: CanaryTraffic
  readonly compare: readonly CanaryComparison[]
}

/** All of the traffic: what writes a share is gone from the files. */
export const WHOLE = 100

/** Whether something beside the stable release serves the canary, for good: it has a model of its own, and 0 % between two releases. */
export const isApart = (traffic: CanaryTraffic): boolean =>
  traffic.kind === 'inference_graph' || traffic.canary !== undefined

/** Which service a check is about at the share that it is at, and which share that must have; absent: the service itself divides nothing. */
export function provenAt(
  { traffic, share }: Pick<Canary, 'traffic' | 'share'>,
  check: { readonly kind: WorkloadKind; readonly name: string },
  text: (template: Template) => string,
): { readonly name: string; readonly traffic?: ExpectedTraffic } {
  const { kind, name } = check
  const isPart = kind === 'InferenceService' && share !== WHOLE
  if (traffic.kind === 'inference_graph')
    return { name: isPart && name === text(traffic.stable) ? text(traffic.canary) : name }
  const isOwn = isPart && traffic.canary !== undefined && name === text(traffic.name)
  return { name, traffic: { percent: share, canary: isOwn ? text(traffic.canary) : undefined } }
}

/** What somebody asked for while it was on its way. */
export type CanaryWish = {
  /** 1 to 100. */
  readonly share: number
  readonly by: string
  readonly comment: HeardComment
}

/** The line of the comment that asked. */
export type HeardComment = { readonly repository: RepoName; readonly commentId: number; readonly line: string }

/** A share that was merged and proven. Instants are ISO, because it is stored. */
export type LiveShare = {
  readonly share: number
  readonly revision: string
  readonly mergedAt: string
  readonly pullRequest: { readonly number: number; readonly url: string } | undefined
  /** What all steps until then wrote, the first one first. */
  readonly changes: readonly Change[]
}

/** Where a promotion is that does not take all of the traffic at once. Part of a stored promotion. */
export type Canary = {
  /** As configured when it began; a change of the configuration concerns the next promotion. */
  readonly steps: readonly CanaryStep[]
  readonly traffic: CanaryTraffic
  /** Per cent of the traffic that its pull request writes, or that its merge wrote. */
  readonly share: number
  /** Somebody chose this share: it goes no further by itself. */
  readonly stays?: { readonly by: string } | undefined
  /** To be followed as soon as what is under way is synced. */
  readonly wish?: CanaryWish | undefined
  /** What was followed last: a command that runs again after a crash asks for nothing new. */
  readonly heard?: HeardComment | undefined
  /** The step that was proven last; absent before the first was. */
  readonly live?: LiveShare | undefined
  /** Who had approved it when its first step was merged: that covers the later ones. */
  readonly approvedBy?: readonly string[] | undefined
  /** Since when its checks have failed while its next step waits, as it was watched; absent while they hold. */
  readonly failingSince?: string | undefined
  /** The last look while its next step waits, and what its checks know of the earlier ones. */
  readonly looked?: { readonly at: string; readonly memory: CheckMemory } | undefined
  /** Its checks held for the step's whole time; why it does not go up all the same. */
  readonly stopped?: string | undefined
}

/** A promotion into an environment with `canary:`, before its first step. */
export const beginCanary = ({ steps, traffic }: Pick<CanarySettings, 'steps' | 'traffic'>): Canary => ({
  steps,
  traffic,
  share: steps[0]?.percent ?? WHOLE,
})

/**
 * The way back from a canary that has a part of the traffic; undefined where it has none, or all. Where something of its own serves it, that gets nothing and
 * the old model in one commit. In Knative mode it takes two: KServe sends all traffic to the newest revision that is ready as soon as the share is gone, and until the old model has
 * started anew that is the canary: so the share becomes 0 first, which pins the revision that was proven, and goes with the second commit.
 */
export function retreat(canary: Canary, revision: string | undefined): Canary | undefined {
  const share = mergedShare(canary, revision)
  if (share === undefined || share === WHOLE) return undefined
  if (isApart(canary.traffic)) return { steps: [], traffic: canary.traffic, share: WHOLE }
  return { steps: [{ percent: 0, for: 0 }], traffic: canary.traffic, share: 0 }
}

/** Whether what is under way brings all of the traffic. */
export const isWhole = (canary: Canary | undefined): boolean => canary === undefined || canary.share === WHOLE

/** How long the checks must hold at the share that it is at; undefined: as `verify:` says. A share that was chosen by hand has no end, and is proven all the same. */
function holdFor(canary: Canary | undefined): Milliseconds | undefined {
  if (canary === undefined || isWhole(canary)) return undefined
  return canary.steps.find(({ percent }) => percent === canary.share)?.for ?? 0
}

/** The times of `verify:` as they are for the share that it is at: a step's own time comes on top of what proving may take. */
export function timesOf<Times extends { readonly for: Milliseconds; readonly within: Milliseconds }>(
  canary: Canary | undefined,
  times: Times,
): Times {
  const hold = holdFor(canary)
  return hold === undefined ? times : { ...times, for: hold, within: times.within + hold }
}

/** The share that Git writes: of the step under way where its commit is the `revision`, else of the last one that was proven. */
export function mergedShare(canary: Canary, revision: string | undefined): number | undefined {
  return revision !== undefined && revision !== canary.live?.revision ? canary.share : canary.live?.share
}

/** The first configured share above this one. */
const above = ({ steps, share }: Canary): number => steps.find(({ percent }) => percent > share)?.percent ?? WHOLE

export type CanaryMove =
  /** Verified: nothing comes after it. */
  | { readonly kind: 'done' }
  /** Its next pull request writes that share. */
  | { readonly kind: 'goes-on'; readonly canary: Canary }
  /** It stays at its share, and is watched there. */
  | { readonly kind: 'stays' }

/** What follows once the checks have held at its share. `stop`: a hold or a freeze, which keep it from going up. */
export function afterStep(canary: Canary | undefined, stop: string | undefined): CanaryMove {
  if (canary === undefined || isWhole(canary)) return { kind: 'done' }
  const wished = follow(canary, stop)
  if (wished !== undefined) return { kind: 'goes-on', canary: wished }
  if (canary.stays !== undefined || canary.wish !== undefined || stop !== undefined) return { kind: 'stays' }
  return { kind: 'goes-on', canary: { ...canary, share: above(canary), stopped: undefined } }
}

/** What somebody asked for, at once: their word replaces the time of the step, not its checks. undefined where nobody did, or a stop is in the way of going up. */
export function follow(canary: Canary, stop: string | undefined): Canary | undefined {
  const { wish, ...rest } = canary
  if (wish === undefined || (stop !== undefined && wish.share > canary.share)) return undefined
  const stays = wish.share === WHOLE ? undefined : { by: wish.by }
  return { ...rest, wish: undefined, heard: wish.comment, stopped: undefined, share: wish.share, stays }
}

/** The part of the traffic that it has; undefined: none, all, or it is a rollback. */
export function partialShare({
  kind,
  stage,
  canary,
}: Pick<Promotion, 'kind' | 'stage' | 'canary'>): number | undefined {
  const isEnded = !['proposed', 'opened', 'syncing', 'verifying'].includes(stage.at)
  if (canary === undefined || kind === 'rollback' || isEnded) return undefined
  const share = stage.at === 'verifying' ? canary.share : canary.live?.share
  return share === WHOLE ? undefined : share
}

/** `canary 10 % of v12, 90 % v11` */
export const trafficWords = (
  share: number,
  { label, stable }: { readonly label: string; readonly stable: string },
): string => `canary ${share} % of ${label}, ${WHOLE - share} % ${stable}`

export type Compared = { readonly verdict: 'holds' | 'fails'; readonly wanted: string }

/** The canary's value against the stable version's: how much worse it may be. Of a stable value of 0, a percentage is 0. */
export function compareValues(
  { goal, maxRegression }: { readonly goal: 'maximize' | 'minimize'; readonly maxRegression: Tolerance },
  { canary, stable }: { readonly canary: number; readonly stable: number },
): Compared {
  const room = maxRegression.kind === 'percent' ? Math.abs(stable) * maxRegression.value : maxRegression.value
  const limit = goal === 'minimize' ? stable + room : stable - room
  const isFine = goal === 'minimize' ? canary <= limit : canary >= limit
  return { verdict: isFine ? 'holds' : 'fails', wanted: `${goal === 'minimize' ? '≤' : '≥'} ${digits(limit)}` }
}

const digits = (value: number): string => String(Number(value.toPrecision(4)))

/** Where a share of the traffic is written: no value of a release, and nothing that was found there. */
export const isTrafficPath = (path: string): boolean =>
  /\.canaryTrafficPercent$|^spec\.canary\b.*\.trafficPercent$|^spec\.nodes\..*\.weight$/.test(path)
