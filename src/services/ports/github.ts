/** The port `GitHub`. src/clients/github/ implements it. */
import type { CommitSha, RepoName } from '../../domain/ids.ts'
import type { CommitReport } from '../../domain/reported-readiness.ts'
import type { ArtifactQuestion, ArtifactReading } from './github-artifacts.ts'
import type {
  CheckState,
  LandedCommit,
  PromotionPullRequest,
  PromotionQuestion,
  PromotionWorld,
  PullRequestView,
  RepoFile,
  Standing,
  StandingQuestion,
} from './github-reads.ts'
import type { WorkflowDispatch, WorkflowRunQuestion, WorkflowRunView, WorkflowStart } from './github-workflows.ts'
import type { GitHubWrite, GitHubWriteResult } from './github-writes.ts'

/**
 * Throws SystemUnavailable for outages, rate limits and 5xx. UserError only for `accepts_missing` (the App cannot see the repository),
 * `manifest_refused` and `config_invalid` (the file is there, but is not UTF-8 text or is too large to read), and `not_allowed` of createDeployment.
 */
export type GitHub = {
  /** The App's own bot login, `lockkeeper[bot]`, and App id. */
  readonly appLogin: string
  readonly appId: number
  readPullRequest(repository: RepoName, number: number): Promise<PullRequestView | undefined>
  /** The default branch's commits from `sha` back to `before` (not included), newest first, at most `limit`, each with its pull request. */
  readLanded(
    repository: RepoName,
    sha: CommitSha,
    limit: number,
    before?: CommitSha,
  ): Promise<{
    readonly defaultBranch: string
    /** Its newest commit, of which `configFile` is. */
    readonly tip: CommitSha | undefined
    readonly onDefaultBranch: boolean
    readonly configFile: RepoFile | undefined
    readonly commits: readonly LandedCommit[]
  }>
  /** Files at a commit or branch, in one call; absent ones are missing from the map. */
  readFiles(repository: RepoName, ref: string, paths: readonly string[]): Promise<ReadonlyMap<string, RepoFile>>
  /**
   * One text file from the newest artifact of that name that a GitHub Actions run on the commits uploaded. A commit costs one call
   * and one for each of its newest ten runs until one has it; reading it one more, and one download from GitHub's storage.
   */
  readArtifact(repository: RepoName, question: ArtifactQuestion): Promise<ArtifactReading>
  readPromotionWorld(question: PromotionQuestion): Promise<PromotionWorld>
  readStandings(question: StandingQuestion): Promise<ReadonlyMap<string, Standing>>
  /** Is `sha` the same as, or a descendant of, `ancestor`? undefined: GitHub does not know one of them, perhaps not yet, or they have nothing in common. */
  contains(repository: RepoName, ancestor: CommitSha, sha: CommitSha): Promise<boolean | undefined>
  /** The commit where a branch and a head part; undefined where their histories have nothing in common. One call. */
  mergeBase(repository: RepoName, base: CommitSha, head: CommitSha): Promise<CommitSha | undefined>
  /** Check runs and commit statuses on a commit, newest result per name. One call for each hundred. */
  readChecks(repository: RepoName, sha: CommitSha): Promise<readonly CheckState[]>
  /** The newest status of a context, or of an environment's newest deployment, on a commit and on those of the newest 30 of the default branch that are later; later commits first. One call. */
  readReports(repository: RepoName, question: ReportQuestion): Promise<readonly CommitReport[]>
  /** The branch head at `at` by GitHub's own push times; undefined when it cannot be told, as after a push in that very second. One call. */
  headAt(repository: RepoName, branch: string, at: Date): Promise<CommitSha | undefined>
  /** A pull request or an issue; undefined where there is none of that number. Throws UserError when the App cannot see the repository. One call, two where it is absent. */
  readThread(repository: RepoName, number: number): Promise<ThreadView | undefined>
  /** undefined where nobody has that login. One call, as the installation of the repository. */
  readAccount(repository: RepoName, login: string): Promise<AccountView | undefined>
  /** All in one request. */
  write(repository: RepoName, writes: readonly GitHubWrite[]): Promise<readonly GitHubWriteResult[]>
  /** Puts labels on a pull request, and makes those that the repository lacks. One call. */
  addLabels(repository: RepoName, number: number, labels: readonly string[]): Promise<void>
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
  /** Starts a workflow by `workflow_dispatch`. What becomes of a request whose answer is lost is for `findWorkflowRun`. */
  dispatchWorkflow(repository: RepoName, workflow: WorkflowDispatch): Promise<WorkflowStart>
  /** For recovery: the run that the App started; `several` where it cannot be told apart from others of the App. One call. */
  findWorkflowRun(repository: RepoName, question: WorkflowRunQuestion): Promise<WorkflowRunView | 'several' | undefined>
  /** undefined where it was deleted. One call. */
  readWorkflowRun(repository: RepoName, id: string): Promise<WorkflowRunView | undefined>
  /** For recovery: the App's own issue that begins with `marker`, among those changed since `since`. undefined also where the App may not read issues. One call per 50. */
  findIssue(
    repository: RepoName,
    question: { readonly marker: string; readonly since: Date },
  ): Promise<IssueView | undefined>
  /** For recovery: the App's own newest check run of this name on the commit. */
  findCheckRun(
    repository: RepoName,
    sha: CommitSha,
    name: string,
  ): Promise<{ readonly id: string; readonly isCompleted: boolean } | undefined>
  /** For recovery: the open pull request with this head branch. */
  findPullRequest(repository: RepoName, headBranch: string): Promise<PromotionPullRequest | undefined>
  /** Deliveries that GitHub could not hand over since `since`, newest attempt per GUID, unless one attempt succeeded. App JWT, not counted against installations. */
  failedDeliveries(since: Date): Promise<
    /** `id` is decimal text: GitHub's delivery ids outgrow JavaScript's exact numbers. */
    readonly {
      readonly id: string
      readonly guid: string
      readonly event: string
      /** Absent where such events have none, as pushes. */
      readonly action: string | undefined
      readonly deliveredAt: Date
    }[]
  >
  /** The stored payload of a delivery as JSON text (GitHub keeps it parsed: equal in content, not byte for byte). */
  readDelivery(id: string): Promise<{ readonly guid: string; readonly event: string; readonly body: string }>
}

/** The methods that change something. */
type WritingMethod = 'write' | 'addLabels' | 'createDeployment' | 'dispatchWorkflow'

/** GitHub for those who only look. */
export type GitHubReads = Omit<GitHub, WritingMethod>

/** Where a comment can stand. */
export type ThreadView = {
  readonly nodeId: string
  readonly isPullRequest: boolean
  readonly labels: readonly string[]
}

/** `name`: of the context, or of the environment. */
export type ReportQuestion = {
  readonly revision: CommitSha
  readonly kind: 'commit_status' | 'deployment'
  readonly name: string
}

/** An issue of our own. `id` is its node id. */
export type IssueView = {
  readonly id: string
  readonly number: number
  readonly url: string
  readonly body: string
  readonly isOpen: boolean
}

/** `login` as its owner writes it; `type` is GitHub's word: User, Bot, Organization. */
export type AccountView = { readonly login: string; readonly type: string }
