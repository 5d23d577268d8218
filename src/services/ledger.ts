/** The ledger: what is remembered between two runs of reconcile. The port; src/store/ledger.ts implements it on PostgreSQL. */
import type { CommandOutcome } from '../domain/command-outcome.ts'
import type { Hold } from '../domain/hold.ts'
import type { CommitSha, EnvironmentName, ModelName, ReleaseId, RepoName } from '../domain/ids.ts'
import type { EnvironmentKey, History, Promotion } from '../domain/promotion.ts'
import type { Release, ReleaseOrigin } from '../domain/release.ts'
import type { CheckRunOutput } from './ports.ts'

/** A release whose artefacts do not all exist yet, or that ended. */
export type ReleaseRecord = {
  readonly repository: RepoName
  readonly model: ModelName
  /** Absent: the default branch. */
  readonly origin?: ReleaseOrigin | undefined
  /** Of origin `pull_request` its head. */
  readonly commit: CommitSha
  readonly pullRequest:
    | {
        readonly number: number
        readonly id: string
        readonly headSha: CommitSha
        readonly testMergeCommit: CommitSha | undefined
        readonly headRef: string
        readonly author: string | undefined
      }
    | undefined
  /** Who pushed it to the default branch, without a pull request; absent: it came through one, or nobody knows. */
  readonly pushedBy?: string | undefined
  /** The commit before it on the default branch, where GitHub told it; of an unmerged head the tip of its base. */
  readonly parent?: CommitSha | undefined
  /** ISO instant at which it began to wait. */
  readonly begunAt: string
  /** How long it waits, in milliseconds, as last configured: the deadline holds also when the configuration cannot be read. */
  readonly within?: number | undefined
  /** Later on the default branch is higher: how many commits it has behind it. In repositories where that is not known, the order of arrival. */
  readonly sequence: number
  readonly depth?: number | undefined
  readonly state:
    | {
        readonly kind: 'pending'
        readonly missing: readonly string[]
        /** ISO instant of the next look by itself: whoever looks earlier was woken by an event. Absent before the first look. */
        readonly nextAt?: string | undefined
        /** Absent while the metrics are missing, too. */
        readonly judged?: JudgedRuns | undefined
      }
    | { readonly kind: 'complete'; readonly release: Release }
    | {
        readonly kind: 'given-up'
        readonly missing: readonly string[]
        /** What is to be done about each, in the same order; empty texts where nothing can be said. */
        readonly remedies?: readonly string[] | undefined
        readonly at: string
      }
}

/** What a pending release was judged by, while only artefacts are missing. `at` is an ISO instant. */
export type JudgedRuns = {
  readonly runs: readonly string[]
  readonly gates: Release['gates']['verdict']
  readonly at: string
}

/** One command comment: everything that its reply is made of. */
export type CommandRecord = {
  readonly repository: RepoName
  readonly commentId: number
  /** Node id of the comment, for reactions. */
  readonly commentNodeId: string
  /** Of an issue its own. */
  readonly pullRequestNumber: number
  readonly pullRequestNodeId: string
  /** It stands on an issue, which had these labels then. */
  readonly issue?: { readonly labels: readonly string[] } | undefined
  /** It is a click on a button of the check run of this head, without a comment; see press-button.ts. */
  readonly button?: { readonly identifier: string; readonly headSha: CommitSha } | undefined
  readonly author: string
  readonly createdAt: string
  /** ISO instant at which Lockkeeper read it; later than `createdAt` where the delivery had to be recovered. */
  readonly heardAt: string
  readonly body: string
  readonly outcomes: readonly CommandOutcome[]
  readonly state: 'received' | 'acknowledged' | 'running' | 'done'
}

/** One `/approve`: for this head of the promotion's pull request, and for no other. */
export type Approval = {
  readonly promotion: string
  /** Absent: the promotion has no pull request, since its values are in the files already. */
  readonly head: CommitSha | undefined
  /** As GitHub writes it. */
  readonly login: string
  /** The comment that gave it. */
  readonly by: { readonly repository: RepoName; readonly commentId: number }
  /** When that was written, by GitHub's clock. */
  readonly at: Date
}

