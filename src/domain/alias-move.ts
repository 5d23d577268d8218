/**
 * Whose a registry alias is, and whether it follows. What was just promoted and proven takes it, since the configuration says so;
 * a way back puts it back only from where Lockkeeper had put it. Carried out by src/services/settle-alias.ts.
 */
import type { AliasMove, History, Promotion } from './promotion.ts'

export type AliasPlace = Pick<AliasMove, 'server' | 'model' | 'alias'>

/** The moves of the alias that were begun, newest first. Which of them took effect, `effective` says. */
export function movesOf(history: History, place: AliasPlace): readonly AliasMove[] {
  return history.flatMap((promotion) => moveOf(promotion, place) ?? [])
}

function moveOf({ stage, label }: Promotion, place: AliasPlace): AliasMove | undefined {
  if (stage.at !== 'verified') return undefined
  const { move, alias } = stage
  // Earlier versions kept only the words.
  if (move === undefined)
    return alias === `alias ${place.alias} → ${label}` ? { ...place, from: undefined, to: label.slice(1) } : undefined
  const isSame = move.server === place.server && move.model === place.model && move.alias === place.alias
  return isSame ? move : undefined
}

/** Those that were seen to take effect, and what was asked for and not looked at again, where the alias is `at` just that: a bot that was killed, or whatever was verified next, came in between. */
export const effective = (moves: readonly AliasMove[], at: string | undefined): readonly AliasMove[] =>
  moves.filter(({ tries, to }) => tries === undefined || to === at)

export type AliasQuestion = {
  readonly kind: Promotion['kind']
  /** The effective moves before this one, newest first. */
  readonly moves: readonly AliasMove[]
  /** That of this promotion, where it was begun and does not show yet. */
  readonly begun: AliasMove | undefined
  /** The version that it should be at; undefined: none is known. */
  readonly to: string | undefined
  /** The version that it is at; undefined: it points nowhere. */
  readonly at: string | undefined
}

/** `taken`: from where somebody else had put it. `theirs`: it is left where somebody else put it. `unknown`: nothing is known to have had it before. */
export type AliasAnswer = 'there' | 'move' | 'taken' | 'theirs' | 'unknown'

export function decideAlias({ kind, moves, begun, to, at }: AliasQuestion): AliasAnswer {
  if (to === undefined) return 'unknown'
  if (at === to) return 'there'
  if (begun !== undefined) return at === begun.from ? 'move' : 'theirs'
  const [last] = moves
  const isOurs = last === undefined || at === last.to
  if (kind === 'promotion') return isOurs ? 'move' : 'taken'
  return isOurs ? 'move' : 'theirs'
}
