/** The last word on every edit: both texts are parsed, and must differ in exactly the values that were asked for. */
import { readValues } from './parse.ts'
import { formatPath } from './path.ts'
import type { Splice } from './scalars.ts'

/** What a place must hold after the edit: a string, an integer, or a new list item of strings. null: the key is gone. */
export type ExpectedValue = string | number | Readonly<Record<string, string>> | null

/** A splice, and the value that it is there for: which document, under which keys. */
export type Claim = {
  readonly splice: Splice
  readonly document: number
  readonly keys: readonly string[]
  readonly value: ExpectedValue
}

type Before = { readonly text: string; readonly values: readonly unknown[] }
type Wanted = { value?: ExpectedValue; readonly children: Map<string, Wanted> }

/**
 * Undefined when `after` is `before` with exactly the expected values, else what is different, for a refusal. Claims are in the order of the text.
 * The bytes outside the splices are compared too, so that a mistake in the splicing cannot hide behind equal values.
 */
export function disprove(before: Before, after: string, claims: readonly Claim[]): string | undefined {
  const splices = claims.map(({ splice }) => splice)
  const moved = firstMovedByte(before.text, after, splices)
  if (moved !== undefined) return moved
  if (isProvenAlone(before, after, claims)) return undefined
  const values = valuesOf(after)
  if (values === undefined) return 'the edited file would not parse'
  if (values.length !== before.values.length) return 'the number of documents would change'
  const difference = firstDifference(before.values, values, claims, after.includes('*'))
  return difference && `\`${formatPath(difference)}\` would not be as expected`
}

/**
 * Whether one document holds all edits and was proven by itself. A line of `---` ends whatever is open, so what is between two of them
 * is read the same with and without the rest of the file. Where more than its text makes it what it is (directives above it, a second
 * document behind `...` or a lone CR), it does not compare equal by itself, and all is read.
 */
function isProvenAlone(before: Before, after: string, claims: readonly Claim[]): boolean {
  const [first, last] = [claims[0], claims.at(-1)]
  if (first === undefined || last === undefined || claims.some(({ document }) => document !== first.document))
    return false
  const start = markerAbove(before.text, first.splice.start)
  const end = markerBelow(before.text, last.splice.end)
  if (start === 0 && end === before.text.length) return false
  const text = after.slice(start, end + after.length - before.text.length)
  const values = valuesOf(text)
  const alone = claims.map((claim) => ({ ...claim, document: 0 }))
  const own = [before.values[first.document]]
  return values?.length === 1 && firstDifference(own, values, alone, text.includes('*')) === undefined
}

/** Where the line `---` above the offset starts; 0 where there is none. */
function markerAbove(text: string, offset: number): number {
  let found = text.lastIndexOf('\n---', offset - 1)
  while (found > 0 && !isMarker(text, found)) found = text.lastIndexOf('\n---', found - 1)
  return found + 1
}

/** Where the next line `---` starts; the end of the text where there is none. */
function markerBelow(text: string, offset: number): number {
  let found = text.indexOf('\n---', offset)
  while (found >= 0 && !isMarker(text, found)) found = text.indexOf('\n---', found + 1)
  return found < 0 ? text.length : found + 1
}

function isMarker(text: string, lineBreak: number): boolean {
  return /^[ \t\r\n]?$/.test(text.charAt(lineBreak + 4))
}

function valuesOf(text: string): readonly unknown[] | undefined {
  try {
    return readValues(text)
  } catch {
    return undefined
  }
}

function firstDifference(
  before: readonly unknown[],
  after: readonly unknown[],
  claims: readonly Claim[],
  /** Aliases make two places share a value, or one hold itself. */
  mayShare: boolean,
): readonly string[] | undefined {
  const wanted = wantedTrees(claims)
  const seen = mayShare ? new Map<object, object>() : undefined
  for (const [index, value] of before.entries()) {
    const difference = compare(value, after[index], wanted.get(index), seen)
    if (difference !== undefined) return difference
  }
  return undefined
}

function firstMovedByte(before: string, after: string, splices: readonly Splice[]): string | undefined {
  let inBefore = 0
  let inAfter = 0
  for (const splice of [...splices, { start: before.length, end: before.length, text: '' }]) {
    const kept = before.slice(inBefore, splice.start)
    const edited = after.slice(inAfter + kept.length, inAfter + kept.length + splice.text.length)
    if (splice.start < inBefore || !after.startsWith(kept, inAfter) || edited !== splice.text) {
      return 'text outside the edited values would change'
    }
    inBefore = splice.end
    inAfter += kept.length + splice.text.length
  }
  return inAfter === after.length ? undefined : 'text outside the edited values would change'
}

function wantedTrees(claims: readonly Claim[]): Map<number, Wanted> {
  const trees = new Map<number, Wanted>()
  for (const { document, keys, value } of claims) {
    let node: Wanted = trees.get(document) ?? { children: new Map() }
    trees.set(document, node)
    for (const key of keys) {
      const child: Wanted = node.children.get(key) ?? { children: new Map() }
      node.children.set(key, child)
      node = child
    }
    node.value = value
  }
  return trees
}

/** The path of the first difference. `seen` holds pairs that are equal or being compared: aliases share and may form a cycle. */
function compare(
  before: unknown,
  after: unknown,
  wanted: Wanted | undefined,
  seen: Map<object, object> | undefined,
): readonly string[] | undefined {
  if (wanted?.value !== undefined) return isExpected(after, wanted.value) ? undefined : []
  if (!isCollection(before) || !isCollection(after)) {
    return wanted === undefined && Object.is(before, after) ? undefined : []
  }
  if (Array.isArray(before) !== Array.isArray(after)) return []
  if (wanted === undefined) {
    if (seen?.get(before) === after) return undefined
    seen?.set(before, after)
  }
  return compareEntries(before, after, wanted, seen)
}

/** Keys keep their order; the ones that the edit adds come in between, the ones that it takes out are skipped. */
function compareEntries(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  wanted: Wanted | undefined,
  seen: Map<object, object> | undefined,
): readonly string[] | undefined {
  const keys = Object.keys(before).filter((key) => wanted?.children.get(key)?.value !== null)
  let next = 0
  for (const key of Object.keys(after)) {
    const child = wanted?.children.get(key)
    if (key === keys[next]) {
      next++
      const difference = compare(before[key], after[key], child, seen)
      if (difference !== undefined) return [key, ...difference]
    } else if (child?.value === undefined || !isExpected(after[key], child.value)) return [key]
  }
  const lost = keys[next]
  return lost === undefined ? undefined : [lost]
}

function isExpected(after: unknown, value: ExpectedValue): boolean {
  if (value === null) return false
  if (typeof value !== 'object') return after === value
  if (!isCollection(after) || Array.isArray(after)) return false
  const keys = Object.keys(value)
  return Object.keys(after).length === keys.length && keys.every((key) => after[key] === value[key])
}

function isCollection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
