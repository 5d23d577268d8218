/**
 * Who may do what: the one table of rights. Commands ask `mayDo`, docs/permissions.md is written from RIGHTS, and test/domain/rights-matrix.test.ts
 * compares both with a table for people. Lists of people: people-lists.ts; what a name in a list means: standing.ts.
 */
import type { RepoName } from './ids.ts'
import {
  approverLists,
  deployerLists,
  lockerLists,
  modelOverriders,
  overriderLists,
  WRITERS_OF_CONFIG,
} from './people-lists.ts'
import type { EnvironmentSettings, ModelSettings, Principal, RepoSettings } from './settings.ts'
import {
  describePrincipals,
  hasAccess,
  isCustomRole,
  isOneOf,
  type PersonStanding,
  type Repositories,
} from './standing.ts'

/** An environment as `stricter` in acceptance.ts made it: with what the config repository insists on. */
type AtEnvironment = { readonly repositories: Repositories; readonly environment: EnvironmentSettings }
type Asked = { readonly requester: string | undefined }
type OfModel = { readonly model: Pick<ModelSettings, 'overriders'> }

/** What has to be known for each right. */
type Scenes = {
  readonly deploy: AtEnvironment
  /** Being a deployer is part of it. */
  readonly force: AtEnvironment
  readonly rollback: AtEnvironment
  /** `requester`: who asked for the promotion; `author`: of the model's pull request; `pusher`: where there is none. undefined: nobody did, there is none. */
  readonly approve: AtEnvironment &
    Asked & { readonly author: string | undefined; readonly pusher?: string | undefined }
  readonly lock: AtEnvironment
  readonly unlock: AtEnvironment
  /** Stopping, and freeing, everything that goes into a config repository. */
  readonly 'lock-all': { readonly config: RepoName }
  /** `requester`: who asked for that promotion. */
  readonly cancel: AtEnvironment & Asked
  /** Waiving a gate on the pull request. `author`: of that. */
  readonly override: OfModel & { readonly repository: RepoName; readonly author: string | undefined }
  /** Whether a gate that this person waived counts as waived in an environment; see `waiversNotAccepted`. */
  readonly 'accept-waiver': AtEnvironment & OfModel
  /** `author`: of the pull request. */
  readonly compare: { readonly repository: RepoName; readonly author: string | undefined }
  readonly status: object
  readonly help: object
}

export type Right = keyof Scenes
export type SceneOf<R extends Right> = Scenes[R]

export type RightAnswer = {
  readonly may: boolean
  /** The people who may, for refusals: `those of team ml-leads, bob who are also among people with write access to the config repository`. No mention in it. */
  readonly who: string
  /** Why somebody may not, whatever the lists say: `alice asked for it`. */
  readonly excluded?: string | undefined
}

type Rule<R extends Right> = {
  /** What the right lets people do, for docs/permissions.md. */
  readonly does: string
  /** The key in the environment or model, and the one under `accepts[].require.<environment>`. */
  readonly keys: readonly string[]
  readonly byDefault: string
  readonly where: string
  /** Who may besides, or may not in spite of the lists. */
  readonly besides: string
  /** In *each* of these lists. undefined: everybody who can comment. */
  readonly lists: (scene: Scenes[R]) => readonly (readonly Principal[])[] | undefined
  readonly repositories: (scene: Scenes[R]) => Repositories
  /** Somebody who may without being on a list, as long as they have access. */
  readonly also?: (scene: Scenes[R]) => string | undefined
  readonly excludes?: (scene: Scenes[R]) => readonly (readonly [login: string | undefined, why: string])[]
}

const one = (repository: RepoName): Repositories => ({ model: repository, config: repository })
const both = ({ repositories }: AtEnvironment): Repositories => repositories
const permission = (role: string, on: 'model' | 'config'): readonly Principal[] => [{ kind: 'role', role, on }]

const DEPLOYERS = {
  keys: ['environments.<name>.deployers', 'require.<name>.deployers'],
  byDefault: '`role:write`: people with write access to both repositories',
  where: 'model and config repository',
  besides: '',
  lists: ({ environment }: AtEnvironment) => deployerLists(environment),
  repositories: both,
}

