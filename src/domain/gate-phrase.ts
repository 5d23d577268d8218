/** How a gate is named in `/override`: a phrase that a comment shows and that, typed into another comment, means exactly that gate. Words and quotes: command.ts. */
import { createHash } from 'node:crypto'
import { closest } from './closest.ts'
import { canonicalMetricName } from './metric.ts'

const ID_PREFIX = 'gate:'
/** So much of a name a comment shows whole. */
const LONGEST = 120

/** Neither Markdown nor the parser of commands takes these for anything but themselves, between quotes. */
const QUOTABLE = /^(?!gate:)(?=\S)(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}._/:=+,%()@#* -])+(?<=\S)$/iu
const WORD = /^[\p{L}\p{N}][^\s(*]*$/u

/** `auc`, `"Share of drifted columns"`, or `gate:1f0c9a27` for a name that nobody could type: it holds quotes, Markdown, or more than is shown. */
export function gatePhrase(name: string): string {
  if (name.length > LONGEST || !QUOTABLE.test(name) || name.includes('  ')) return gateId(name)
  return WORD.test(name) ? name : `"${name}"`
}

/** Short, and of the name alone: the same in every comment. */
export const gateId = (name: string): string =>
  `${ID_PREFIX}${createHash('sha256').update(name).digest('hex').slice(0, 8)}`

type Named = { readonly name: string }

/** The gates that a phrase means: by their id, else of exactly this name, else of a name that differs in its spelling of slices or in case alone. */
export function gatesNamed<Gate extends Named>(phrase: string, gates: readonly Gate[]): readonly Gate[] {
  if (phrase.toLowerCase().startsWith(ID_PREFIX)) {
    return gates.filter(({ name }) => gateId(name) === phrase.toLowerCase())
  }
  const exact = gates.filter(({ name }) => name === phrase)
  if (exact.length > 0) return exact
  const meant = loose(phrase)
  return gates.filter(({ name }) => loose(name) === meant)
}

/** The phrase of the gate that was probably meant. */
export function closestGate(phrase: string, gates: readonly Named[]): string | undefined {
  const name = closest(
    phrase,
    gates.map((gate) => gate.name),
  )
  return name === undefined ? undefined : gatePhrase(name)
}

const loose = (name: string): string => canonicalMetricName(name).toLowerCase()
