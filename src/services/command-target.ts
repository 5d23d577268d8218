/** Which model, environment and release the words of a command mean. More than one possibility is refused with the list, never guessed. */
import { closest } from '../domain/closest.ts'
import { UserError } from '../domain/failure.ts'
import {
  type EnvironmentName,
  type ModelName,
  parseEnvironmentName,
  parseModelName,
  type RepoName,
} from '../domain/ids.ts'
import { completed, isDelicate, isReleaseLike } from '../domain/name-prefix.ts'
import type { EnvironmentKey } from '../domain/promotion.ts'
import { releaseLabel } from '../domain/release.ts'
import type { RepoSettings } from '../domain/settings.ts'
import type { ReadDeps } from './deps.ts'
import type { CommandRecord, ReleaseRecord } from './ledger.ts'
import { knownSettings } from './repo-settings.ts'

/** Where a comment stands: on a model pull request, on a promotion pull request (then model and environment are given by it), or on an operations issue. */
export type CommandPlace = {
  /** On an operations issue of a config repository, that one. */
  readonly modelRepository: RepoName
  readonly settings: RepoSettings
  readonly isIssue: boolean
  /** The model pull request; undefined on a promotion pull request of a direct push, and on an issue. */
  readonly pullRequest: number | undefined
  readonly promotionOf: EnvironmentKey | undefined
}

export async function placeOf(command: CommandRecord, deps: ReadDeps): Promise<CommandPlace> {
  if (command.issue !== undefined) {
    const settings = await knownSettings(command.repository, deps)
    const nothing = { pullRequest: undefined, promotionOf: undefined }
    return { modelRepository: command.repository, settings, isIssue: true, ...nothing }
  }
  const promotion = await deps.ledger.promotionOfPullRequest(command.pullRequestNumber, command.repository)
  const modelRepository = promotion?.repository ?? command.repository
  const settings = await knownSettings(modelRepository, deps)
  return {
    modelRepository,
    settings,
    isIssue: false,
    pullRequest: promotion === undefined ? command.pullRequestNumber : promotion.thread,
    promotionOf: promotion,
  }
}

/** The words of a command sorted into what they name. `rest` is what is neither an environment nor a model. */
export type Named = {
  readonly environment: EnvironmentName | undefined
  readonly model: ModelName | undefined
  readonly rest: readonly string[]
}

/**
 * Which unique beginnings of names are taken for them, never of what may name a release. `any`: the command changes nothing. `safe`: not where a mistake would
 * do harm. `none`: free text follows.
 */
export type Beginnings = 'any' | 'safe' | 'none'

export function sortWords(
  words: readonly string[],
  place: Pick<CommandPlace, 'settings' | 'promotionOf'>,
  beginnings: Beginnings = 'safe',
): Named {
  const whole = sortWhole(words, place.settings)
  const shortened = { environment: whole.environment, model: whole.model }
  const rest: string[] = []
  for (const word of whole.rest) {
    const found = lengthened(word, shortened, { ...place, beginnings })
    if (found === undefined) rest.push(word)
    else Object.assign(shortened, found)
  }
  return { ...shortened, rest }
}

function sortWhole(words: readonly string[], settings: RepoSettings): Named {
  let environment: EnvironmentName | undefined
  let model: ModelName | undefined
  const rest: string[] = []
  for (const word of words) {
    const asEnvironment = parseEnvironmentName(word)
    const asModel = parseModelName(word)
    if (environment === undefined && asEnvironment !== undefined && settings.environments.has(asEnvironment))
      environment = asEnvironment
    else if (model === undefined && asModel !== undefined && settings.models.has(asModel)) model = asModel
    else rest.push(word)
  }
  return { environment, model, rest }
}

type Shortening = Pick<CommandPlace, 'settings' | 'promotionOf'> & { readonly beginnings: Beginnings }

/** The environment or model that a beginning stands for; undefined where it stands for none, for several, or must be written in full. */
function lengthened(
  word: string,
  named: Pick<Named, 'environment' | 'model'>,
  { settings, promotionOf, beginnings }: Shortening,
): Pick<Named, 'environment'> | Pick<Named, 'model'> | undefined {
  if (beginnings === 'none' || isReleaseLike(word)) return undefined
  const meant = completed(word, [...settings.environments.keys(), ...settings.models.keys()])
  const environment = [...settings.environments.keys()].find((name) => name === meant)
  const model = [...settings.models.keys()].find((name) => name === meant)
  const chains = [...settings.models.values()].map(({ environments }) => environments)
  const mayShorten = (name: EnvironmentName | undefined): boolean => {
    const known = name === undefined ? undefined : settings.environments.get(name)
    return beginnings === 'any' || (known !== undefined && !isDelicate(known, chains))
  }
  if (environment !== undefined && named.environment === undefined)
    return mayShorten(environment) ? { environment } : undefined
  if (model === undefined || named.model !== undefined) return undefined
  return mayShorten(named.environment ?? promotionOf?.environment) ? { model } : undefined
}

/** `Did you mean …? ` of the nearest of these names; empty when none is near. */
export function didYouMean(typed: string | undefined, names: readonly string[]): string {
  const meant = typed === undefined ? undefined : (closest(typed, names) ?? completed(typed, names))
  return meant === undefined ? '' : `Did you mean \`${meant}\`? `
}

