/** The interfaces that services need from the outside. src/clients/ and src/store/ implement them; src/main.ts puts them together. */
import type { CommitSha, Digest, ModelName, RepoName } from '../domain/ids.ts'
import type { Subject } from '../domain/subject.ts'

/** The only source of time for decisions. */
export type Clock = { now(): Date }

/** Wakes reconcile(subject). `wakeAt` is by the bot's clock. */
export type Hints = {
  hint(subject: Subject): Promise<void>
  wakeAt(subject: Subject, at: Date): Promise<void>
}

/** Structured log lines; `message` is static text, data goes into `fields`. */
export type Log = {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

// ── GitHub ────────────────────────────────────────────────────────────────

/** A file as Git has it. `text` is decoded UTF-8 whose Git hash equals `oid` (anything else is refused by the client); `mode` is Git's (`100644`). */
export type RepoFile = { readonly oid: string; readonly mode: string; readonly text: string }

/** One check run or commit status on a commit. */
export type CheckState = {
  readonly name: string
  readonly kind: 'check_run' | 'status'
  /** The reporting App's id; undefined for statuses. */
  readonly appId: number | undefined
  readonly state: 'pending' | 'success' | 'failure' | 'neutral'
  readonly url: string | undefined
}

export type Review = {
  readonly author: string
  readonly state: 'approved' | 'changes_requested' | 'commented' | 'dismissed' | 'pending'
  readonly commit: CommitSha | undefined
  readonly submittedAt: Date | undefined
}

/** A pull request of a model repository with what the comparison needs. One GitHub call (+1 per further 100 files). */
export type PullRequestView = {
  readonly id: string
  readonly repositoryId: string
  readonly number: number
  readonly title: string
  readonly url: string
  readonly state: 'open' | 'closed' | 'merged'
  readonly isDraft: boolean
  readonly isFork: boolean
  readonly author: string | undefined
  readonly baseRef: string
  readonly baseSha: CommitSha
  readonly headRef: string
  readonly headSha: CommitSha
  /** The commit that the merge made on the base branch. */
  readonly mergeCommit: CommitSha | undefined
  /** GitHub's test merge of head into base: CI on `pull_request` runs on this one. */
  readonly testMergeCommit: CommitSha | undefined
  readonly changedPaths: readonly string[]
  /** Newest result per name. */
  readonly checks: readonly CheckState[]
  readonly defaultBranch: string
  /** `.github/lockkeeper.yml` on the default branch. */
  readonly configFile: RepoFile | undefined
  /** The same file on the head, for validation only. */
  readonly headConfigFile: RepoFile | undefined
}

/** A commit that reached the default branch, and the pull request that brought it (absent: direct push). */
export type LandedCommit = {
  readonly sha: CommitSha
  readonly pullRequest:
    | {
        readonly number: number
        readonly id: string
        readonly headSha: CommitSha
        readonly testMergeCommit: CommitSha | undefined
        readonly mergeCommit: CommitSha | undefined
        readonly headRef: string
        readonly changedPaths: readonly string[]
        readonly author: string | undefined
      }
    | undefined
  /** Paths of the commit against its first parent; read only where there is no pull request. */
  readonly changedPaths: readonly string[]
  readonly authoredByApp: boolean
}

/** The promotion pull request, found by number or by its branch. */
export type PromotionPullRequest = {
  readonly id: string
  readonly number: number
  readonly url: string
  readonly state: 'open' | 'closed' | 'merged'
  readonly headSha: CommitSha
  readonly baseRef: string
  readonly mergeCommit: CommitSha | undefined
  readonly mergedBy: string | undefined
  readonly mergeable: 'mergeable' | 'conflicting' | 'unknown'
  /** GitHub's own word: CLEAN, BLOCKED, BEHIND, DIRTY, DRAFT, HAS_HOOKS, UNKNOWN, UNSTABLE. */
  readonly mergeStateStatus: string
  readonly body: string
  readonly reviews: readonly Review[]
  readonly checks: readonly CheckState[]
}

export type Permission = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin'

/** What one person may do: permission per repository asked for, and which of the teams asked for they are in (`org/slug`). */
export type Standing = {
  readonly login: string
  readonly permissions: ReadonlyMap<RepoName, Permission>
  readonly teams: ReadonlySet<string>
}

export type StandingQuestion = {
  readonly logins: readonly string[]
  readonly repositories: readonly RepoName[]
  readonly teams: readonly { readonly organization: string; readonly slug: string }[]
}

/** Everything that a promotion decision reads, in one query where both repositories have one owner. */
export type PromotionWorld = {
  readonly config: {
    readonly repositoryId: string
    readonly defaultBranch: string
    readonly headSha: CommitSha
    /** `.github/lockkeeper.yml` of the config repository. */
    readonly configFile: RepoFile | undefined
    /** The files asked for, at `headSha`; absent ones are missing from the map. */
    readonly files: ReadonlyMap<string, RepoFile>
    /** Tip of the promotion branch. */
    readonly branch: { readonly id: string; readonly sha: CommitSha } | undefined
    readonly pullRequest: PromotionPullRequest | undefined
    readonly mergeMethods: readonly ('merge' | 'squash' | 'rebase')[]
  }
  /** `.github/lockkeeper.yml` of the model repository's default branch. */
  readonly modelConfigFile: RepoFile | undefined
  readonly modelRepositoryId: string
  readonly standings: ReadonlyMap<string, Standing>
}

export type PromotionQuestion = {
  readonly modelRepository: RepoName
  readonly configRepository: RepoName
  /** The configured target branch; undefined = default branch. */
  readonly branch: string | undefined
  readonly headBranch: string
  /** Read directly when known, since lists lag behind writes; else the newest open one with this head branch. */
  readonly pullRequestNumber: number | undefined
  readonly files: readonly string[]
  readonly standing: StandingQuestion | undefined
}

export type CheckAnnotation = {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly level: 'notice' | 'warning' | 'failure'
  readonly title: string
  readonly message: string
}

export type CheckRunOutput = {
  readonly status: 'in_progress' | 'completed'
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'action_required' | undefined
  readonly title: string
  readonly summary: string
  readonly annotations: readonly CheckAnnotation[]
  readonly actions: readonly { readonly identifier: string; readonly label: string; readonly description: string }[]
  readonly detailsUrl: string | undefined
}

export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive' | 'queued' | 'pending'

/** One write. Several of one repository owner travel in one GraphQL document, in order (GitHub does not make them atomic). */
export type GitHubWrite =
  | { readonly kind: 'add-comment'; readonly subjectId: string; readonly body: string }
  | { readonly kind: 'update-comment'; readonly commentId: string; readonly body: string }
  | {
      readonly kind: 'add-reaction'
      readonly subjectId: string
      readonly content: 'EYES' | 'ROCKET' | 'THUMBS_DOWN' | 'CONFUSED'
    }
  | {
      readonly kind: 'create-check-run'
      readonly repositoryId: string
      readonly name: string
      readonly headSha: CommitSha
      readonly externalId: string
      readonly output: CheckRunOutput
    }
  | {
      readonly kind: 'update-check-run'
      readonly repositoryId: string
      readonly checkRunId: string
      readonly output: CheckRunOutput
    }
  | { readonly kind: 'create-ref'; readonly repositoryId: string; readonly branch: string; readonly sha: CommitSha }
  | { readonly kind: 'update-ref'; readonly refId: string; readonly sha: CommitSha; readonly force: boolean }
  | { readonly kind: 'delete-ref'; readonly refId: string }
  /** GraphQL `updateRefs`: each branch is made, moved (by force) or, without `sha`, deleted. All or none. */
  | {
      readonly kind: 'set-refs'
      readonly repositoryId: string
      readonly refs: readonly { readonly branch: string; readonly sha: CommitSha | undefined }[]
    }
  | {
      readonly kind: 'commit'
      readonly repository: RepoName
      readonly branch: string
      readonly expectedHead: CommitSha
      readonly headline: string
      readonly body: string
      readonly files: readonly { readonly path: string; readonly text: string }[]
    }
  | {
      readonly kind: 'create-pull-request'
      readonly repositoryId: string
      readonly base: string
      readonly head: string
      readonly title: string
      readonly body: string
    }
  | {
      readonly kind: 'update-pull-request'
      readonly pullRequestId: string
      readonly title: string
      readonly body: string
    }
  | { readonly kind: 'close-pull-request'; readonly pullRequestId: string }
  | {
      readonly kind: 'merge-pull-request'
      readonly pullRequestId: string
      readonly expectedHead: CommitSha
      readonly method: 'merge' | 'squash' | 'rebase'
      readonly headline: string
      readonly body: string
    }
  | {
      readonly kind: 'deployment-status'
      readonly deploymentId: string
      readonly state: DeploymentState
      readonly description: string
      readonly environmentUrl: string | undefined
      readonly logUrl: string | undefined
    }

/** What one write gave. `type` is GitHub's GraphQL error type (`STALE_DATA`, `UNPROCESSABLE`, `NOT_FOUND`, `FORBIDDEN`…). */
export type GitHubWriteResult =
  | {
      readonly ok: true
      /** Node id of what was made or changed (comment, check run, pull request, ref). */
      readonly id: string | undefined
      readonly number: number | undefined
      readonly url: string | undefined
      /** Commit that was made: of `commit` the new tip, of `merge-pull-request` the merge commit. */
      readonly sha: CommitSha | undefined
    }
  | { readonly ok: false; readonly type: string; readonly message: string }

/**
 * Throws SystemUnavailable for outages, rate limits and 5xx. UserError only for `accepts_missing` (the App cannot see the repository),
 * `manifest_refused` and `config_invalid` (the file is there, but is not UTF-8 text or is too large to read), and `not_allowed` of createDeployment.
 */
export type GitHub = {
  /** The App's own bot login, `lockkeeper[bot]`, and App id. */
  readonly appLogin: string
  readonly appId: number
  readPullRequest(repository: RepoName, number: number): Promise<PullRequestView | undefined>
  /** The default branch's commits from `sha` back, newest first, at most `limit`, each with its pull request. One call. */
  readLanded(
    repository: RepoName,
    sha: CommitSha,
    limit: number,
  ): Promise<{
    readonly defaultBranch: string
    readonly onDefaultBranch: boolean
    readonly configFile: RepoFile | undefined
    readonly commits: readonly LandedCommit[]
  }>
  /** Files at a commit or branch, in one call; absent ones are missing from the map. */
  readFiles(repository: RepoName, ref: string, paths: readonly string[]): Promise<ReadonlyMap<string, RepoFile>>
  readPromotionWorld(question: PromotionQuestion): Promise<PromotionWorld>
  readStandings(question: StandingQuestion): Promise<ReadonlyMap<string, Standing>>
  /** Is `sha` the same as, or a descendant of, `ancestor`? */
  contains(repository: RepoName, ancestor: CommitSha, sha: CommitSha): Promise<boolean>
  /** The branch head at `at` by GitHub's own push times; undefined when it cannot be told. */
  headAt(repository: RepoName, branch: string, at: Date): Promise<CommitSha | undefined>
  /** All in one request. */
  write(repository: RepoName, writes: readonly GitHubWrite[]): Promise<readonly GitHubWriteResult[]>
  /** REST, because GraphQL wants a ref where this takes a commit. `autoMerge` is always false and no contexts are required: the gates are ours. */
  createDeployment(
    repository: RepoName,
    deployment: {
      readonly sha: CommitSha
      readonly environment: string
      readonly description: string
      readonly production: boolean
      readonly payload: Readonly<Record<string, string>>
    },
  ): Promise<{ readonly id: string }>
  /** For recovery after a crash between creating and recording: a deployment whose payload holds `key`. */
  findDeployment(
    repository: RepoName,
    question: { readonly sha: CommitSha; readonly environment: string; readonly key: string },
  ): Promise<{ readonly id: string } | undefined>
  /** For recovery: the App's own comment that carries `marker`. */
  findComment(
    repository: RepoName,
    number: number,
    marker: string,
  ): Promise<{ readonly id: string; readonly body: string } | undefined>
  /** For recovery: the App's own check run of this name on the commit. */
  findCheckRun(repository: RepoName, sha: CommitSha, name: string): Promise<{ readonly id: string } | undefined>
  /** For recovery: the open pull request with this head branch. */
  findPullRequest(repository: RepoName, headBranch: string): Promise<PromotionPullRequest | undefined>
  /** Deliveries that GitHub could not hand over since `since`, newest attempt per GUID, unless one attempt succeeded. App JWT, not counted against installations. */
  failedDeliveries(since: Date): Promise<
    /** `id` is decimal text: GitHub's delivery ids outgrow JavaScript's exact numbers. */
    readonly { readonly id: string; readonly guid: string; readonly event: string; readonly deliveredAt: Date }[]
  >
  /** The stored payload of a delivery as JSON text (GitHub keeps it parsed: equal in content, not byte for byte). */
  readDelivery(id: string): Promise<{ readonly guid: string; readonly event: string; readonly body: string }>
}

// ── Comparisons ───────────────────────────────────────────────────────────

/** One gate waived for one head (`/override`). */
export type WaiverRecord = {
  readonly gate: string
  readonly headSha: CommitSha
  readonly by: string
  readonly reason: string
  /** ISO instant. */
  readonly at: string
}

/** What is remembered of one pull request's comparison between two runs. Plain data; ids of comment and check run are publications of the ledger. */
export type ComparisonRecord = {
  readonly repository: RepoName
  readonly number: number
  readonly headSha: CommitSha
  /** ISO instant at which this head was first seen: deadlines count from here. */
  readonly headSeenAt: string
  /** GitHub's test merges of this head, newest first: CI may have trained on an older one, before the base moved. */
  readonly testMergeCommits: readonly CommitSha[]
  /** The check run on this head has been completed. */
  readonly isCompleted: boolean
  /** The last finished comparison, of this head or an earlier one, as Markdown without the marker. */
  readonly finished: { readonly headSha: CommitSha; readonly sections: string } | undefined
  readonly waivers: readonly WaiverRecord[]
}

/** Read-your-writes; `save` replaces. */
export type ComparisonStore = {
  get(repository: RepoName, number: number): Promise<ComparisonRecord | undefined>
  save(record: ComparisonRecord): Promise<void>
}

// ── MLflow, buckets, registries ───────────────────────────────────────────

/** A run as MLflow gives it, numbers already numbers (`"NaN"` parsed, clamped infinities restored). */
export type MlflowRun = {
  readonly runId: string
  readonly experimentId: string
  readonly name: string | undefined
  readonly status: 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'
  readonly startedAt: Date
  readonly metrics: ReadonlyMap<string, number>
  readonly params: ReadonlyMap<string, string>
  readonly tags: ReadonlyMap<string, string>
  /** Digests of logged input datasets. */
  readonly dataDigests: readonly string[]
  /** Where a person looks at it. */
  readonly url: string
}

export type MlflowVersion = {
  readonly model: string
  readonly version: string
  readonly runId: string | undefined
  readonly status: 'READY' | 'PENDING_REGISTRATION' | 'FAILED_REGISTRATION'
  readonly source: string | undefined
  readonly url: string
}

/** Expected branches are values; outages throw SystemUnavailable; a refusal by configuration (Host header, 401, 403) throws UserError `mlflow_refused`. */
export type Mlflow = {
  /** All runs of the experiment whose git commit tag is one of `commits`; undefined when there is no such experiment. */
  runsByCommit(
    server: string,
    experiment: string,
    commits: readonly CommitSha[],
  ): Promise<readonly MlflowRun[] | undefined>
  /** The run with its siblings: all runs of its parent or group, of any status. One call. */
  seedsOf(server: string, run: MlflowRun): Promise<readonly MlflowRun[]>
  run(server: string, runId: string): Promise<MlflowRun | undefined>
  /** undefined when the model or the alias does not exist. */
  versionByAlias(server: string, model: string, alias: string): Promise<MlflowVersion | undefined>
  version(server: string, model: string, version: string): Promise<MlflowVersion | undefined>
  /** Versions made from the run, newest first. */
  versionsOfRuns(server: string, model: string, runIds: readonly string[]): Promise<readonly MlflowVersion[]>
  setAlias(server: string, model: string, alias: string, version: string): Promise<void>
}

/** Object stores. */
export type Buckets = {
  /** Does an object, or anything below a prefix, exist at `s3://bucket/key`? */
  exists(
    uri: string,
  ): Promise<{ readonly kind: 'found' | 'absent' } | { readonly kind: 'refused'; readonly reason: string }>
}

/** OCI registries. */
export type Registries = {
  /** The digest that `host/name:tag` points to now. */
  resolve(image: {
    readonly repository: string
    readonly tag: string
  }): Promise<
    | { readonly kind: 'found'; readonly digest: Digest }
    | { readonly kind: 'absent' }
    | { readonly kind: 'refused'; readonly reason: string }
  >
}

// ── Rollout ───────────────────────────────────────────────────────────────

/** What readiness needs of an Argo CD Application, parsed at the edge. Times are as Argo CD wrote them. */
export type ArgoApplication = {
  readonly namespace: string
  readonly name: string
  readonly sources: readonly {
    readonly repoUrl: string
    readonly path: string | undefined
    readonly targetRevision: string | undefined
  }[]
  readonly automated: boolean
  readonly syncStatus: 'Synced' | 'OutOfSync' | 'Unknown'
  /** One per source, in order. */
  readonly syncRevisions: readonly string[]
  readonly health: 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown'
  readonly healthChangedAt: Date | undefined
  readonly operation:
    | {
        readonly phase: 'Running' | 'Terminating' | 'Failed' | 'Error' | 'Succeeded'
        readonly message: string
        readonly revisions: readonly string[]
        readonly finishedAt: Date | undefined
      }
    | undefined
  readonly reconciledAt: Date | undefined
  readonly conditions: readonly { readonly type: string; readonly message: string }[]
}

export type InferenceService = {
  readonly namespace: string
  readonly name: string
  readonly generation: number
  readonly storageUri: string | undefined
  readonly conditions: readonly {
    readonly type: string
    readonly status: 'True' | 'False' | 'Unknown'
    readonly reason: string
    readonly message: string
  }[]
  readonly modelStatus:
    | {
        readonly transitionStatus: string
        readonly targetModelState: string | undefined
        readonly activeModelState: string | undefined
        readonly lastFailure:
          | { readonly reason: string; readonly message: string; readonly at: Date | undefined }
          | undefined
      }
    | undefined
  readonly url: string | undefined
}

/** Reads of a cluster. `refused` names the missing right or the missing configuration. */
export type Cluster = {
  readApplication(at: {
    readonly namespace: string
    readonly name: string
  }): Promise<
    | { readonly kind: 'found'; readonly application: ArgoApplication }
    | { readonly kind: 'absent' }
    | { readonly kind: 'refused'; readonly reason: string }
  >
  readInferenceService(at: {
    readonly namespace: string
    readonly name: string
  }): Promise<
    | { readonly kind: 'found'; readonly service: InferenceService }
    | { readonly kind: 'absent' }
    | { readonly kind: 'refused'; readonly reason: string }
  >
}

/** Instant queries. "No data" is its own answer, never zero. */
export type Prometheus = {
  query(
    server: string,
    query: string,
  ): Promise<
    | { readonly kind: 'value'; readonly value: number }
    | { readonly kind: 'no_data' }
    | { readonly kind: 'failed'; readonly reason: string }
  >
}

/** HTTP checks: no redirects followed, body capped. */
export type HttpProbe = {
  get(
    url: string,
  ): Promise<
    | { readonly kind: 'answer'; readonly status: number; readonly milliseconds: number }
    | { readonly kind: 'failed'; readonly reason: string }
  >
}

/** For tests and log lines: which model is meant. */
export type ModelKey = { readonly repository: RepoName; readonly model: ModelName }
