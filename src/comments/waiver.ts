/** What `/override` answers; how a waived gate is shown: comparison-table.ts and comparison-outside.ts. */
import { gatePhrase } from '../domain/gate-phrase.ts'
import { type ModelName, shortSha } from '../domain/ids.ts'
import type { WaivedGate } from '../domain/judged-gates.ts'
import { code, plain } from './markdown.ts'

/** `auc churn`: as it is typed, with the model wherever several are compared. */
const gateWords = (gate: string, model: ModelName | undefined): string =>
  model === undefined ? gatePhrase(gate) : `${gatePhrase(gate)} ${model}`

const NAME_LENGTH = 120
const REASON_LENGTH = 500

type Told = WaivedGate & {
  /** Several models are compared, so that commands name theirs. */
  readonly isOneOfSeveral: boolean
}

/** A gate that is waived from now on. */
export function renderWaived({ isOneOfSeveral, ...waived }: Told): string {
  const { gate, model, headSha, reason } = waived
  const revoke = `/override --revoke ${gateWords(gate, isOneOfSeveral ? model : undefined)}`
  return [
    `⚠️ **Waived** for ${code(shortSha(headSha))} alone: ${code(gate, NAME_LENGTH)} of ${code(model)}, because: ${plain(reason, REASON_LENGTH)}`,
    `The check run is judged again by itself; a new commit needs a new waiver. To take it back: ${code(revoke, 2 * NAME_LENGTH)}.`,
  ].join('\n')
}

/** Somebody was faster, or did it before. */
export function renderWaivedBefore({ gate, model, by, reason, headSha }: WaivedGate): string {
  return `${code(gate, NAME_LENGTH)} of ${code(model)} is waived for ${code(shortSha(headSha))} already, by ${code(by)}: ${plain(reason, REASON_LENGTH)}`
}

export function renderRevoked(
  { gate, model, headSha }: Pick<WaivedGate, 'gate' | 'model' | 'headSha'>,
  isRevoked: boolean,
): string {
  const what = `${code(gate, NAME_LENGTH)} of ${code(model)}`
  return isRevoked
    ? `${what} counts again for ${code(shortSha(headSha))}: its waiver is taken back, and the check run is judged again by itself.`
    : `${what} was not waived for ${code(shortSha(headSha))}: there is nothing to take back.`
}
