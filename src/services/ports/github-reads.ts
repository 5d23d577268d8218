/** What GitHub is read for, parsed: the answers of the port `GitHub` (github.ts). */
import type { BranchRules, MergeFacts, RequiredCheck } from '../../domain/branch-rules.ts'
import type { GitHubProtection } from '../../domain/github-environment.ts'
import type { CommitSha, RepoName } from '../../domain/ids.ts'

/** A file as Git has it. `text` is decoded UTF-8 whose Git hash equals `oid` (anything else is refused by the client); `mode` is Git's (`100644`). */
export type RepoFile = { readonly oid: string; readonly mode: string; readonly text: string }

/** One check run or commit status on a commit. */
export type CheckState = {
  readonly name: string
  readonly kind: 'check_run' | 'status'
  /** The reporting App's id; undefined for statuses. */
  readonly appId: number | undefined
  /** The slug of the App that reports it, as in `github.com/apps/<slug>`; undefined for statuses that a person's token reports. */
  readonly app: string | undefined
  readonly state: 'pending' | 'success' | 'failure' | 'neutral'
  /** GitHub's own word for how it ended, in lower case: `success`, `skipped`, `timed_out`, `error`; undefined while it has not. */
  readonly conclusion: string | undefined
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
  /**
   * What the base branch and the default branch demand of a head, by classic protection and rulesets: whoever writes the pull request chooses its base.
   * Empty where both demand nothing. Which App a classic rule expects is for administrators only: `appId` is then undefined.
   */
  readonly requiredChecks: readonly RequiredCheck[]
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
  /** Its first parent; undefined for the first commit of all. */
  readonly parent: CommitSha | undefined
  /** Paths of the commit against its first parent, or of all commits of its push together; read only where there is no pull request. */
  readonly changedPaths: readonly string[]
  /** How many commits its merge (its pull request's, or it itself) has behind it: the order of what landed. Known where a release may begin. */
  readonly depth: number | undefined
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
  /** By GitHub's clock, in whole seconds. */
  readonly mergedAt: Date | undefined
  readonly mergedBy: string | undefined
  readonly mergeable: 'mergeable' | 'conflicting' | 'unknown'
  /** GitHub's own word: CLEAN, BLOCKED, BEHIND, DIRTY, DRAFT, HAS_HOOKS, UNKNOWN, UNSTABLE. */
  readonly mergeStateStatus: string
  readonly body: string
  /** What else stands between it and its merge; read where it is asked for by its number. */
  readonly merging: MergeFacts | undefined
  readonly labels: readonly string[]
  readonly commitCount: number
  /** Its newest five commits, the head last. */
  readonly commits: readonly PromotionCommit[]
  readonly reviews: readonly Review[]
  readonly checks: readonly CheckState[]
}

/** `author` and `committer` are Git's names, which need not be logins. */
export type PromotionCommit = {
  readonly sha: CommitSha
  readonly parents: readonly CommitSha[]
  readonly author: string
  readonly committer: string
}

export type Permission = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin'

/** What one person may do: permission per repository asked for, and which of the teams asked for they are in (`org/slug`; a member of a child team is in its parents, too). */
export type Standing = {
  readonly login: string
  /** A custom repository role counts as the built-in role that it extends. */
  readonly permissions: ReadonlyMap<RepoName, Permission>
  /** Lower-case names of the roles held in each repository asked for: the permission itself and, where `roles` was asked for, custom repository roles. Empty without any. */
  readonly roles: ReadonlyMap<RepoName, ReadonlySet<string>>
  readonly teams: ReadonlySet<string>
}

export type StandingQuestion = {
  readonly logins: readonly string[]
  readonly repositories: readonly RepoName[]
  readonly teams: readonly { readonly organization: string; readonly slug: string }[]
  /** Whether custom repository roles are of interest: through which source somebody has access is more than most decisions need to read. */
  readonly roles?: boolean
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
    /** Of the branch that promotions go to. */
    readonly rules: BranchRules
    /** Node ids of the labels asked for, by name; those that the repository has not are missing. */
    readonly labels: ReadonlyMap<string, string>
    /** Whether GitHub deletes a merged pull request's branch by itself. */
    readonly deletesMergedBranches: boolean
  }
  /** `.github/lockkeeper.yml` of the model repository's default branch. */
  readonly modelConfigFile: RepoFile | undefined
  readonly modelRepositoryId: string
  /** Where people find the model repository. */
  readonly modelUrl: string
  /** Which of the two repositories is open to more people by GitHub's own word (public, internal, private). */
  readonly wider: 'config' | 'model' | 'neither'
  readonly standings: ReadonlyMap<string, Standing>
  /** What GitHub's own environments demand; absent where they were not asked for. */
  readonly protection?: GitHubProtection | undefined
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
  /** Whose ids are wanted; default: none. */
  readonly labels?: readonly string[]
  /** Names of GitHub's environments in the model repository, and the pull request that the release is the head of where it was not merged; default: none. */
  readonly environments?: { readonly names: readonly string[]; readonly pullRequest: number | undefined } | undefined
  readonly standing: StandingQuestion | undefined
}
