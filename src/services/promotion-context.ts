/** Everything one step of a promotion is decided on: the stricter settings of both repositories, the release, and the world as just read. */
import { accept, stricter } from '../domain/acceptance.ts'
import { promotionBranch } from '../domain/branch-name.ts'
import type { Canary } from '../domain/canary.ts'
import { shareWritten } from '../domain/canary-edits.ts'
import { UserError } from '../domain/failure.ts'
import { githubEnvironmentNames, withReviewers } from '../domain/github-environment.ts'
import type { RepoName } from '../domain/ids.ts'
import { type EnvironmentKey, type Promotion, replacedBy } from '../domain/promotion.ts'
import {
  type AdmissionQuestion,
  admitPromotion,
  editedFiles,
  findEnvironment,
  planPromotion,
  refusedBy,
  withoutContent,
} from '../domain/promotion-admission.ts'
import { promotionLabels } from '../domain/promotion-labels.ts'
import type { Plan } from '../domain/promotion-plan.ts'
import { requester } from '../domain/promotion-trailers.ts'
import { type Release, releaseValues } from '../domain/release.ts'
import { everyPrincipal, insistsOnUnasked } from '../domain/rights.ts'
import type { Acceptance, EnvironmentSettings, ModelSettings } from '../domain/settings.ts'
import { isCustomRole, teamKey } from '../domain/standing.ts'
import { NOTHING_WRITTEN } from '../domain/written-artefacts.ts'
import { waiversAuthors } from './accepted-waivers.ts'
import { canaryOf } from './begin-canary.ts'
import type { ReadDeps } from './deps.ts'
import { handOver, takeOver } from './hand-over.ts'
import { repositoryOf } from './leave-pull-request.ts'
import type { PromotionQuestion, PromotionWorld, Standing, StandingQuestion } from './ports.ts'
import { knownSettings, takeSettings } from './repo-settings.ts'

/** An environment of a model, with its settings as of the last read. */
export type Target = {
  readonly key: EnvironmentKey
  readonly model: ModelSettings
  readonly environment: EnvironmentSettings
}

export type PromotionContext = Target & {
  readonly world: PromotionWorld
  /** When the world was read, by the machine's clock: a re-check at a write is at most 5 s old. */
  readonly readAt: number
  readonly release: Release | undefined
  readonly plan: Plan
  /** Where it is on its way to all of the traffic; undefined: it takes that at once. */
  readonly canary: Canary | undefined
}

const FRESH_MS = 5000

/** The settings of (model, environment) as last read. Throws UserError `model_unknown` or `environment_unknown` with the names there are. */
export async function knownTarget(key: EnvironmentKey, deps: ReadDeps): Promise<Target> {
  return findTarget(key, await knownSettings(key.repository, deps))
}

/** Reads the world in one query and decides what the promotion would write. Throws UserError when either side's configuration forbids it. */
export async function readContext(
  promotion: Promotion,
  deps: ReadDeps,
  logins: readonly string[],
): Promise<PromotionContext> {
  const target = await knownTarget(promotion, deps)
  const release = await releaseOf(promotion, deps)
  const people = [...logins, ...waiversAuthors(release)]
  const readAt = Date.now()
  const canary = await canaryOf(promotion, target, deps)
  const world = await readWorld({ promotion: { ...promotion, canary }, target, release, logins: people }, deps)
  const settings = await takeSettings(promotion.repository, world.modelConfigFile, deps)
  const fresh = findTarget(promotion, settings)
  // The query was built from the configuration as last seen; a change in it since may name other files or people.
  const context = { ...fresh, world, readAt, release, canary }
  if (JSON.stringify(fresh) !== JSON.stringify(target)) {
    context.canary = await canaryOf(promotion, fresh, deps)
    const asked = { ...promotion, canary: context.canary }
    context.world = await readWorld({ promotion: asked, target: fresh, release, logins: people }, deps)
  }
  const admitted = await admit(promotion, context, deps)
  handOver(promotion, admitted, deps.github)
  return admitted
}

/** What the command that asked for the promotion read a moment ago; undefined where nobody did here, or where it replaces another one since. */
export async function contextOfCommand(promotion: Promotion, deps: ReadDeps): Promise<PromotionContext | undefined> {
  const context = takeOver(promotion, deps.github)
  return context === undefined || (await takenOver(promotion, deps)) === undefined ? context : undefined
}

/** The context while it is fresh enough to write upon, else read again. */
export async function freshContext(
  promotion: Promotion,
  context: PromotionContext,
  deps: ReadDeps,
): Promise<PromotionContext> {
  return Date.now() - context.readAt <= FRESH_MS ? context : readContext(promotion, deps, askers(promotion))
}

/** Whose standing a decision about the promotion needs. */
export function askers({ via }: Promotion): readonly string[] {
  const asker = requester(via)
  return asker === undefined ? [] : [asker]
}

