/** The required checks of the unmerged head that a promotion carries, as they are now. Judged by src/domain/required-checks.ts. */
import type { Promotion } from '../domain/promotion.ts'
import type { HeadChecks } from '../domain/required-checks.ts'
import type { ReadDeps } from './deps.ts'
import type { PullRequestView } from './ports.ts'

/** As long as one reading of the world is decided upon, its checks are, too: they were read a moment after it. */
const known = new WeakMap<object, HeadChecks | undefined>()

export type CheckedAlong = {
  /** The model's pull request where it was just read. */
  readonly view: PullRequestView | undefined
  /** The world as read for this promotion: with another one they are asked for anew. */
  readonly world: object
}

/** undefined where it carries no head. One call, two where the pull request has moved on; none where `view` was just read, or they were with this world. */
export async function headChecks(
  promotion: Promotion,
  { view, world }: CheckedAlong,
  deps: Pick<ReadDeps, 'github'>,
): Promise<HeadChecks | undefined> {
  if (view === undefined && known.has(world)) return known.get(world)
  const found = await readChecksOf(promotion, view, deps)
  known.set(world, found)
  return found
}

async function readChecksOf(
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
