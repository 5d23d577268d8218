/** Who may hold and free: asked of an environment for each model that it is about, by the rules of both repositories, or of a whole config repository. */

import { accept, stricter } from '../domain/acceptance.ts'
import { promotionBranch } from '../domain/branch-name.ts'
import { UserError } from '../domain/failure.ts'
import type { HoldScope } from '../domain/hold.ts'
import type { EnvironmentName, RepoName } from '../domain/ids.ts'
import type { EnvironmentKey } from '../domain/promotion.ts'
import { findEnvironment, refusedBy } from '../domain/promotion-admission.ts'
import { insistsOnUnasked, mayDo, type RightAnswer } from '../domain/rights.ts'
import type { RepoSettings } from '../domain/settings.ts'
import { hasPermission } from '../domain/standing.ts'
import { NOTHING_WRITTEN } from '../domain/written-artefacts.ts'
import type { ReadDeps } from './deps.ts'
import type { PromotionWorld, Standing } from './ports.ts'
import { standingQuestion, type Target } from './promotion-context.ts'
import { knownSettings, takeSettings } from './repo-settings.ts'

export type HoldRights = RightAnswer & {
  /** Whether a lock of this person's own may be lifted without the right: who may write to neither repository any more is nobody. */
  readonly isOfHouse: boolean
  /** Which of the two repositories more people can read; undefined where there is only one. */
  readonly wider: PromotionWorld['wider'] | undefined
}

export type HoldQuestion = { readonly right: 'lock' | 'unlock'; readonly scope: HoldScope; readonly login: string }

/** May this person hold or free it, as both repositories are now? Throws UserError where neither has such an environment, or the config repository takes nothing of it. */
export async function readHoldRights({ right, scope, login }: HoldQuestion, deps: ReadDeps): Promise<HoldRights> {
  if (scope.environment === undefined) return rightsOnRepository(scope.repository, login, deps)
  const known = targetsOf({ ...scope, environment: scope.environment }, await knownSettings(scope.repository, deps))
  const world = await readWorld(known[0], login, deps)
  const settings = await takeSettings(scope.repository, world.modelConfigFile, deps)
  const targets = await admitted(targetsOf({ ...scope, environment: scope.environment }, settings), world, deps)
  const person = await standingOf(targets, { login, world }, deps)
  const answers = targets.map(({ key, environment }) =>
    mayDo(right, person, { environment, repositories: { model: key.repository, config: environment.repository } }),
  )
  const refused = answers.find(({ may }) => !may) ?? answers[0]
  const writes = (repository: RepoName) => person !== undefined && hasPermission(person, repository, 'write')
  return {
    may: refused?.may === true,
    who: refused?.who ?? 'nobody',
    isOfHouse: targets.some(({ key, environment }) => writes(key.repository) || writes(environment.repository)),
    wider: world.wider,
  }
}

async function rightsOnRepository(config: RepoName, login: string, { github }: ReadDeps): Promise<HoldRights> {
  const standings = await github.readStandings({ logins: [login], repositories: [config], teams: [], roles: false })
  const person = standings.get(login)
  const isOfHouse = person !== undefined && hasPermission(person, config, 'write')
  return { ...mayDo('lock-all', person, { config }), isOfHouse, wider: undefined }
}

type Targets = readonly [Target, ...Target[]]
type HeldEnvironment = HoldScope & { readonly environment: EnvironmentName }

/** The model's own, or that of every model that has the environment. */
function targetsOf({ repository, environment, model }: HeldEnvironment, settings: RepoSettings): Targets {
  const models = [...settings.models.values()]
  const meant = model === undefined ? models.filter(({ environments }) => environments.includes(environment)) : []
  const names = model === undefined ? meant.map(({ name }) => name) : [model]
  const [first, ...others] = names.map((name): Target => {
    const key: EnvironmentKey = { repository, environment, model: name }
    return { key, ...findEnvironment(key, settings) }
  })
  if (first !== undefined) return [first, ...others]
  throw new UserError('environment_unknown', `no model goes to \`${environment}\``, 'Give one that environment first.')
}

function readWorld({ key, ...target }: Target, login: string, { github }: ReadDeps): Promise<PromotionWorld> {
  return github.readPromotionWorld({
    modelRepository: key.repository,
    configRepository: target.environment.repository,
    branch: undefined,
    headBranch: promotionBranch(key),
    pullRequestNumber: undefined,
    files: [],
    standing: standingQuestion({ key, ...target }, [login]),
  })
}

/** With what the config repository insists on for each. A model that it takes nothing of there is not held by anybody's rules but its own. */
async function admitted(targets: Targets, world: PromotionWorld, deps: ReadDeps): Promise<readonly Target[]> {
  const config = await takeSettings(targets[0].environment.repository, world.config.configFile, deps)
  const verdicts = targets.map((target) => {
    const { repository: from, model, environment } = target.key
    const request = { from, model, environment, isUnmerged: false, paths: [], ...NOTHING_WRITTEN }
    return { target, verdict: accept(config.accepts, request) }
  })
  const taken = verdicts.flatMap(({ target, verdict }) =>
    verdict.kind === 'accepted' ? [{ ...target, environment: stricter(target.environment, verdict.require) }] : [],
  )
  const [first] = verdicts
  if (taken.length === 0 && first?.verdict.kind === 'refused') throw refusedBy(first.target.environment, first.verdict)
  return taken
}

type Asked = { readonly login: string; readonly world: PromotionWorld }

async function standingOf(
  targets: readonly Target[],
  { login, world }: Asked,
  { github }: ReadDeps,
): Promise<Standing | undefined> {
  if (!targets.some(({ environment }) => insistsOnUnasked(environment))) return world.standings.get(login)
  const questions = targets.map((target) => standingQuestion(target, [login]))
  const teams = new Map(questions.flatMap(({ teams: each }) => each.map((team) => [JSON.stringify(team), team])))
  const [first] = questions
  if (first === undefined) return undefined
  const roles = questions.some((question) => question.roles)
  return (await github.readStandings({ ...first, teams: [...teams.values()], roles })).get(login)
}
