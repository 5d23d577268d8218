/** Whose approvals of a promotion's head count: reviews of its pull request, and `/approve` (approve-promotion.ts). Part of judge-promotion.ts, which asks at every look. */
import { approvedBefore } from '../domain/approved-steps.ts'
import { reviewersOf } from '../domain/github-environment.ts'
import type { Promotion } from '../domain/promotion.ts'
import { requester } from '../domain/promotion-trailers.ts'
import type { Release } from '../domain/release.ts'
import { insistsOnUnasked, mayDo, type SceneOf } from '../domain/rights.ts'
import type { PersonStanding } from '../domain/standing.ts'
import type { ReadDeps } from './deps.ts'
import type { Approval } from './ledger.ts'
import type { PromotionWorld, Review } from './ports.ts'
import { standingQuestion, type Target } from './promotion-context.ts'

export type Approving = {
  readonly promotion: Promotion
  readonly context: Target & {
    readonly release: Release | undefined
    readonly world: Pick<PromotionWorld, 'standings'> & Partial<Pick<PromotionWorld, 'protection'>>
  }
  readonly reviews: readonly Review[]
  /** Somebody who is about to approve it: judged as if they had. */
  readonly approving?: string | undefined
}

/** Each person once, with the rights that they have now. The requester and the model's author do not count, even where GitHub counts their review. */
export async function approversOf(asked: Approving, deps: ReadDeps): Promise<readonly PersonStanding[]> {
  const { promotion, context, reviews, approving } = asked
  const head = promotion.pullRequest?.headSha
  const reviewed = reviews.filter(({ state, commit }) => state === 'approved' && commit === head)
  const said = await deps.ledger.approvals(promotion.id)
  const given = said.filter((one) => one.head === head && !isTakenBack(one, reviews))
  const before = approvedBefore(promotion)
  const named = [...reviewed.map(({ author }) => author), ...given.map(({ login }) => login), ...before]
  const logins = approving === undefined ? named : [...named, approving]
  const candidates = logins.filter((login, index) => logins.findIndex((other) => isSame(other, login)) === index)
  if (candidates.length === 0) return []
  const standings = await standingsOf(candidates, context, deps)
  const scene = await sceneOf(promotion, context, deps)
  return candidates.flatMap((login) => {
    const person = standings.get(login)
    return person !== undefined && mayDo('approve', person, scene).may ? [person] : []
  })
}

/** What the right to approve it depends on. */
export async function sceneOf(
  promotion: Promotion,
  { environment, release }: Approving['context'],
  deps: ReadDeps,
): Promise<SceneOf<'approve'>> {
  return {
    environment,
    repositories: { model: promotion.repository, config: environment.repository },
    requester: requester(promotion.via),
    ...(release === undefined ? { author: undefined } : await broughtBy(promotion, deps)),
  }
}

/** As read with the world; asked for where they are not in it, or where the config repository or GitHub's environments name teams that were not asked for then. */
export async function standingsOf(
  logins: readonly string[],
  context: Approving['context'],
  { github }: ReadDeps,
): Promise<ReadonlyMap<string, PersonStanding>> {
  const hasUnasked = reviewersOf(context.world.protection).some(({ kind }) => kind === 'team')
  const isPartial = hasUnasked || insistsOnUnasked(context.environment)
  const known = isPartial ? new Map<string, PersonStanding>() : context.world.standings
  const unknown = logins.filter((login) => !known.has(login))
  if (unknown.length === 0) return known
  return new Map([...known, ...(await github.readStandings(standingQuestion(context, unknown)))])
}

/** Who asks for changes after having approved means the later of the two. */
const isTakenBack = ({ login, at }: Approval, reviews: readonly Review[]): boolean =>
  reviews.some(
    ({ author, state, submittedAt }) =>
      state === 'changes_requested' && isSame(author, login) && (submittedAt === undefined || submittedAt > at),
  )

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

/** The author of the pull request; of a direct push whoever pushed, whose name, unlike a commit's author, nobody can choose. */
async function broughtBy(
  promotion: Promotion,
  { ledger }: ReadDeps,
): Promise<Pick<SceneOf<'approve'>, 'author' | 'pusher'>> {
  if (promotion.release === undefined) return { author: undefined }
  const record = await ledger.releaseById(promotion.repository, promotion.release)
  return { author: record?.pullRequest?.author, pusher: record?.pushedBy }
}
