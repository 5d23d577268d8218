/** The records of the GitHub stand-in: what exists, with ids. The root that holds them is state.ts; every change goes through operations/. */
import type { BranchProtection, QueueEntry, ReviewThread } from './branch-model.ts'
import type { EnvironmentRecord } from './environment-model.ts'
import type { ObjectStore } from './git.ts'
import type { WorkflowRun } from './workflow-model.ts'

/** ISO 8601 in UTC with second precision, as GitHub prints it. */
export type Timestamp = string

/** When a record was created, on the lag's scales: requests served before it, machine milliseconds, and the sandbox's clock. */
export type Born = { readonly request: number; readonly machineMs: number; readonly at: Date }

type Identified<Kind extends string> = { readonly kind: Kind; readonly id: number; readonly nodeId: string }

export type Role = 'read' | 'triage' | 'write' | 'maintain' | 'admin'
/** A custom repository role of an organisation: a name of its own over a built-in role. */
export type CustomRole = { readonly name: string; readonly base: Role }
/** What somebody is given in a repository. */
export type Grant = Role | CustomRole
export type PermissionLevel = 'read' | 'write' | 'admin'
export type Permissions = Readonly<Record<string, PermissionLevel>>

/** A person or a bot. An App's bot is `slug[bot]` with type `Bot`. */
export type User = Identified<'User'> & {
  readonly login: string
  readonly type: 'User' | 'Bot'
  readonly name: string | null
  readonly createdAt: Timestamp
  /** GitHub hides an account that it suspended; an Enterprise Server goes on listing it, and says so of the account only. */
  suspended: { readonly at: Timestamp; readonly isHidden: boolean } | null
}

/** `members` are keyed by lower-case login, `teams` by slug. */
export type Organization = Identified<'Organization'> & {
  readonly login: string
  readonly name: string | null
  readonly createdAt: Timestamp
  readonly members: Map<string, 'admin' | 'member'>
  readonly teams: Map<string, Team>
}

export type Account = User | Organization

/** `members` are keyed by lower-case login, `repositories` by lower-case full name. */
export type Team = Identified<'Team'> & {
  readonly organization: Organization
  readonly slug: string
  readonly name: string
  readonly parent: Team | null
  /** Its own, without those of its child teams (grants.ts has both). */
  readonly members: Map<string, 'maintainer' | 'member'>
  readonly repositories: Map<string, Grant>
}

export type AppRecord = Identified<'App'> & {
  readonly slug: string
  readonly name: string
  readonly clientId: string
  readonly owner: Account
  readonly bot: User
  readonly permissions: Permissions
  readonly events: readonly string[]
  readonly createdAt: Timestamp
}

export type Label = Identified<'Label'> & {
  readonly name: string
  readonly color: string
  readonly description: string | null
  readonly isDefault: boolean
}

export type RepositorySettings = {
  allowMergeCommit: boolean
  allowSquashMerge: boolean
  allowRebaseMerge: boolean
  allowAutoMerge: boolean
  deleteBranchOnMerge: boolean
  /** What the body of a squash commit is made of: `COMMIT_MESSAGES` keeps the trailers, `PR_BODY` and `BLANK` drop them. */
  squashMessage: 'COMMIT_MESSAGES' | 'PR_BODY' | 'BLANK'
}

/** One push as `GET /repos/{o}/{r}/activity` lists it; `timestamp` is the server's time, not the commit's. */
export type Activity = {
  readonly id: number
  readonly nodeId: string
  readonly before: string
  readonly after: string
  readonly ref: string
  readonly timestamp: Timestamp
  readonly type: 'push' | 'force_push' | 'branch_creation' | 'branch_deletion' | 'pr_merge' | 'merge_queue_merge'
  readonly actor: User
}

