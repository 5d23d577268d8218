/** Which gate of which model an `/override` means, among those that the check run of the pull request shows. Part of override-gate.ts. */
import type { SpokenCommand } from '../domain/command.ts'
import { UserError } from '../domain/failure.ts'
import { closestGate, gatePhrase, gatesNamed } from '../domain/gate-phrase.ts'
import type { ModelName } from '../domain/ids.ts'
import type { JudgedModel, NamedGate } from '../domain/judged-gates.ts'
import { notWaivable, type PinnedComparison } from './pin-comparison.ts'

export type SoughtGate = {
  readonly gate: NamedGate
  readonly model: ModelName
  /** The words after gate and model. */
  readonly rest: readonly string[]
}

const LISTED = 8

/** Throws UserError `usage`, `gate_unknown`, `ambiguous` and, where nothing was judged that could be meant, `not_waivable`. */
export function soughtGate({ words, usage }: SpokenCommand, { judged, number }: PinnedComparison): SoughtGate {
  const [phrase, second, ...others] = words
  if (phrase === undefined || phrase.trim() === '') {
    throw new UserError('usage', 'which gate?', `${listOf(judged)}Usage: \`${usage}\`.`)
  }
  const named = judged.find(({ model }) => model === second?.toLowerCase())
  const rest = named === undefined ? words.slice(1) : others
  const among = named === undefined ? judged : [named]
  const found = among.flatMap(({ model, gates }) => gatesNamed(phrase, gates).map((gate) => ({ gate, model, rest })))
  const failing = found.filter(({ gate }) => gate.verdict !== 'pass')
  // Of several models that have the gate, the one where it fails is meant.
  const meant = failing.length > 0 ? failing : found
  const [only] = meant
  if (only !== undefined && (meant.length === 1 || failing.length === 0)) return only
  if (only === undefined) throw unknown(words, { among, number })
  const commands = meant.map(({ gate, model }) => `\`${gatePhrase(gate.name)} ${model}\``)
  throw new UserError(
    'ambiguous',
    `${code(phrase)} is ${meant.length} gates`,
    `Name one of them, with its model: ${commands.slice(0, LISTED).join(', ')}.`,
  )
}

/** Only what fails the check run can be waived. */
export function refuseUnlessFailing({ gate, model }: SoughtGate, { headSha }: PinnedComparison): void {
  const name = `${code(gate.name)} of ${model}`
  const at = `\`${headSha.slice(0, 7)}\``
  if (gate.verdict === 'pass') throw notWaivable(`${name} passes at ${at}`, 'There is nothing to waive.')
  if (gate.verdict === 'pending')
    throw notWaivable(
      `${name} is not judged yet at ${at}`,
      'Wait for the check run, and repeat the command if it fails.',
    )
  if (!gate.required)
    throw notWaivable(`${name} is not required, so that nothing fails for it`, 'There is nothing to waive.')
}

type Sought = { readonly among: readonly JudgedModel[]; readonly number: number }

function unknown(words: readonly string[], { among, number }: Sought): UserError {
  const [phrase = ''] = words
  const problem = among.find((each) => each.problem !== undefined)
  const gates = among.flatMap((each) => each.gates)
  if (problem?.problem !== undefined && gates.length === 0) {
    return notWaivable(
      `the gates of ${problem.model} are not judged: ${problem.problem}`,
      'What nobody could judge is not waived: `/deploy … --force` may pass it by, where the environment allows that.',
    )
  }
  const typed = words.join(' ').toLowerCase()
  const unquoted = gates.find(({ name }) => name.includes(' ') && typed.startsWith(name.toLowerCase()))
  const meant = unquoted === undefined ? closestGate(phrase, gates) : gatePhrase(unquoted.name)
  const suggestion = meant === undefined ? '' : `Did you mean \`${meant}\`? `
  return new UserError(
    'gate_unknown',
    `pull request ${number} has no gate ${code(phrase)}`,
    `${suggestion}${listOf(among)}`.trim(),
  )
}

/** `Failing: auc, "f1/segment=*". ` */
function listOf(judged: readonly JudgedModel[]): string {
  const failing = judged.flatMap(({ model, gates }) =>
    gates
      .filter(({ verdict, required }) => required && (verdict === 'fail' || verdict === 'missing'))
      .map(({ name }) => `\`${gatePhrase(name)}${judged.length > 1 ? ` ${model}` : ''}\``),
  )
  if (failing.length === 0) return 'No gate fails. '
  const more = failing.length > LISTED ? ` and ${failing.length - LISTED} more` : ''
  return `Failing: ${failing.slice(0, LISTED).join(', ')}${more}. `
}

/** In a sentence; what people typed must not end the code that it stands in. */
const code = (name: string): string => `\`${name.replaceAll('`', "'")}\``