const LOCKERS = {
  keys: ['environments.<name>.lockers', 'require.<name>.lockers'],
  byDefault: 'the deployers',
  where: 'model and config repository',
  besides: '',
  lists: ({ environment }: AtEnvironment) => lockerLists(environment),
  repositories: both,
}

export const RIGHTS: { readonly [R in Right]: Rule<R> } = {
  deploy: { does: '`/deploy`, `/canary`, `/promote`', ...DEPLOYERS },
  force: {
    ...DEPLOYERS,
    does: '`/deploy --force`',
    keys: ['environments.<name>.force.by'],
    byDefault: 'nobody',
    besides: 'only who is among the deployers, too',
    lists: ({ environment }) => [...deployerLists(environment), environment.force.by],
  },
  rollback: { does: '`/rollback`', ...DEPLOYERS },
  approve: {
    does: '`/approve`, and an approving review of the promotion pull request',
    keys: ['environments.<name>.approvers', 'require.<name>.approvers'],
    byDefault:
      'the deployers; where the config repository insists on `approvals`, also among its `deployers`, else with write access to it',
    where: 'model and config repository',
    besides:
      'never whoever asked for the promotion, nor the author of the model’s pull request, nor whoever pushed the model without one',
    lists: ({ environment }) => approverLists(environment),
    repositories: both,
    excludes: ({ requester, author, pusher }) => [
      [requester, 'asked for it'],
      [author, 'wrote the model’s pull request'],
      [pusher, 'pushed the model past every pull request'],
    ],
  },
  lock: { does: '`/lock`', ...LOCKERS },
  unlock: {
    ...LOCKERS,
    does: '`/unlock`',
    besides: 'and whoever set the lock, as long as they may write to one of the two',
  },
  'lock-all': {
    does: '`/lock` and `/unlock` of a whole config repository',
    keys: [],
    byDefault: '`role:maintain` of the config repository',
    where: 'config repository',
    besides: '',
    lists: () => [permission('maintain', 'config')],
    repositories: ({ config }) => one(config),
  },
  cancel: {
    ...DEPLOYERS,
    does: '`/cancel`',
    byDefault: 'the deployers',
    besides: 'and whoever asked for that promotion, while they have access to one of the repositories',
    also: ({ requester }) => requester,
  },
  override: {
    does: '`/override`',
    keys: ['models.<name>.overriders'],
    byDefault: '`role:maintain` of the model repository',
    where: 'model repository',
    besides: 'never the author of the pull request, unless the list names them as `user:`',
    lists: ({ model }) => [modelOverriders(model)],
    repositories: ({ repository }) => one(repository),
    excludes: ({ model, author }) =>
      isNamed(author, modelOverriders(model)) ? [] : [[author, 'wrote the pull request']],
  },
  'accept-waiver': {
    does: 'a gate that they waived counts as waived in this environment',
    keys: ['environments.<name>.overriders', 'require.<name>.overriders'],
    byDefault: 'whoever may `/override` on the model',
    where: 'model and config repository',
    besides: '',
    lists: ({ environment, model }) => overriderLists(environment, model),
    repositories: both,
  },
  compare: {
    does: '`/compare`',
    keys: [],
    byDefault: '`role:triage` of the model repository',
    where: 'model repository',
    besides: 'and the author of the pull request, while they were given access',
    lists: () => [permission('triage', 'model')],
    repositories: ({ repository }) => one(repository),
    also: ({ author }) => author,
  },
  status: { does: '`/status`', ...forEverybody() },
  help: { does: '`/help`', ...forEverybody() },
}

function forEverybody() {
  return {
    keys: [],
    byDefault: 'everybody who can comment',
    where: 'where the comment stands',
    besides: '',
    lists: () => undefined,
    repositories: (): Repositories => {
      throw new Error('everybody may: no repository is asked')
    },
  }
}

/**
 * May this person do this, and who may? Pure: `person` is their standing as just read on the repositories concerned (`standingQuestion` asks for
 * everything that any right needs); undefined, somebody of whom nothing could be read, may nothing that not everybody may.
 */
