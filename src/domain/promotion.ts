/** A promotion: one attempt to make one release live in one environment. Its stages, and what its history means. Advanced by src/services/advance-promotion.ts. */
import { createHash } from 'node:crypto'
import { type Canary, isTrafficPath } from './canary.ts'
import type { CheckMemory } from './check-memory.ts'
import type { ErrorCode } from './failure.ts'
import type { CommitSha, EnvironmentName, ModelName, ReleaseId, RepoName } from './ids.ts'
import type { EnvironmentSettings, ForceableRule, ModelSettings } from './settings.ts'

/** A model in an environment: at most one promotion is active per key. */
export type EnvironmentKey = {
  readonly repository: RepoName
  readonly model: ModelName
  readonly environment: EnvironmentName
}

/** How the promotion came to be; decides which rules hold (src/domain/rules.ts). */
export type Via =
  | { readonly kind: 'automation' }
  | { readonly kind: 'deploy'; readonly by: string }
  | { readonly kind: 'force'; readonly by: string; readonly reason: string; readonly rules: readonly ForceableRule[] }
  | { readonly kind: 'rollback'; readonly by: string }
  | { readonly kind: 'automatic-rollback'; readonly of: string }

/** One scalar that a promotion changes in the config repository. */
export type Change = {
  readonly file: string
  readonly path: string
  readonly document: string | undefined
  readonly before: string
  readonly after: string
  /** The key was not there before. */
  readonly added?: true
  /** The key is there no more; `after` is empty. */
  readonly removed?: true
}

/** The promotion pull request as we made it. */
export type OpenedPullRequest = {
  readonly id: string
  readonly number: number
  readonly url: string
  /** The head we committed; another head is somebody else's work. */
  readonly headSha: CommitSha
  /** The name of the base branch. Absent where an earlier version opened it. */
  readonly branch?: string | undefined
  /** From when on, in whole seconds, people saw this head there, or a moment later (ISO instant): what was said before is about another one. */
  readonly headSince?: string | undefined
  /** The commit of the base branch that it was made on. This and what follows are absent where an earlier version opened it. */
  readonly base?: CommitSha | undefined
  /** Git's ids of the files that it changes as they were at `base`, by path. */
  readonly blobs?: Readonly<Record<string, string>> | undefined
  /** Node id of the config repository, for what is written when nothing is read. */
  readonly repositoryId?: string | undefined
  /** GitHub deletes the branch by itself when the pull request is merged. */
  readonly deletedByGitHub?: boolean | undefined
  /** Which of the two repositories more people could read when it was opened. */
  readonly wider?: 'config' | 'model' | 'neither' | undefined
}

/** A registry alias that follows what is live; saved before it is moved, so that the way back is known whatever happens. Moved by src/services/settle-alias.ts. */
export type AliasMove = {
  readonly server: string
  readonly model: string
  readonly alias: string
  /** The version that held it before; undefined: none did. */
  readonly from: string | undefined
  readonly to: string
  /** How often it was asked for without the registry showing it; absent once it does. */
  readonly tries?: number | undefined
}

/** One observation of one check, kept so that a person can judge the verdict. */
export type Evidence = {
  readonly check: string
  /** `pending`: not decided yet (too few looks, a run that has not ended); it breaks nothing that holds, and nothing is verified before it is. */
  readonly verdict: 'holds' | 'pending' | 'fails' | 'no_data'
  readonly seen: string
  readonly wanted: string
  /** ISO instant. */
  readonly at: string
  /** Where a person sees more. */
  readonly url?: string | undefined
}

/** What a promotion waited for when it was last looked at. ISO instants, because it is stored. */
export type Waiting = {
  readonly rules: readonly {
    readonly detail: string
    readonly until: string | undefined
    /** What somebody can do about it; prose. */
    readonly act?: string | undefined
  }[]
  /** From when on all of them can pass, where that is later than each one by itself: another rule closes meanwhile. */
  readonly together: string | undefined
}

/** Our entries into a merge queue: how often while its rules held, when last, and when GitHub had last taken it out by then. ISO instants. */
export type QueueEntries = Readonly<{ entries: number; since: string; removedBefore?: string | undefined }>