/** The release that the promotion carries; undefined when it restores what was found. */
export async function releaseOf(
  promotion: Promotion,
  { ledger }: Pick<ReadDeps, 'ledger'>,
): Promise<Release | undefined> {
  if (promotion.release === undefined) return undefined
  const record = await ledger.releaseById(promotion.repository, promotion.release)
  if (record?.state.kind !== 'complete') throw new Error(`promotion ${promotion.id} carries an unknown release`)
  return record.state.release
}

/** Whom the query asks about: these people, on both repositories, in every team the environment names. */
export function standingQuestion(target: Target, logins: readonly string[]): StandingQuestion {
  const { environment, model, key } = target
  const principals = everyPrincipal(environment, model)
  const teams = new Map(
    principals.flatMap((principal) => {
      if (principal.kind !== 'team') return []
      const [organization = '', slug = ''] = teamKey(principal, key.repository).split('/')
      return [[`${organization}/${slug}`, { organization, slug }] as const]
    }),
  )
  return {
    logins: [...new Set(logins)],
    repositories: [key.repository, environment.repository],
    teams: [...teams.values()],
    roles: principals.some(isCustomRole),
  }
}

type WorldQuestion = {
  readonly promotion: Promotion
  readonly target: Target
  readonly release: Release | undefined
  readonly logins: readonly string[]
}

async function readWorld(
  { promotion, target, release, logins }: WorldQuestion,
  { github, ledger }: ReadDeps,
): Promise<PromotionWorld> {
  const replaced = await takenOver(promotion, { ledger })
  const files = editedFiles(promotion, target.environment, release)
  return github.readPromotionWorld({
    modelRepository: promotion.repository,
    configRepository: target.environment.repository,
    branch: undefined,
    headBranch: promotionBranch(promotion, promotion),
    pullRequestNumber:
      promotion.pullRequest?.number ?? waitedFor(promotion) ?? numberIn(target.environment.repository, replaced),
    files,
    labels: promotionLabels(promotion),
    environments: environmentsOf(promotion, release),
    standing: logins.length === 0 ? undefined : standingQuestion(target, logins),
  })
}

/** A rollback is not asked the rule, and asks nothing of GitHub for it. */
function environmentsOf(
  { kind, environment, model }: Promotion,
  release: Release | undefined,
): PromotionQuestion['environments'] {
  if (kind === 'rollback') return undefined
  const pullRequest = release?.origin === 'pull_request' ? release.pullRequest?.number : undefined
  return { names: githubEnvironmentNames(environment, model), pullRequest }
}

/**
 * What it takes over, until it has done so; a rollback waits for nothing of the kind. A list of open pull requests would not
 * tell that this one was merged in that very moment, by a person, a merge queue, or a request of ours whose answer was lost.
 */
export async function takenOver(
  promotion: Promotion,
  { ledger }: Pick<ReadDeps, 'ledger'>,
): Promise<Promotion | undefined> {
  const { stage, kind, pullRequest, canary } = promotion
  const hasBegun = pullRequest !== undefined || canary?.live !== undefined
  if (stage.at !== 'proposed' || kind === 'rollback' || hasBegun) return undefined
  const replaced = replacedBy(await ledger.history(promotion), promotion.id)
  return replaced?.ownBranch === undefined ? replaced : undefined
}

const numberIn = (repository: RepoName, replaced: Promotion | undefined): number | undefined =>
  replaced?.pullRequest !== undefined && repositoryOf(replaced.pullRequest) === repository
    ? replaced.pullRequest.number
    : undefined

const waitedFor = ({ stage }: Promotion): number | undefined =>
  stage.at === 'proposed' ? stage.waitsFor?.number : undefined

function findTarget(
  key: EnvironmentKey,
  settings: {
    readonly models: ReadonlyMap<string, ModelSettings>
    readonly environments: ReadonlyMap<string, EnvironmentSettings>
  },
): Target {
  const { model, environment } = findEnvironment(key, settings)
  const { repository, model: name, environment: at } = key
  return { key: { repository, model: name, environment: at }, model, environment }
}

/** The environment with the stricter of both repositories' rules as they are now, and one person's standing: for commands that promote nothing. */
export async function readRights(
  key: EnvironmentKey,
  login: string,
  deps: ReadDeps,
): Promise<{
  readonly environment: EnvironmentSettings
  readonly person: Standing | undefined
  readonly world: Pick<PromotionWorld, 'standings' | 'wider' | 'modelUrl'>
}> {
  const known = await knownTarget(key, deps)
  const world = await deps.github.readPromotionWorld({
    modelRepository: key.repository,
    configRepository: known.environment.repository,
    branch: undefined,
    headBranch: promotionBranch(key),
    pullRequestNumber: undefined,
    files: [],
    standing: standingQuestion(known, [login]),
  })
  const { environment } = findTarget(key, await takeSettings(key.repository, world.modelConfigFile, deps))
  const config = await takeSettings(environment.repository, world.config.configFile, deps)
  const verdict = accept(config.accepts, {
    from: key.repository,
    model: key.model,
    environment: key.environment,
    isUnmerged: false,
    paths: [],
    ...NOTHING_WRITTEN,
  })
  if (verdict.kind === 'refused') throw refusedBy(environment, verdict)
  const stricterOne = stricter(environment, verdict.require)
  const standings = insistsOnUnasked(stricterOne)
    ? await deps.github.readStandings(standingQuestion({ ...known, environment: stricterOne }, [login]))
    : world.standings
  return { environment: stricterOne, person: standings.get(login), world: { ...world, standings } }
}

