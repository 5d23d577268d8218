/** Gathers the facts for the rules of one promotion (src/domain/rules.ts) from the ledger and from the world as just read. */
import { deployerLists, isApprover, isDeployer, whenForced } from '../domain/acceptance.ts'
import { reviewersOf } from '../domain/github-environment.ts'
import { type Hold, holdsOn, withoutReason } from '../domain/hold.ts'
import type { EnvironmentName, RepoName } from '../domain/ids.ts'
import { badReleases, type Promotion, soakedSpan, type VerifiedSpan, type Via } from '../domain/promotion.ts'
import { requester } from '../domain/promotion-trailers.ts'
import type { Release } from '../domain/release.ts'
import { insistsOnUnasked } from '../domain/rights.ts'
import { judgeRules, type RuleFacts, type RuleVerdict } from '../domain/rules.ts'
import type { EnvironmentSettings } from '../domain/settings.ts'
import { describePrincipals, isOneOf, type PersonStanding } from '../domain/standing.ts'
import { approversOf } from './approved-by.ts'
import type { ReadDeps } from './deps.ts'
import type { PromotionWorld, Review } from './ports.ts'
import { isHiddenFromAsker, standingQuestion, type Target } from './promotion-context.ts'

export type Judged = {
  readonly promotion: Promotion
  readonly context: Target & {
    readonly release: Release | undefined
    readonly world: Pick<PromotionWorld, 'standings'> & Partial<Pick<PromotionWorld, 'wider' | 'protection'>>
  }
  readonly reviews: readonly Review[]
  /** Somebody who is about to approve it: judged as if they had. */
  readonly approving?: string | undefined
}

/** Every rule with its verdict, for the promotion's head as it is. */
export async function judgePromotion(judged: Judged, deps: ReadDeps): Promise<readonly RuleVerdict[]> {
  const { promotion, context } = judged
  const { release } = context
  const environment = promotion.via.kind === 'force' ? whenForced(context.environment) : context.environment
  const repositories = { model: promotion.repository, config: environment.repository }
  const standings = await standingsOf(judged, deps)
  const asker = requester(promotion.via)
  const may = asker === undefined || isDeployer(standings.get(asker), environment, repositories)
  const { protection } = context.world
  const isAsked = environment.approvals > 0 || reviewersOf(protection).length > 0
  const approvers = isAsked ? await approversOf(judged, deps) : []
  const now = deps.clock.now()
  const facts: RuleFacts = {
    via: asMayBeForced(promotion.via, { environment, standings, repositories }),
    environment,
    release,
    upstream: await upstreamOf(promotion, environment, deps),
    holds: await holdsOf(judged, deps),
    whoMay: may
      ? { state: 'pass', detail: asker === undefined ? 'automation' : `${asker} may` }
      : {
          state: 'refused',
          detail: `${asker} may not deploy to ${promotion.environment}; these may: ${describeDeployers(environment)}`,
        },
    approvedBy: approvers.map(({ login }) => login),
    approvers:
      environment.approvers === undefined ? describeDeployers(environment) : describePrincipals(environment.approvers),
    now,
    githubEnvironment: protection && { protection, approvers, since: new Date(promotion.createdAt), now },
  }
  return judgeRules(facts)
}

type Force = {
  readonly environment: EnvironmentSettings
  readonly standings: ReadonlyMap<string, PersonStanding>
  readonly repositories: { readonly model: RepoName; readonly config: RepoName }
}

/** Days may lie between the command and the merge: what may be forced, and by whom, is asked as it is then. */
function asMayBeForced(via: Via, { environment: { force }, standings, repositories }: Force): Via {
  if (via.kind !== 'force') return via
  const may = isOneOf(standings.get(via.by), force.by, repositories)
  return { ...via, rules: may ? via.rules.filter((rule) => force.rules.includes(rule)) : [] }
}

/** What was said in the one repository is not told in the other where more people can read that. */
async function holdsOf({ promotion, context }: Judged, { ledger, clock }: ReadDeps): Promise<readonly Hold[]> {
  const into = context.environment.repository
  const kept = await ledger.holds([promotion.repository, into])
  const { wider, standings } = context.world
  const isConfigHidden =
    wider === undefined || isHiddenFromAsker(promotion, { ...context, world: { wider, standings } })
  const isModelHidden = wider === undefined || wider === 'config'
  return holdsOn(kept, promotion, { into, now: clock.now() }).map((hold) => {
    const isHidden = hold.confinedTo === promotion.repository ? isModelHidden : isConfigHidden
    return isHidden ? withoutReason(hold) : hold
  })
}

/** The standings as read with the world; asked again where the config repository names people of its own, whose teams and roles were not asked for then. */
async function standingsOf(
  { promotion, context }: Judged,
  { github }: ReadDeps,
): Promise<ReadonlyMap<string, PersonStanding>> {
  const asker = requester(promotion.via)
  if (asker === undefined || !insistsOnUnasked(context.environment)) return context.world.standings
  return github.readStandings(standingQuestion(context, [asker]))
}

/** Who may deploy, for refusals. */
export const describeDeployers = (environment: EnvironmentSettings): string =>
  deployerLists(environment).map(describePrincipals).join(', and also among ')

/** For which stretch the promotion's release was verified in each environment that must come first. */
async function upstreamOf(
  promotion: Promotion,
  { after, soak }: EnvironmentSettings,
  { ledger, clock }: ReadDeps,
): Promise<RuleFacts['upstream']> {
  const { repository, model, release } = promotion
  const upstream = new Map<EnvironmentName, VerifiedSpan | 'bad' | undefined>()
  for (const environment of after) {
    const history = await ledger.history({ repository, model, environment })
    const isBad = release !== undefined && badReleases(history).has(release)
    const span = release && soakedSpan(history, release, { soak, now: clock.now() })
    upstream.set(environment, isBad ? 'bad' : span)
  }
  return upstream
}