/** ISO instants throughout, because stages are stored as JSON. */
export type Stage =
  /** The release of the head that it carries is being made: what it still lacks, as last looked. Only where `head` is set. */
  | { readonly at: 'awaiting'; readonly missing: readonly string[]; readonly until: string | undefined }
  | {
      readonly at: 'proposed'
      /** When its opening was first tried, and when last. */
      readonly openingSince?: string | undefined
      readonly triedAt?: string | undefined
      /** Its values are in the files already: the rules that are open. */
      readonly waiting?: Waiting | undefined
      /** The open pull request on its branch that somebody made theirs: it has to be merged or closed first. */
      readonly waitsFor?: Pick<OpenedPullRequest, 'number' | 'url'> | undefined
    }
  | {
      readonly at: 'opened'
      readonly pullRequest: OpenedPullRequest
      readonly openedAt: string
      /** Node ids of labels that travel with the next document about it. */
      readonly labelsDue?: readonly string[] | undefined
      /** Why GitHub itself does not merge it yet, in its words: the config repository's own rules. */
      readonly githubWaits?: string | undefined
      /** The rules that are open; absent while none is known to be. */
      readonly waiting?: Waiting | undefined
      readonly queue?: QueueEntries | undefined
    }
  | {
      readonly at: 'syncing'
      readonly revision: CommitSha
      /** What is older is about something else. */
      readonly mergedAt: string
      /** Its time to be synced counts from here, where it was learnt of later than it was merged. */
      readonly learntAt?: string | undefined
      readonly mergedBy: string | undefined
      /** What is in the way, once it is known to be or has been for long. */
      readonly blocked: string | undefined
      /** Argo CD has begun to apply it: from then on something of it may be live, whatever Argo CD shows later. */
      readonly applied?: boolean | undefined
      /** When it was looked at last, give or take a minute. */
      readonly lookedAt?: string | undefined
      /** Until then nothing that was applied is called overdue: nobody had looked for long. */
      readonly patientUntil?: string | undefined
    }
  | {
      readonly at: 'verifying'
      readonly revision: CommitSha
      readonly mergedAt: string
      readonly syncedAt: string
      /** Since when every check has held without a break. */
      readonly holdingSince: string | undefined
      readonly lookedAt?: string | undefined
      /** Milliseconds since the sync in which nobody looked. */
      readonly unwatched?: number | undefined
      readonly memory?: CheckMemory | undefined
      readonly evidence: readonly Evidence[]
    }
  | {
      readonly at: 'verified'
      readonly revision: CommitSha
      readonly mergedAt: string
      readonly verifiedAt: string
      readonly evidence: readonly Evidence[]
      /** What became of the registry alias, as prose; undefined: not looked at yet. */
      readonly alias: string | undefined
      readonly move?: AliasMove | undefined
    }
  | {
      readonly at: 'failed'
      readonly failedAt: string
      readonly code: ErrorCode
      readonly message: string
      readonly revision: CommitSha | undefined
      /** Absent where it was not merged, and where an earlier version ended it. */
      readonly mergedAt?: string | undefined
      readonly evidence: readonly Evidence[]
      /** Id of the automatic rollback that answers it. */
      readonly rollback: string | undefined
    }
  | {
      readonly at: 'superseded'
      readonly endedAt: string
      readonly by: string
      readonly label?: string
      readonly wasMerged: boolean
    }
  | {
      readonly at: 'cancelled'
      readonly endedAt: string
      readonly reason: string
      /** What a person did to its pull request: closed it, or made it theirs by a push or another base. `left`: the model's own pull request was closed without a merge. `command`: it was `/cancel`. */
      readonly act?: 'closed' | 'taken' | 'left' | 'command' | undefined
      /** That comment, and its line. */
      readonly comment?: Promotion['asked'] & { readonly line?: string }
    }
  | {
      readonly at: 'refused'
      readonly endedAt: string
      readonly code: ErrorCode
      readonly message: string
      readonly hint: string
    }