/** `refs` holds full names (`refs/heads/main`); a fork shares `objects` with its parent, as on GitHub. */
export type Repository = Identified<'Repository'> & {
  owner: Account
  name: string
  readonly private: boolean
  readonly description: string | null
  defaultBranch: string
  readonly parent: Repository | null
  readonly createdAt: Timestamp
  updatedAt: Timestamp
  pushedAt: Timestamp
  readonly objects: ObjectStore
  readonly refs: Map<string, string>
  readonly collaborators: Map<string, Grant>
  readonly labels: Map<string, Label>
  readonly threads: Map<number, Thread>
  readonly comments: Map<number, IssueComment>
  readonly checkSuites: Map<number, CheckSuite>
  readonly checkRuns: Map<number, CheckRun>
  readonly statuses: CommitStatus[]
  readonly deployments: Map<number, Deployment>
  /** By lower-case name. */
  readonly environments: Map<string, EnvironmentRecord>
  readonly workflowRuns: Map<number, WorkflowRun>
  readonly activity: Activity[]
  readonly protection: Map<string, BranchProtection>
  /** By name of the branch that is merged into; first come, first served. */
  readonly mergeQueues: Map<string, QueueEntry[]>
  readonly settings: RepositorySettings
}

export type ReactionContent = '+1' | '-1' | 'laugh' | 'confused' | 'heart' | 'hooray' | 'rocket' | 'eyes'

export type Reaction = Identified<'Reaction'> & {
  readonly content: ReactionContent
  readonly user: User
  readonly createdAt: Timestamp
}

type ThreadFields = {
  readonly repository: Repository
  readonly number: number
  title: string
  body: string | null
  readonly author: User
  readonly viaApp: AppRecord | null
  state: 'open' | 'closed'
  locked: boolean
  labels: Label[]
  readonly comments: IssueComment[]
  readonly reactions: Reaction[]
  readonly createdAt: Timestamp
  updatedAt: Timestamp
  /** When the body was last edited; null when it never was. */
  lastEditedAt: Timestamp | null
  closedAt: Timestamp | null
  closedBy: User | null
  readonly born: Born
}

export type Issue = Identified<'Issue'> & ThreadFields

export type MergeMethod = 'merge' | 'squash' | 'rebase'

/** The last test merge: valid while head and base still are what they were. `sha` is null on a conflict. */
export type TestMerge = { readonly head: string; readonly base: string; readonly sha: string | null }

/** `id`/`nodeId` are the pull request's; `issueId` is the number that the issues API shows for the same thread. */
export type PullRequest = Identified<'PullRequest'> &
  ThreadFields & {
    readonly issueId: number
    draft: boolean
    /** `repository` is null when the fork was deleted. `sha` follows the branch while the pull request is open. */
    readonly head: { readonly repository: Repository | null; readonly ref: string; sha: string }
    readonly base: { ref: string; sha: string }
    readonly reviews: Review[]
    requestedReviewers: User[]
    readonly conversations: ReviewThread[]
    /** Its last removal from a merge queue. */
    dequeued: { readonly reason: string; readonly at: Timestamp } | null
    readonly maintainerCanModify: boolean
    merged: boolean
    mergedAt: Timestamp | null
    mergedBy: User | null
    /** The commit that the merge put on the base; null before. The test merge's commit is in `testMerge`. */
    mergeCommitSha: string | null
    testMerge: TestMerge | null
    /** Head and base that a test merge was asked for but not yet shown (see `Lag`). */
    testMergeAsked: string | null
    autoMerge: { readonly method: MergeMethod; readonly by: User; readonly at: Timestamp } | null
  }

export type Thread = Issue | PullRequest

type CommentEdit = { readonly at: Timestamp; readonly by: User; readonly body: string }

/** `edits` holds the bodies that were replaced, oldest first, each with who replaced it and when. */
export type IssueComment = Identified<'IssueComment'> & {
  readonly repository: Repository
  readonly thread: Thread
  readonly author: User
  readonly viaApp: AppRecord | null
  body: string
  readonly createdAt: Timestamp
  updatedAt: Timestamp
  readonly edits: CommentEdit[]
  readonly reactions: Reaction[]
  minimized: string | null
  readonly born: Born
}

