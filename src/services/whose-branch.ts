/** Whose commits the pull request of a promotion holds. Nothing of a person is ever moved away by force. */
import type { CommitSha } from '../domain/ids.ts'
import type { EnvironmentKey } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import type { PromotionCommit, PromotionPullRequest } from './ports.ts'
import type { PromotionContext } from './promotion-context.ts'

/** `ours`: our one commit. `updated`: GitHub's own merges of the base on top of it. `theirs`: anything else, another base branch too. */
export type Work = 'ours' | 'updated' | 'theirs'

export type OwnWork = {
  readonly appLogin: string
  readonly defaultBranch: string
  /** Heads that the ledger knows to be ours; a crash may have left one that it does not know. */
  readonly heads: readonly CommitSha[]
}

/** The commits tell by their authors and committers, which guard against overwriting and not against forgery: only a recorded head is merged. */
export function workOn(pullRequest: PromotionPullRequest, { appLogin, defaultBranch, heads }: OwnWork): Work {
  const { baseRef, headSha, commitCount, commits } = pullRequest
  if (baseRef !== defaultBranch) return 'theirs'
  if (heads.includes(headSha)) return 'ours'
  const [first, ...later] = commits
  const isOurs =
    commitCount === commits.length &&
    first !== undefined &&
    (heads.includes(first.sha) || (first.author === appLogin && isByGitHub(first)))
  if (!isOurs || !later.every(isBaseMerge)) return 'theirs'
  return later.length === 0 ? 'ours' : 'updated'
}

/** "Update branch". A conflict that somebody resolved on GitHub's page looks the same: our commit is computed anew then, so that nothing of it is needed. */
const isBaseMerge = (commit: PromotionCommit): boolean => commit.parents.length === 2 && isByGitHub(commit)

/** `GitHub`, and `GitHub Enterprise` on a server of one's own: who amends or rebases a commit is its committer. */
const isByGitHub = ({ committer }: PromotionCommit): boolean => /^GitHub(?: Enterprise)?$/.test(committer)

/** The same, by what the ledger knows of the promotion's environment. */
export async function workOnOwn(
  pullRequest: PromotionPullRequest,
  { promotion, context }: { readonly promotion: EnvironmentKey; readonly context: Pick<PromotionContext, 'world'> },
  { ledger, github }: Pick<Deps, 'ledger' | 'github'>,
): Promise<Work> {
  const history = await ledger.history(promotion)
  const heads = history.flatMap((one) => (one.pullRequest?.id === pullRequest.id ? [one.pullRequest.headSha] : []))
  const { defaultBranch } = context.world.config
  return workOn(pullRequest, { appLogin: github.appLogin, defaultBranch, heads })
}
