/** Gathers what the rules of domain/beginning.ts ask where a promotion begins. Used by deploy-release.ts, rollback-environment.ts and await-release.ts. */
import type { Beginning } from '../domain/beginning.ts'
import { UserError } from '../domain/failure.ts'
import { isActive, isMerged, livePromotion, type Promotion } from '../domain/promotion.ts'
import type { ReadDeps } from './deps.ts'
import type { Judged } from './judge-promotion.ts'
import { knownTarget, type PromotionContext, readContext, readRights } from './promotion-context.ts'

/** What a decision stands on, as far as it can be read. `whole`: with the plan; absent while there is no release, or where it cannot be written. */
export type Ground = {
  readonly context: Judged['context']
  readonly whole: PromotionContext | undefined
  readonly plan: Beginning['plan']
}

/** One query; a second one where the release cannot be written at all, so that the other rules are told, too. Throws UserError when either side's configuration forbids all of it. */
export async function readGround(
  promotion: Promotion,
  { by, hasRelease }: { readonly by: string; readonly hasRelease: boolean },
  deps: ReadDeps,
): Promise<Ground> {
  if (!hasRelease) return { context: await readWithout(promotion, by, deps), whole: undefined, plan: undefined }
  try {
    const whole = await readContext(promotion, deps, [by])
    return { context: whole, whole, plan: whole.plan }
  } catch (error) {
    if (!(error instanceof UserError) || !UNWRITABLE.includes(error.code)) throw error
    const { code, message, hint } = error
    return {
      context: await readWithout(promotion, by, deps),
      whole: undefined,
      plan: { kind: 'refused', code, message, hint },
    }
  }
}

/** What is wrong with what would be written, and says nothing about who may and when. */
const UNWRITABLE: readonly UserError['code'][] = ['accepts_refused', 'artefact_missing', 'manifest_refused']

/** Who may, and the stricter of both sides' settings. */
async function readWithout(promotion: Promotion, by: string, deps: ReadDeps): Promise<Judged['context']> {
  const { environment, world } = await readRights(promotion, by, deps)
  const { key, model } = await knownTarget(promotion, deps)
  return { key, model, environment, release: undefined, world }
}

export type BeginningQuestion = {
  readonly release: Beginning['release']
  readonly plan: Beginning['plan']
  /** Which is newer is known of releases of the default branch, whose order counts; absent: unknown. */
  readonly sequence?: number | undefined
  /** How it stands to what is live, where the order of releases does not say it. */
  readonly than?: 'same' | 'unordered'
  /** What is under way: to be replaced, or in the way. */
  readonly active: Promotion | undefined
  readonly isReplaced: boolean
}

/** What is asked of this promotion before it begins. */
export async function beginningOf(
  promotion: Promotion,
  { release, plan, sequence, than: known, active, isReplaced }: BeginningQuestion,
  { ledger }: ReadDeps,
): Promise<Beginning> {
  const { environment, label, repository, model } = promotion
  const live = livePromotion(await ledger.history(promotion))
  const isOrdered = live?.release !== undefined && sequence !== undefined
  const records = isOrdered ? await ledger.releasesOf({ repository, model }) : []
  const standing = records.find(({ state }) => state.kind === 'complete' && state.release.id === live?.release)
  const than = (): 'same' | 'older' | 'newer' | 'unordered' => {
    if (known !== undefined) return known
    if (promotion.release !== undefined && live?.release === promotion.release) return 'same'
    if (standing === undefined || standing.origin === 'pull_request' || sequence === undefined) return 'unordered'
    return standing.sequence > sequence ? 'newer' : 'older'
  }
  return {
    environment,
    release,
    live: live && {
      label: live.label,
      since: live.stage.at === 'verified' ? new Date(live.stage.verifiedAt) : undefined,
      promotion: live.pullRequest,
      thread: live.thread,
      than: than(),
    },
    goBack: `/rollback ${environment} to ${label}`,
    other: active && {
      label: active.label,
      kind: active.kind,
      at: active.stage.at,
      url: active.pullRequest?.url,
      isReplaced,
      hasEnded: !isActive(active),
    },
    plan,
  }
}

/** Before its merge a newer wish takes its place; a rollback gives way to nothing. */
export const givesWay = (active: Promotion | undefined): boolean =>
  active !== undefined && !isMerged(active) && active.kind !== 'rollback'
