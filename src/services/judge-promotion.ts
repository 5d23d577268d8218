/** Gathers the facts for the rules of one promotion (src/domain/rules.ts) from the ledger and from the world as just read. */
import { whenForced } from '../domain/acceptance.ts'
import type { Beginning } from '../domain/beginning.ts'
import { reviewersOf } from '../domain/github-environment.ts'
import { type Hold, holdsOn, withoutReason } from '../domain/hold.ts'
import type { EnvironmentName, RepoName } from '../domain/ids.ts'
import { badReleases, type OpenedPullRequest, type Promotion, type Via } from '../domain/promotion.ts'
import { requester } from '../domain/promotion-trailers.ts'
import type { Release } from '../domain/release.ts'
import { describeApprovers, insistsOnUnasked, mayDo } from '../domain/rights.ts'
import { judgeRules, type RuleFacts, type RuleVerdict } from '../domain/rules.ts'
import type { EnvironmentSettings, FreezeWindow } from '../domain/settings.ts'
import { isOneOf, type PersonStanding } from '../domain/standing.ts'
import { soakedSpan, type VerifiedSpan } from '../domain/verified-spans.ts'
import { waiversAuthors, withAcceptedWaivers } from './accepted-waivers.ts'
import { approversOf } from './approved-by.ts'
import type { ReadDeps } from './deps.ts'
import { headChecks } from './head-checks.ts'
import type { PromotionWorld, PullRequestView, Review } from './ports.ts'
import { isHiddenFromAsker, standingQuestion, type Target } from './promotion-context.ts'

export type Judged = {
  readonly promotion: Promotion
  readonly context: Target & {
    readonly release: Release | undefined
    readonly world: Pick<PromotionWorld, 'standings'> &
      Partial<Pick<PromotionWorld, 'wider' | 'modelUrl' | 'protection'>>
  }
  readonly reviews: readonly Review[]
  /** Somebody who is about to approve it: judged as if they had. */
  readonly approving?: string | undefined
  /** Where it is decided whether it begins: what is asked only then. */
  readonly beginning?: Beginning | undefined
  /** The model's pull request where it was just read, for the checks of the head that is carried. */
  readonly view?: PullRequestView | undefined
}

/** Every rule with its verdict, for the promotion's head as it is. */
export async function judgePromotion(judged: Judged, deps: ReadDeps): Promise<readonly RuleVerdict[]> {
  const { promotion, context } = judged
  const { release } = context
  const insisted = toldHere(judged)
  const environment = promotion.via.kind === 'force' ? whenForced(insisted) : insisted
  const repositories = { model: promotion.repository, config: environment.repository }
  const standings = await standingsOf(judged, deps)
  const { protection } = context.world
  const isAsked = environment.approvals > 0 || reviewersOf(protection).length > 0
  const approvers = isAsked ? await approversOf(judged, deps) : []
  const now = deps.clock.now()
  const facts: RuleFacts = {
    via: asMayBeForced(promotion.via, { environment, standings, repositories }),
    environment,
    release: release && withAcceptedWaivers(release, { standings, environment, repositories, model: context.model }),
    ...(await upstreamOf(promotion, environment, deps)),
    holds: await holdsOf(judged, deps),
    whoMay: whoMay(judged, { environment, standings, repositories }),
    approvedBy: approvers.map(({ login }) => login),
    approvers: describeApprovers(environment),
    now,
    gatesUrl: pullRequestUrl(context.world.modelUrl, release),
    headChecks: await headChecks(promotion, { view: judged.view, world: context.world }, deps),
    beginning: judged.beginning,
    githubEnvironment: protection && { protection, approvers, since: new Date(promotion.createdAt), now },
  }
  return judgeRules(facts)
}

type Force = {
  readonly environment: EnvironmentSettings
  readonly standings: ReadonlyMap<string, PersonStanding>
  readonly repositories: { readonly model: RepoName; readonly config: RepoName }
}

/** Whoever may force is asked before it begins; later, what may not be forced any more is open. */
function whoMay(
  { promotion, beginning }: Judged,
  { environment, standings, repositories }: Force,
): RuleFacts['whoMay'] {
  const { via, kind, environment: name } = promotion
  const asker = requester(via)
  if (asker === undefined) return { state: 'pass', detail: 'automation' }
  const isForced = via.kind === 'force' && beginning !== undefined
  const right = isForced ? 'force' : kind === 'rollback' ? 'rollback' : 'deploy'
  const { may, who } = mayDo(right, standings.get(asker), { environment, repositories })
  if (may) return { state: 'pass', detail: `${asker} may` }
  const act = { force: 'force a promotion to', rollback: 'roll back', deploy: 'deploy to' }[right]
  return { state: 'refused', detail: `${asker} may not ${act} ${name}; these may: ${who}` }
}

