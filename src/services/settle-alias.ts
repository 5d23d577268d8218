/** Moves the registry alias to what is live, and back with a rollback: read, remembered, set, read again. Whose it is: src/domain/alias-move.ts. */
import { type AliasPlace, decideAlias, effective, movesOf } from '../domain/alias-move.ts'
import { UserError } from '../domain/failure.ts'
import type { AliasMove, History, Promotion, Stage } from '../domain/promotion.ts'
import { type Release, releaseLabel } from '../domain/release.ts'
import type { Deps } from './deps.ts'
import { releaseOf, type Target } from './promotion-context.ts'

const RETRY_MS = 60_000
const MOST_TRIES = 5

export type Settled = {
  readonly promotion: Promotion
  /** When it is asked for again, while the registry shows another version than the one that it took. */
  readonly again: Date | undefined
}

/** Safe to repeat: an alias is set, not added, and what it was before is saved first. Costs nothing once it is settled. Throws SystemUnavailable. */
export async function settleAlias(
  promotion: Promotion,
  { history, target }: { readonly history: History; readonly target: Target },
  deps: Deps,
): Promise<Settled> {
  const alias = target.environment.onVerified.mlflowAlias
  const { stage } = promotion
  if (stage.at !== 'verified' || alias === undefined || isSettled(stage)) return { promotion, again: undefined }
  const release = await releaseOf(promotion, deps)
  // A head that is not merged is nobody's champion, whatever the configuration says by now.
  if (release?.origin === 'pull_request') return { promotion, again: undefined }
  const before = history.filter(({ id }) => id !== promotion.id)
  const wish = wishOf({ promotion, alias, release, before }, target)
  if (typeof wish === 'string') return { promotion: told(promotion, wish), again: undefined }
  const { server, model } = wish.place
  const permit = deps.mayUse(promotion.repository, { kind: 'mlflow', server, model })
  if (!permit.allowed)
    return { promotion: told(promotion, `alias ${alias} not moved: ${permit.message}`), again: undefined }
  try {
    return await follow(promotion, wish, deps)
  } catch (error) {
    // An MLflow that says no will say no again; the rollout itself is proven.
    if (!(error instanceof UserError)) throw error
    return { promotion: told(promotion, `alias ${alias} not moved: ${refusal(error)}`), again: undefined }
  }
}

const refusal = ({ message, code }: UserError): string => `${message} (\`${code}\`)`

type Verified = Extract<Stage, { readonly at: 'verified' }>

const isSettled = ({ alias, move }: Verified): boolean => alias !== undefined && move?.tries === undefined

/** With what is told of its alias; a move that did not show is forgotten. */
function told(promotion: Promotion, alias: string, move?: AliasMove): Promotion {
  const { stage } = promotion
  if (stage.at !== 'verified') throw new Error('only what is verified moves an alias')
  return { ...promotion, stage: { ...stage, alias, move } }
}

type Wish = {
  readonly place: AliasPlace
  /** Those before it, newest first. */
  readonly begun: readonly AliasMove[]
  /** What is live; undefined: what was found there. */
  readonly live: { readonly version: string; readonly label: string } | undefined
}

type Asked = {
  readonly promotion: Promotion
  readonly alias: string
  readonly release: Release | undefined
  readonly before: History
}

/** Where it should be; words where nothing is to be asked. */
function wishOf({ promotion, alias, release, before }: Asked, { model }: Target): Wish | string {
  const registry = model.release.model?.registry
  const server = registry?.server ?? 'default'
  const registered = release?.registeredModel ?? registry?.name
  const place = registered === undefined ? undefined : { server, model: registered, alias }
  const begun = place === undefined ? [] : movesOf(before, place)
  // Of a rollback nothing is put back that never was moved.
  if (promotion.kind === 'rollback' && begun.length === 0) return `alias ${alias} untouched`
  if (place === undefined || (release !== undefined && release.modelVersion === undefined))
    return `alias ${alias} not moved: the release has no registered version`
  const live =
    release?.modelVersion === undefined ? undefined : { version: release.modelVersion, label: releaseLabel(release) }
  return { place, begun, live }
}

async function follow(promotion: Promotion, { place, begun: before, live }: Wish, deps: Deps): Promise<Settled> {
  const { stage, kind } = promotion
  if (stage.at !== 'verified') throw new Error('only what is verified moves an alias')
  const { server, model, alias } = place
  const at = (await deps.mlflow.version(server, model, { by: 'alias', alias }))?.version
  const now = at === undefined ? 'nowhere' : `at version ${at}`
  const moves = effective(before, at)
  const to = live === undefined ? moves.at(-1)?.from : live.version
  const begun = stage.move
  const answer = decideAlias({ kind, moves, begun, to, at })
  const done = (words: string, move?: AliasMove): Settled => ({
    promotion: told(promotion, words, move),
    again: undefined,
  })
  if (kind === 'rollback' && moves.length === 0) return done(`alias ${alias} untouched`)
  if (to === undefined || answer === 'unknown')
    return done(`alias ${alias} left ${now}: which version had it before is not known`)
  if (answer === 'theirs') return done(`alias ${alias} left ${now}, where somebody else has put it`)
  const shown = (from: string | undefined): AliasMove => ({ ...place, from, to })
  const from = begun === undefined ? at : begun.from
  const words = `alias ${alias} → ${live?.label ?? `version ${to}, as found`}`
  if (answer === 'there') return done(words, shown(from))
  const intent = { ...shown(from), tries: begun?.tries ?? 0 }
  const saved = await deps.ledger.savePromotion(told(promotion, `${words} is asked for`, intent))
  const refused = await set(intent, deps)
  if (refused === undefined) {
    const taken = answer === 'taken' ? ` (it was ${now}, where somebody else had put it)` : ''
    return { promotion: told(saved, `${words}${taken}`, shown(from)), again: undefined }
  }
  if (refused !== NOT_SHOWN) return { promotion: told(saved, `alias ${alias} not moved: ${refused}`), again: undefined }
  return askAgain(saved, intent, deps)
}

/** MLflow took it, and shows another version. */
function askAgain(promotion: Promotion, move: AliasMove & { readonly tries: number }, { clock }: Deps): Settled {
  const tries = move.tries + 1
  const lost = `the registry took it ${tries === 1 ? 'once' : `${tries} times`} and still shows another version`
  if (tries >= MOST_TRIES)
    return { promotion: told(promotion, `alias ${move.alias} not moved: ${lost}`), again: undefined }
  const words = `alias ${move.alias} not moved yet: ${lost}; it is asked again`
  const again = new Date(clock.now().getTime() + RETRY_MS * tries)
  return { promotion: told(promotion, words, { ...move, tries }), again }
}

const NOT_SHOWN = 'not shown'

/** undefined: the registry shows it. Else its refusal, which it would repeat. */
async function set({ server, model, alias, to }: AliasMove, { mlflow }: Deps): Promise<string | undefined> {
  try {
    await mlflow.setAlias(server, model, alias, to)
    return undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return error.code === 'write_conflict' ? NOT_SHOWN : refusal(error)
  }
}
