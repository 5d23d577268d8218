/** The required checks of the unmerged head that a promotion carries, as they are now. Judged by src/domain/required-checks.ts. */
import type { Promotion } from '../domain/promotion.ts'
import type { HeadChecks } from '../domain/required-checks.ts'
import type { ReadDeps } from './deps.ts'
import type { PullRequestView } from './ports.ts'

/** undefined where it carries no head. One call, two where the pull request has moved on; none where `view` was just read. */
export async function headChecks(
  { repository, head, thread }: Promotion,
  view: PullRequestView | undefined,
  { github }: Pick<ReadDeps, 'github'>,
): Promise<HeadChecks | undefined> {
  if (head === undefined || thread === undefined) return undefined
  const seen = view ?? (await github.readPullRequest(repository, thread))
  // A pull request that is gone demands nothing any more; its promotion is cancelled for that.
  if (seen === undefined) return undefined
  const { headSha, requiredChecks: required, checks } = seen
  if (required.length === 0) return { required, reported: [] }
  return { required, reported: headSha === head ? checks : await github.readChecks(repository, head) }
}