export type Promotion = EnvironmentKey & {
  readonly id: string
  readonly kind: 'promotion' | 'rollback'
  /** undefined: the values found before Lockkeeper's first promotion are put back ("as found, unverified"); or, with `head`, not made yet. */
  readonly release: ReleaseId | undefined
  /** The head of the unmerged pull request `thread` that it carries, as pinned when it was asked for. Absent: what was merged. */
  readonly head?: CommitSha | undefined
  /** Where that pull request's branch had moved to when the release was there. Absent: nowhere. */
  readonly headMovedTo?: CommitSha | undefined
  /** `v12`, a short commit, `PR 7 at 3f9c2e1`, or `as found`. */
  readonly label: string
  readonly via: Via
  /** For a rollback: the release it leaves, which is marked bad by it. */
  readonly leaves: ReleaseId | undefined
  /** The values to put back when `release` is undefined. */
  readonly restore: readonly Change[]
  /** The model pull request whose thread is told; absent for a direct push. */
  readonly thread: number | undefined
  /** The command comment that asked, on either side's pull request; its reply is kept current. */
  readonly asked: { readonly repository: RepoName; readonly commentId: number } | undefined
  readonly createdAt: string
  /** What the promotion pull request changes; empty until it is opened. */
  readonly changes: readonly Change[]
  readonly pullRequest: OpenedPullRequest | undefined
  /**
   * The config repository that it is written into, from its opening on; of a rollback, where what it goes back to was. It goes into no other one, whatever
   * the configuration says by then: neither approvals nor proofs nor what was found there count elsewhere. Absent in promotions of older versions.
   */
  readonly into?: RepoName | undefined
  /** It goes around what a person pushed to the branch that promotions have: only a rollback may, which must not wait. */
  readonly ownBranch?: true | undefined
  /** Its pull request was made anew on a newer base, which voids the approvals of the older commit. `openedAt`: when it was first opened. */
  readonly rebuilt?: { readonly at: string; readonly because: string; readonly openedAt: string } | undefined
  /** Before its merge: since when (ISO instant) no look at it has come to its end, because a system does not answer or refuses; `words`: why, once that has lasted. See src/services/outlast-outage.ts. */
  readonly outage?: { readonly since: string; readonly words?: string } | undefined
  /** Set when a person merged it although these rules did not hold. */
  readonly mergedPast?: { readonly by: string; readonly rules: readonly string[] } | undefined
  /** The settings that it is watched by, kept from its merge on: what is live is proven or undone, whatever becomes of the configuration. */
  readonly watch?: { readonly model: ModelSettings; readonly environment: EnvironmentSettings } | undefined
  /** The incident that its failure opened, and when that was over; ISO instants. See domain/incident.ts. */
  readonly incident?: { readonly since: string; readonly closedAt?: string | undefined } | undefined
  /** It had ended without having been applied, for the reason `because`, and was found applied after all at `since` (ISO instant): it is proven then. See src/services/take-up-late.ts. */
  readonly late?: { readonly since: string; readonly because: string } | undefined
  /** Of a promotion that takes the traffic in shares, and of a rollback that leaves one: where that is. Absent: all of it moves at once. */
  readonly canary?: Canary | undefined
  /** Which saving of it this is, counted from 1; a later one refuses to be overwritten by it. Absent before it is proposed. */
  readonly edition?: number | undefined
  readonly stage: Stage
}

/** The stages of which one (model, environment) has at most one promotion. */
const ACTIVE_STAGES: readonly Stage['at'][] = ['awaiting', 'proposed', 'opened', 'syncing', 'verifying']

export const isActive = (promotion: Promotion): boolean => ACTIVE_STAGES.includes(promotion.stage.at)

/** Its commit, or that of a canary's first step, is on the config repository's branch: it cannot be stopped, only rolled back. */
export const isMerged = ({ stage, canary }: Promotion): boolean =>
  stage.at === 'syncing' || stage.at === 'verifying' || canary?.live !== undefined

/**
 * It ended without ever having been applied: a sync window, auto-sync off, an Argo CD that does not look. What was live still is, so that there is
 * nothing to roll back and its release is not bad. Its commit stays in Git all the same: to revert it is for a person, since Argo CD may apply it at
 * any moment, and would have to apply the revert too. When it does, the promotion goes on (take-up-late.ts).
 */
export const wasNeverApplied = ({ stage, canary }: Promotion): boolean =>
  canary?.live === undefined &&
  stage.at === 'failed' &&
  (stage.code === 'sync_blocked' || stage.code === 'sync_timeout')

