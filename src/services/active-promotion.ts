/** Which promotion on its way `/approve` and `/cancel` mean. Used by approve-promotion.ts and cancel-promotion.ts. */
import type { SpokenCommand } from '../domain/command.ts'
import { UserError } from '../domain/failure.ts'
import { type EnvironmentKey, type History, isActive, type Promotion } from '../domain/promotion.ts'
import {
  type CommandPlace,
  didYouMean,
  environmentOf,
  modelOf,
  type Named,
  placeOf,
  sortWords,
} from './command-target.ts'
import type { ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'

export type Meant = {
  readonly place: CommandPlace
  readonly key: EnvironmentKey
  readonly history: History
  /** What is on its way there; undefined: nothing is. */
  readonly active: Promotion | undefined
}

/**
 * By the names; of this pull request's promotions the only one that they fit, or the one that this very command was about in an earlier run, before a
 * crash. Throws UserError `ambiguous`, `environment_unknown`, `usage`.
 */
export async function promotionMeant(
  command: CommandRecord,
  spoken: SpokenCommand,
  deps: ReadDeps,
  wasMeant: (promotion: Promotion) => boolean = () => false,
): Promise<Meant> {
  const place = await placeOf(command, deps)
  const named = sortWords(spoken.words, place)
  const { usage } = spoken
  const [strange] = named.rest
  if (strange !== undefined && (named.environment !== undefined || place.promotionOf !== undefined))
    throw new UserError(
      'usage',
      `\`${strange}\` is no environment and no model`,
      `${didYouMean(strange, [...place.settings.models.keys()])}Usage: \`${usage}\`.`,
    )
  const key = (await ofThread({ named, place, wasMeant }, deps)) ?? (await keyNamed(named, place, { usage, deps }))
  const history = await deps.ledger.history(key)
  return { place, key, history, active: history.find(isActive) }
}

type Naming = {
  readonly named: Named
  readonly place: CommandPlace
  readonly wasMeant: (promotion: Promotion) => boolean
}

async function ofThread({ named, place, wasMeant }: Naming, { ledger }: ReadDeps): Promise<EnvironmentKey | undefined> {
  const { modelRepository: repository, pullRequest, promotionOf } = place
  if (pullRequest === undefined || promotionOf !== undefined || named.rest.length > 0) return undefined
  const fitting = (await ledger.promotionsOfThread(repository, pullRequest)).filter(
    (promotion) =>
      promotion.environment === (named.environment ?? promotion.environment) &&
      promotion.model === (named.model ?? promotion.model),
  )
  const [active, another] = fitting.filter(isActive)
  const only = fitting.find(wasMeant) ?? (another === undefined ? active : undefined)
  if (only === undefined) return undefined
  const { model, environment } = only
  return { repository, model, environment }
}

type Spelling = { readonly usage: string; readonly deps: ReadDeps }

async function keyNamed(named: Named, place: CommandPlace, { usage, deps }: Spelling): Promise<EnvironmentKey> {
  const environment = environmentOf(named, place, usage)
  const model = await modelOf(named, place, { environment, deps })
  return { repository: place.modelRepository, model, environment }
}

/** For refusals: what became of the newest one there. */
export function nothingOnItsWay({ model, environment }: EnvironmentKey, [newest]: History): UserError {
  const last = newest === undefined ? '' : `; the last one, ${newest.label}, is ${newest.stage.at}`
  return new UserError(
    'nothing_to_do',
    `nothing is on its way to ${environment} for ${model}${last}`,
    `\`/status ${environment}\` says what is there.`,
  )
}