/** The environment meant: named, or the promotion pull request's own. Throws UserError `environment_unknown` with the list. */
export function environmentOf(named: Named, place: CommandPlace, usage: string): EnvironmentName {
  // A word that names nothing may have been meant as another environment than the promotion's own.
  const own = named.rest.length === 0 ? place.promotionOf?.environment : undefined
  const environment = named.environment ?? own
  if (environment !== undefined) return environment
  const known = [...place.settings.environments.keys()]
  const only = known[0]
  if (known.length === 1 && only !== undefined && named.rest.length === 0) return only
  const typed = named.rest[0]
  const message = typed === undefined ? 'which environment?' : `there is no environment or model \`${typed}\``
  throw new UserError(
    typed === undefined ? 'ambiguous' : 'environment_unknown',
    message,
    `${didYouMean(typed, [...known, ...place.settings.models.keys()])}Environments: ${known.join(', ')}. Usage: \`${usage}\`.`,
  )
}

export type ModelQuestion = {
  readonly environment: EnvironmentName
  readonly deps: ReadDeps
  /** What a pull request touches that has not released anything yet. */
  readonly touched?: readonly ModelName[] | undefined
}

/** The model meant: named, the promotion's own, or the only one that this pull request released into this environment. */
export async function modelOf(
  named: Named,
  place: CommandPlace,
  { environment, deps, touched: changed }: ModelQuestion,
): Promise<ModelName> {
  const given = named.model ?? place.promotionOf?.model
  const untouched = given === undefined ? changed?.length === 0 : changed?.includes(given) === false
  if (untouched) {
    const what = given === undefined ? 'no model' : `nothing of ${given}`
    const paths = 'Comment on a pull request that changes the paths of the model.'
    throw new UserError('no_release', `pull request ${place.pullRequest} touches ${what}`, paths)
  }
  const models = [...place.settings.models.values()]
  if (given !== undefined) {
    const known = models.find(({ name }) => name === given)?.environments ?? []
    if (known.includes(environment)) return given
    const hint = `It has: ${known.join(', ') || 'none'}.`
    throw new UserError('environment_unknown', `\`${given}\` has no environment \`${environment}\``, hint)
  }
  const deployable = models.filter((model) => model.environments.includes(environment)).map(({ name }) => name)
  const released =
    place.pullRequest === undefined || changed !== undefined
      ? []
      : await deps.ledger.releasesOf({ repository: place.modelRepository, pullRequest: place.pullRequest })
  const touched = [...new Set(changed ?? released.map(({ model }) => model))].filter((model) =>
    deployable.includes(model),
  )
  const candidates = touched.length > 0 ? touched : deployable
  const only = candidates[0]
  if (candidates.length === 1 && only !== undefined) return only
  throw new UserError(
    'ambiguous',
    `which model? ${candidates.join(', ')} can go to ${environment}`,
    `Name it after the environment: \`${environment} ${candidates[0] ?? '<model>'}\`.`,
  )
}

export type Among = {
  /** Why a head that was not merged cannot be meant; absent: it can. */
  readonly notHead?: (head: ReleaseRecord) => UserError
  /** Where some of those that the text fits are these, the others are not meant. */
  readonly rather?: (record: ReleaseRecord) => boolean
  /** Names of models, for "did you mean". */
  readonly models?: Iterable<string>
}

/** The release that `text` names: its id, a commit (at least 7 digits) or a version (`12`, `v12`). Throws UserError `release_unknown`. */
export async function namedRelease(
  text: string,
  key: Pick<EnvironmentKey, 'repository' | 'model'>,
  { ledger }: ReadDeps,
  { notHead, rather = () => false, models = [] }: Among = {},
): Promise<ReleaseRecord> {
  const wanted = text.toLowerCase()
  const all = await ledger.releasesOf({ repository: key.repository, model: key.model })
  const records = notHead === undefined ? all : all.filter(({ origin }) => origin !== 'pull_request')
  const fitting = records.filter((record) => isNamed(record, wanted))
  const preferred = fitting.filter(rather)
  const matches = preferred.length > 0 ? preferred : fitting
  const head = matches.length === 0 ? all.find((record) => isNamed(record, wanted)) : undefined
  if (head !== undefined && notHead !== undefined) throw notHead(head)
  const only = matches[0]
  if (matches.length === 1 && only !== undefined) return only
  const known = records
    .flatMap(({ state }) => (state.kind === 'complete' ? [releaseLabel(state.release)] : []))
    .slice(0, 8)
  const message =
    matches.length > 1
      ? `\`${text}\` could be ${matches.length} releases`
      : `there is no release \`${text}\` of ${key.model}`
  throw new UserError(
    matches.length > 1 ? 'ambiguous' : 'release_unknown',
    message,
    `${didYouMean(text, [...models])}${known.length === 0 ? 'No release was made yet.' : `Known releases: ${known.join(', ')}.`}`,
  )
}

function isNamed({ commit, pullRequest, state }: ReleaseRecord, wanted: string): boolean {
  const isCommit = /^[0-9a-f]{7,64}$/.test(wanted)
  if (isCommit && (commit.startsWith(wanted) || pullRequest?.headSha.startsWith(wanted))) return true
  if (state.kind !== 'complete') return false
  const { id, modelVersion } = state.release
  return id === wanted || (modelVersion !== undefined && (wanted === modelVersion || wanted === `v${modelVersion}`))
}