/** A comment, check run or Deployment that we keep current. `intent` is set before it is created, so that a crash between creating and recording is noticed. */
export type Publication = {
  readonly key: string
  readonly nodeId: string | undefined
  readonly hash: string | undefined
  readonly intendedAt: string | undefined
  /** Of a check run: what GitHub was told last. Those on merge-queue heads follow it (follow-merge-group.ts). */
  readonly said?: SaidOfCheck | undefined
}

export type SaidOfCheck = Pick<CheckRunOutput, 'status' | 'conclusion' | 'title'> & {
  /** A hash of its annotations; absent: it has none. */
  readonly annotations?: string | undefined
}

/** `taken`: somebody else's lock is there, and stays. `before`: the own one that it took the place of. `isLifted`: this cause placed it once, and it has ended since. */
export type HoldPlacing =
  | { readonly kind: 'held'; readonly hold: Hold; readonly before: Hold | undefined; readonly isLifted: boolean }
  | { readonly kind: 'taken'; readonly hold: Hold }

/** A configuration file as last read, so that the next query can name the files it speaks of. */
export type KnownFile = { readonly oid: string; readonly text: string }

/** Everything is read-your-writes; methods that change several rows do so in one transaction. */
export type Ledger = {
  beginRelease(release: Omit<ReleaseRecord, 'sequence' | 'state'>): Promise<'begun' | 'known'>
  /** `unmerged`: of the head of that pull request; without it, of the default branch. */
  release(
    repository: RepoName,
    model: ModelName,
    commit: CommitSha,
    unmerged?: number,
  ): Promise<ReleaseRecord | undefined>
  /** A complete release stays as it is: the same content again changes nothing, anything else throws. `entry` is audited with the change, and so exactly once. */
  saveRelease(record: ReleaseRecord, entry?: AuditEntry): Promise<void>
  releaseById(repository: RepoName, id: ReleaseId): Promise<ReleaseRecord | undefined>
  /** Newest first, of either origin. `commit`: those whose commit, or whose pull request's head, begins with these hexadecimal digits. */
  releasesOf(question: {
    readonly repository: RepoName
    readonly model?: ModelName
    readonly pullRequest?: number
    readonly commit?: string
  }): Promise<readonly ReleaseRecord[]>
  /** The last `limit` releases that were verified in the environment, oldest first, each once with when it was last verified (ISO instant). */
  verifiedReleases(
    key: EnvironmentKey,
    limit: number,
  ): Promise<readonly { readonly at: string; readonly release: Release }[]>
  /** `about`: those of this commit, or of the pull request that has it as its head. */
  pendingReleases(about?: { readonly repository: RepoName; readonly commit: string }): Promise<readonly ReleaseRecord[]>

  history(key: EnvironmentKey): Promise<History>
  /**
   * Adds the promotion; ends `supersedes` in the same transaction. `busy` when another promotion is active and is not superseded; `known`
   * when this id exists. Throws when `supersedes` was saved since it was read. `entry` is audited with it, and so exactly once.
   */
  propose(
    promotion: Promotion,
    supersedes: Promotion | undefined,
    entry?: AuditEntry,
  ): Promise<'proposed' | 'known' | 'busy'>
  /** Gives it with its next edition. Throws when another run saved it since it was read: the run is then repeated on what is there. One that has ended is untold again. `entry` is audited with it. */
  savePromotion(promotion: Promotion, entry?: AuditEntry): Promise<Promotion>
  /** While `run` goes on, nobody can supersede the promotion. Throws when somebody has already. Not to be nested. */
  undisturbed<Result>(promotion: Promotion, run: () => Promise<Result>): Promise<Result>
  /** Waits until no run keeps it undisturbed. */
  settled(promotion: Promotion): Promise<void>
  /** Ended, and not told everywhere since; of one environment or of all. Oldest first. */
  untoldPromotions(key?: EnvironmentKey): Promise<readonly Promotion[]>
  /** Without effect on a later edition. */
  markTold(promotion: Promotion): Promise<void>
  promotion(id: string): Promise<Promotion | undefined>
  /** By the number of its promotion pull request. */
  promotionOfPullRequest(configPullRequest: number, repository: RepoName): Promise<Promotion | undefined>
  /** The promotions that a model pull request's thread tells of, oldest first. */
  promotionsOfThread(repository: RepoName, pullRequest: number): Promise<readonly Promotion[]>
  activePromotions(): Promise<readonly Promotion[]>
  environmentsOf(
    repository: RepoName,
  ): Promise<readonly { readonly model: ModelName; readonly environment: EnvironmentName }[]>

  /** Of these repositories, as model or as config repository, oldest first; also those whose time is over (`holdsOn` leaves them out). */
  holds(repositories: readonly RepoName[]): Promise<readonly Hold[]>
  /** Takes the place of the owner's own lock, of any hold of a rollback where it is one, and of what is over at `now`. Audited. */
  placeHold(hold: Hold, now: Date): Promise<HoldPlacing>
  /** False when this very hold had ended. Audited with who and when. */
  liftHold(hold: Hold, why: { readonly by: string; readonly cause: string; readonly at: Date }): Promise<boolean>
  /** Those that were lifted for this cause. */
  holdsEndedBy(cause: string): Promise<readonly Hold[]>
  /** Whether a hold of this id was ever placed, though it may have ended since. */
  wasPlaced(id: string): Promise<boolean>

  /**
   * `known`: this person has approved this head before. `moved`: nothing is added, since the promotion has another head by now,
   * or is not waited for any more. Only what is approved is audited.
   */
  approve(approval: Approval, entry: AuditEntry): Promise<'approved' | 'known' | 'moved'>
  /** Those of all its heads, oldest first. Whose count is for the reader to ask: rights may be lost since. */
  approvals(promotion: string): Promise<readonly Approval[]>
  /** Those that this comment gave. */
  approvalsBy(comment: Approval['by']): Promise<readonly Approval[]>

  /** False when the comment is known. */
  hearCommand(record: CommandRecord): Promise<boolean>
  command(repository: RepoName, commentId: number): Promise<CommandRecord | undefined>
  saveCommand(record: CommandRecord): Promise<void>
  unansweredCommands(): Promise<readonly CommandRecord[]>
  /** Comments of these repositories that were written later than that one and have been run, oldest first; the first 50. */
  commandsAfter(repositories: readonly RepoName[], commentId: number): Promise<readonly CommandRecord[]>
  /** Comments of the pull request that have not been run, oldest first; the first 50. Without clicks, whose ids tell nothing of their time. */
  commandsToRun(repository: RepoName, pullRequestNumber: number): Promise<readonly CommandRecord[]>

  publication(key: string): Promise<Publication | undefined>
  /** `entry` is audited with it, or neither is there. */
  savePublication(publication: Publication, entry?: AuditEntry): Promise<void>
  /** Drops what without-models.ts noted of pushes before this instant. */
  forgetPushes(before: Date): Promise<void>

  knownFile(repository: RepoName, path: string): Promise<KnownFile | undefined>
  saveKnownFile(repository: RepoName, path: string, file: KnownFile): Promise<void>

  /** Runs alone among all who ask for this key, on any number of replicas. Not to be nested. */
  exclusively<Result>(key: string, run: () => Promise<Result>): Promise<Result>
}

/** One line of the audit log, which is only ever added to: who did what, why. Written in the transaction of what it tells of, and so never without it, nor it without the line. */
export type AuditEntry = {
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** The questions, for those who only look; what a read brought may be remembered. */
export type LedgerReads = Pick<
  Ledger,
  | 'release'
  | 'releaseById'
  | 'releasesOf'
  | 'verifiedReleases'
  | 'pendingReleases'
  | 'history'
  | 'promotion'
  | 'promotionOfPullRequest'
  | 'promotionsOfThread'
  | 'activePromotions'
  | 'environmentsOf'
  | 'approvals'
  | 'approvalsBy'
  | 'holds'
  | 'holdsEndedBy'
  | 'wasPlaced'
  | 'command'
  | 'commandsAfter'
  | 'commandsToRun'
  | 'publication'
  | 'knownFile'
  | 'saveKnownFile'
>