/** Days may lie between the command and the merge: what may be forced, and by whom, is asked as it is then. */
function asMayBeForced(via: Via, { environment: { force }, standings, repositories }: Force): Via {
  if (via.kind !== 'force') return via
  const may = isOneOf(standings.get(via.by), force.by, repositories)
  return { ...via, rules: may ? via.rules.filter((rule) => force.rules.includes(rule)) : [] }
}

/** Whether people can read this who cannot read the config repository; so it is where nobody has asked. */
function isConfigHidden({ promotion, context }: Judged): boolean {
  const { wider, standings } = context.world
  return wider === undefined || isHiddenFromAsker(promotion, { ...context, world: { wider, standings } })
}

/** The environment, without the reasons for which its config repository freezes where not everybody may read them. */
function toldHere(judged: Judged): EnvironmentSettings {
  const { environment } = judged.context
  const theirs = environment.insisted?.freeze ?? []
  if (theirs.length === 0 || !isConfigHidden(judged)) return environment
  const told = (window: FreezeWindow): FreezeWindow =>
    theirs.includes(window) ? { ...window, reason: undefined } : window
  const insisted = environment.insisted && { ...environment.insisted, freeze: theirs.map(told) }
  return { ...environment, freeze: environment.freeze.map(told), insisted }
}

/** What was said in the one repository is not told in the other where more people can read that. */
async function holdsOf(judged: Judged, { ledger, clock }: ReadDeps): Promise<readonly Hold[]> {
  const { promotion, context } = judged
  const into = context.environment.repository
  const kept = await ledger.holds([promotion.repository, into])
  const { wider } = context.world
  const isHidden = isConfigHidden(judged)
  const isModelHidden = wider === undefined || wider === 'config'
  return holdsOn(kept, promotion, { into, now: clock.now() }).map((hold) => {
    return (hold.confinedTo === promotion.repository ? isModelHidden : isHidden) ? withoutReason(hold) : hold
  })
}

/** The standings as read with the world; asked again where the config repository names people of its own, whose teams and roles were not asked for then. */
async function standingsOf(
  { promotion, context }: Judged,
  { github }: ReadDeps,
): Promise<ReadonlyMap<string, PersonStanding>> {
  const asker = requester(promotion.via)
  const people = [...(asker === undefined ? [] : [asker]), ...waiversAuthors(context.release)]
  if (people.length === 0 || !insistsOnUnasked(context.environment)) return context.world.standings
  return github.readStandings(standingQuestion(context, people))
}

/** For which stretch the promotion's release was verified in each environment that must come first, and what took it there. */
async function upstreamOf(
  promotion: Promotion,
  { after, soak }: EnvironmentSettings,
  { ledger, clock }: ReadDeps,
): Promise<Pick<RuleFacts, 'upstream' | 'proofs'>> {
  const { repository, model, release } = promotion
  const upstream = new Map<EnvironmentName, VerifiedSpan | 'bad' | undefined>()
  const proofs = new Map<EnvironmentName, OpenedPullRequest>()
  for (const environment of after) {
    const history = await ledger.history({ repository, model, environment })
    const isBad = release !== undefined && badReleases(history).has(release)
    const span = release && soakedSpan(history, release, { soak, now: clock.now() })
    upstream.set(environment, isBad ? 'bad' : span)
    const proof = history.find((one) => one.release === release && isVerifiedAt(one, span?.since))
    if (proof?.pullRequest !== undefined) proofs.set(environment, proof.pullRequest)
  }
  return { upstream, proofs }
}

const isVerifiedAt = ({ stage }: Promotion, at: Date | undefined): boolean =>
  stage.at === 'verified' && Date.parse(stage.verifiedAt) === at?.getTime()

const pullRequestUrl = (repository: string | undefined, release: Release | undefined): string | undefined =>
  repository === undefined || release?.pullRequest === undefined
    ? undefined
    : `${repository}/pull/${release.pullRequest.number}`