/** It ended because somebody else's values are in its place: not ours to take back, and they prove nothing about its release. */
export const isAnothersWork = ({ stage }: Promotion): boolean =>
  stage.at === 'failed' && (stage.code === 'merge_differs' || stage.code === 'values_overwritten')

/** It ended because what it was to replace was merged in that moment; its release was not tried. */
export const cameTooLate = ({ stage }: Promotion): boolean =>
  stage.at === 'refused' && stage.code === 'promotion_in_progress'

/** The same cause gives the same id, so that a retry after a crash proposes nothing twice. `cause` is a comment, a release's completion or a failed promotion. */
export function promotionId(key: EnvironmentKey, cause: string): string {
  const text = [key.repository, key.model, key.environment, cause].join('\n')
  return `pro-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}

/** All promotions of one (model, environment), newest first. */
export type History = readonly Promotion[]

/** The promotion whose open pull request this one takes over: the newest that it replaced, or that those replaced which had none yet. */
export function replacedBy(history: History, id: string): Promotion | undefined {
  const successors = new Set([id])
  for (const one of history) {
    const { stage, pullRequest } = one
    if (stage.at !== 'superseded' || stage.wasMerged || !successors.has(stage.by)) continue
    if (pullRequest !== undefined) return one
    successors.add(one.id)
  }
  return undefined
}

/** What of it was written into this config repository: the environment may have had another one. */
export const historyIn = (history: History, repository: RepoName): History =>
  history.filter(({ into, watch }) => (into ?? watch?.environment.repository) === repository)

/** The promotion whose release is live: the newest that was verified. Absent before the first one. */
export const livePromotion = (history: History): Promotion | undefined => lastVerified(history, () => true)

function lastVerified(history: History, fits: (promotion: Promotion) => boolean): Promotion | undefined {
  return history
    .filter((promotion) => promotion.stage.at === 'verified' && fits(promotion))
    .toSorted((a, b) => verifiedAt(b) - verifiedAt(a))[0]
}

/** Releases that failed here, or that a rollback left, and that were not verified here since. A rollback that came to nothing left nothing. */
export function badReleases(history: History): ReadonlySet<ReleaseId> {
  const bad = new Set<ReleaseId>()
  for (const promotion of history.toReversed()) {
    const { stage, release, leaves } = promotion
    // What was merged in place of it proves nothing about it.
    const failed = stage.at === 'failed' && !isAnothersWork(promotion) && !wasNeverApplied(promotion)
    if (failed && promotion.kind === 'promotion' && release !== undefined) bad.add(release)
    if (leaves !== undefined && stage.at !== 'refused' && stage.at !== 'cancelled') bad.add(leaves)
    if (stage.at === 'verified' && release !== undefined) bad.delete(release)
  }
  return bad
}

/** Where a rollback goes without being told: the newest verified release that is neither `leaving` nor bad. */
export function rollbackTarget(history: History, leaving: ReleaseId | undefined): Promotion | undefined {
  const bad = badReleases(history)
  return lastVerified(history, ({ release }) => release !== undefined && release !== leaving && !bad.has(release))
}

/** The values that stood in the files before Lockkeeper first changed them here, each once. */
export function foundBefore(history: History): readonly Change[] {
  const found = new Map<string, Change>()
  for (const promotion of history.toReversed().filter(reachedGit)) {
    for (const change of [...(promotion.canary?.live?.changes ?? []), ...promotion.changes]) {
      // A share of the traffic was written by us, however often.
      if (isTrafficPath(change.path)) continue
      const place = JSON.stringify([change.file, change.document ?? null, change.path])
      if (!found.has(place)) found.set(place, change)
    }
  }
  return [...found.values()]
}

/** Its values are, or were, on the config repository's branch. */
export function reachedGit({ stage, canary }: Promotion): boolean {
  if (canary?.live !== undefined) return true
  if (stage.at === 'failed') return stage.revision !== undefined
  if (stage.at === 'superseded') return stage.wasMerged
  return stage.at === 'syncing' || stage.at === 'verifying' || stage.at === 'verified'
}

/** When it was verified, in milliseconds; 0 of one that was not. */
export const verifiedAt = ({ stage }: Promotion): number => (stage.at === 'verified' ? Date.parse(stage.verifiedAt) : 0)