export function mayDo<R extends Right>(right: R, person: PersonStanding | undefined, scene: Scenes[R]): RightAnswer {
  const rule: Rule<R> = RIGHTS[right]
  const lists = rule.lists(scene)
  if (lists === undefined) return { may: true, who: 'everybody' }
  const extra = rule.also?.(scene)
  const isListed = extra === undefined || lists.every((list) => isNamed(extra, list))
  const who = `${describeLists(lists)}${isListed ? '' : `; and ${extra}`}`
  if (person === undefined) return { may: false, who }
  const repositories = rule.repositories(scene)
  const [, why] = rule.excludes?.(scene).find(([login]) => isSame(login, person)) ?? []
  if (why !== undefined) return { may: false, who, excluded: `${person.login} ${why}` }
  const isExtra = isSame(extra, person) && hasAccess(person, repositories)
  return { may: isExtra || lists.every((list) => isOneOf(person, list, repositories)), who }
}

/** Whose approval is waited for. That they can write to a config repository which insists on approvals goes without saying here; refusals say it. */
export const describeApprovers = (environment: EnvironmentSettings): string =>
  describeLists(approverLists(environment).filter((list) => list !== WRITERS_OF_CONFIG))

/** Who may deploy, for `/help`. */
export const describeDeployers = (environment: EnvironmentSettings): string => describeLists(deployerLists(environment))

/** In words, those who are in each of the lists. A list that another one is a part of says nothing more. */
function describeLists(lists: readonly (readonly Principal[])[]): string {
  const names = lists.map((list) => new Set(list.map((principal) => JSON.stringify(principal))))
  const [first, ...others] = lists.filter((_, index) => {
    const own = names[index]
    return !names.some((other, at) => at !== index && isPart(other, own) && (at < index || !isPart(own, other)))
  })
  const described = describePrincipals(first)
  return others.length === 0
    ? described
    : `those of ${described} who are also among ${others.map(describePrincipals).join(' and among ')}`
}

const isPart = (some: ReadonlySet<string> | undefined, all: ReadonlySet<string> | undefined): boolean =>
  some !== undefined && all !== undefined && [...some].every((name) => all.has(name))

const isNamed = (login: string | undefined, list: readonly Principal[]): boolean =>
  list.some((principal) => principal.kind === 'user' && principal.login === login?.toLowerCase())

const isSame = (login: string | undefined, person: PersonStanding): boolean =>
  login?.toLowerCase() === person.login.toLowerCase()

/** Every principal on whom a right in this environment depends: whom to ask about when standings are read. */
export function everyPrincipal(
  environment: EnvironmentSettings,
  model: Pick<ModelSettings, 'overriders'>,
): readonly Principal[] {
  return [
    ...deployerLists(environment),
    ...approverLists(environment),
    ...lockerLists(environment),
    ...overriderLists(environment, model),
    modelOverriders(model),
    environment.force.by,
  ].flat()
}

/** Whether the config repository names teams or custom roles of its own, which a question put before its file was read could not ask about. */
export const insistsOnUnasked = ({ insisted }: EnvironmentSettings): boolean =>
  [insisted?.deployers, insisted?.approvers, insisted?.lockers, insisted?.overriders].some((list) =>
    list?.some((principal) => principal.kind === 'team' || isCustomRole(principal)),
  )

/** The waivers that do not count in an environment: whoever gave them is not, or no longer, among its overriders. Unknown is no. */
export const waiversNotAccepted = <Waiver extends { readonly by: string }>(
  waivers: readonly Waiver[],
  standings: ReadonlyMap<string, PersonStanding>,
  scene: SceneOf<'accept-waiver'>,
): readonly Waiver[] => waivers.filter(({ by }) => !mayDo('accept-waiver', standings.get(by), scene).may)

/** Whether any list of people in the file names this login. */
export function namesLogin({ models, environments, accepts }: RepoSettings, login: string): boolean {
  const lists = [
    ...[...models.values()].map(({ overriders }) => overriders),
    ...[...environments.values()].flatMap((each) => [
      each.deployers,
      each.approvers,
      each.lockers,
      each.overriders,
      each.force.by,
    ]),
    ...accepts
      .flatMap(({ require }) => [...require.values()])
      .flatMap((each) => [each.deployers, each.approvers, each.lockers, each.overriders]),
  ]
  return lists.some((list) => list !== undefined && isNamed(login, list))
}