/** What the config repository says to it: throws UserError `accepts_*`, else the stricter of both sides' rules. */
async function admit(
  promotion: Promotion,
  context: Omit<PromotionContext, 'plan'>,
  deps: ReadDeps,
): Promise<PromotionContext> {
  const { world, environment, release } = context
  refuseElsewhere(promotion, environment)
  if (promotion.via.kind === 'automation' && environment.deploy === 'on-command') {
    throw new UserError(
      'not_allowed',
      `${promotion.label} was proposed by automation, and ${promotion.environment} takes only what somebody asks for now (\`deploy: on-command\`)`,
      `\`/deploy ${promotion.environment}\` proposes it.`,
    )
  }
  // Also when it was proposed while the environment still took heads. What is rolled back to was proven here.
  if (promotion.kind === 'promotion' && release?.origin === 'pull_request' && environment.from !== 'pull_request') {
    throw new UserError(
      'not_merged',
      `${promotion.label} is not merged: only releases of the default branch go to ${promotion.environment}`,
      'Merge it first; its release is made then.',
    )
  }
  const config = await takeSettings(environment.repository, world.config.configFile, deps)
  const question = questionOf(
    { ...promotion, canary: context.canary },
    { environment, release, files: world.config.files },
  )
  const isHidden = isHiddenFromAsker(promotion, context)
  const admitted = admittedBy(question, config.accepts, isHidden)
  const plan = isHidden ? withoutContent(admitted.plan, environment) : admitted.plan
  return { ...context, ...admitted, environment: withReviewers(admitted.environment, world.protection), plan }
}

/** Throws UserError as `admitPromotion` does, without what the config repository's entries say where not everybody may read them. */
function admittedBy(
  question: AdmissionQuestion,
  accepts: readonly Acceptance[],
  isHidden: boolean,
): ReturnType<typeof admitPromotion> {
  try {
    return admitPromotion(question, accepts)
  } catch (error) {
    if (!isHidden || !(error instanceof UserError) || error.code !== 'accepts_refused') throw error
    const hint = `Whoever may change \`.github/lockkeeper.yml\` of ${question.environment.repository} can let it through there.`
    throw new UserError(error.code, error.message, hint)
  }
}

type Admission = Pick<AdmissionQuestion, 'environment' | 'files'> & Pick<PromotionContext, 'release'>

const questionOf = (promotion: Promotion, { environment, release, files }: Admission): AdmissionQuestion => ({
  from: promotion.repository,
  model: promotion.model,
  environment,
  values: release === undefined ? foundValues(promotion) : releaseValues(release, promotion.environment),
  isUnmerged: release?.origin === 'pull_request',
  restore: release === undefined ? promotion.restore : undefined,
  share: shareWritten(promotion.canary, environment),
  files,
})

/** What it would still change in these files; `unchanged` where they hold all of its values. Throws UserError `artefact_missing`. */
export const planOver = (
  promotion: Promotion,
  { environment, release }: Pick<PromotionContext, 'environment' | 'release'>,
  files: AdmissionQuestion['files'],
): Plan => planPromotion(questionOf(promotion, { environment, release, files })).plan

/**
 * Whether the config repository's content must not be told where the promotion was asked for: more people can read that place, or who asked cannot read
 * the config repository, since a model repository may name any deployers.
 */
export function isHiddenFromAsker(
  { via }: Promotion,
  { world, environment }: Pick<Target, 'environment'> & { readonly world: Pick<PromotionWorld, 'wider' | 'standings'> },
): boolean {
  if (world.wider === 'model') return true
  const asker = requester(via)
  return (
    asker !== undefined && (world.standings.get(asker)?.permissions.get(environment.repository) ?? 'none') === 'none'
  )
}

/** Approved there, proven there, found there: nothing of it counts in another repository, whose rules may be stricter. */
function refuseElsewhere({ into, label, environment: name }: Promotion, { repository }: EnvironmentSettings): void {
  if (into === undefined || into === repository) return
  throw new UserError(
    'accepts_refused',
    `${label} belongs into ${into}, and ${name} is written into ${repository} now`,
    `\`/deploy ${name}\` proposes a release there, by its rules.`,
  )
}

/** Placeholders for the templates of a restoring promotion: only their file names and object names matter, the values are the found ones. */
function foundValues(promotion: Promotion) {
  const nothing = 'as-found'
  return {
    'model.name': promotion.model,
    'model.version': nothing,
    'model.uri': nothing,
    'image.repository': nothing,
    'image.tag': nothing,
    'image.digest': nothing,
    'commit.sha': nothing,
    'pull_request.sha': nothing,
    'pull_request.number': nothing,
    'release.id': nothing,
    environment: promotion.environment,
  }
}
