/** The last word on every edit: both texts are parsed, and must differ in exactly the values that were asked for. */
import { readValues } from './parse.ts'
import { formatPath } from './path.ts'
import type { Splice } from './scalars.ts'

/** What a place must hold after the edit: a string, an integer, or a new list item of strings. */
export type ExpectedValue = string | number | Readonly<Record<string, string>>

/** A value that must be there after the edit: which document, under which keys. */
export type Expected = { readonly document: number; readonly keys: readonly string[]; readonly value: ExpectedValue }

type Wanted = { value?: ExpectedValue; readonly children: Map<string, Wanted> }

/**
 * Undefined when `after` is `before` with exactly the expected values, else what is different, for a refusal.
 * The bytes outside the splices are compared too, so that a mistake in the splicing cannot hide behind equal values.
 */
export function disprove(
  before: { readonly text: string; readonly values: readonly unknown[] },
  after: string,
  claim: { readonly splices: readonly Splice[]; readonly expected: readonly Expected[] },
): string | undefined {
  const moved = firstMovedByte(before.text, after, claim.splices)
  if (moved !== undefined) return moved
  let values: readonly unknown[]
  try {
    values = readValues(after)
  } catch {
    return 'the edited file would not parse'
  }
  if (values.length !== before.values.length) return 'the number of documents would change'
  const wanted = wantedTrees(claim.expected)
  // No alias without a star, and without aliases nothing is shared.
  const seen = after.includes('*') ? new Map<object, object>() : undefined
  for (const [index, value] of before.values.entries()) {
    const difference = compare(value, values[index], wanted.get(index), seen)
    if (difference !== undefined) return `\`${formatPath(difference)}\` would not be as expected`
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

function wantedTrees(expected: readonly Expected[]): Map<number, Wanted> {
  const trees = new Map<number, Wanted>()
  for (const { document, keys, value } of expected) {
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

/** Keys keep their order; the ones that the edit adds come in between. */
function compareEntries(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  wanted: Wanted | undefined,
  seen: Map<object, object> | undefined,
): readonly string[] | undefined {
  const keys = Object.keys(before)
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
  if (typeof value !== 'object') return after === value
  if (!isCollection(after) || Array.isArray(after)) return false
  const keys = Object.keys(value)
  return Object.keys(after).length === keys.length && keys.every((key) => after[key] === value[key])
}

function isCollection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