export type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED'

export type Review = Identified<'PullRequestReview'> & {
  readonly pullRequest: PullRequest
  readonly author: User
  state: ReviewState
  readonly body: string
  readonly commitSha: string
  readonly submittedAt: Timestamp
  readonly born: Born
}

export type CheckStatus = 'queued' | 'in_progress' | 'completed'
export type CheckConclusion =
  | 'success'
  | 'failure'
  | 'neutral'
  | 'cancelled'
  | 'skipped'
  | 'timed_out'
  | 'action_required'
  | 'stale'

export type CheckSuite = Identified<'CheckSuite'> & {
  readonly repository: Repository
  readonly app: AppRecord
  readonly headSha: string
  readonly headBranch: string | null
  status: CheckStatus
  conclusion: CheckConclusion | null
  readonly createdAt: Timestamp
  updatedAt: Timestamp
}

export type CheckAnnotation = {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly startColumn: number | null
  readonly endColumn: number | null
  readonly level: 'notice' | 'warning' | 'failure'
  readonly title: string | null
  readonly message: string
  readonly rawDetails: string | null
}

export type CheckAction = { readonly label: string; readonly description: string; readonly identifier: string }

export type CheckRun = Identified<'CheckRun'> & {
  readonly repository: Repository
  readonly suite: CheckSuite
  readonly app: AppRecord
  name: string
  readonly headSha: string
  externalId: string | null
  detailsUrl: string | null
  status: CheckStatus
  conclusion: CheckConclusion | null
  startedAt: Timestamp | null
  completedAt: Timestamp | null
  title: string | null
  summary: string | null
  text: string | null
  readonly annotations: CheckAnnotation[]
  actions: readonly CheckAction[]
  readonly born: Born
}

export type CommitState = 'error' | 'failure' | 'pending' | 'success'

export type CommitStatus = Identified<'StatusContext'> & {
  readonly repository: Repository
  readonly sha: string
  readonly state: CommitState
  readonly context: string
  readonly description: string | null
  readonly targetUrl: string | null
  readonly creator: User
  readonly createdAt: Timestamp
  readonly born: Born
}

export type DeploymentState = 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success'

export type DeploymentStatus = Identified<'DeploymentStatus'> & {
  readonly deployment: Deployment
  readonly state: DeploymentState
  readonly description: string
  readonly environment: string
  readonly environmentUrl: string
  readonly logUrl: string
  readonly creator: User
  readonly viaApp: AppRecord | null
  readonly createdAt: Timestamp
}

/** `statuses` oldest first. `payload` is what was given: an object or a string. */
export type Deployment = Identified<'Deployment'> & {
  readonly repository: Repository
  readonly sha: string
  readonly ref: string
  readonly task: string
  readonly payload: Readonly<Record<string, unknown>> | string
  readonly environment: string
  readonly description: string | null
  readonly transient: boolean
  readonly production: boolean
  readonly creator: User
  readonly viaApp: AppRecord | null
  readonly createdAt: Timestamp
  updatedAt: Timestamp
  readonly statuses: DeploymentStatus[]
  readonly born: Born
}

/** `repositories` is the selection; with `repositorySelection: 'all'` every repository of the account counts. */
export type Installation = Identified<'Installation'> & {
  readonly app: AppRecord
  readonly account: Account
  readonly repositorySelection: 'all' | 'selected'
  readonly repositories: Set<Repository>
  permissions: Permissions
  events: readonly string[]
  readonly createdAt: Timestamp
  updatedAt: Timestamp
}

/** An installation token. `repositories` null means all of the installation's. `expiresAtMs` is machine time. */
export type InstallationToken = {
  readonly token: string
  readonly installation: Installation
  readonly repositories: ReadonlySet<Repository> | null
  readonly permissions: Permissions
  readonly expiresAtMs: number
}
