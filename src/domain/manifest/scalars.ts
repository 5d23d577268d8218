/** A new scalar in the old scalar's style, and the place in the text where it goes. proof.ts checks the result. */
import { CORE_SCHEMA, load, SCALAR_STYLE, type ScalarStyle, type Schema, YAML11_SCHEMA } from 'js-yaml'
import { blockReplacement } from './block-scalar.ts'
import { isBlock, isInFlow, isQuoted, type ManifestNode, type ScalarNode, scalarText, startOf } from './tree.ts'

/** Replace `text.slice(start, end)` by `text`. */
export type Splice = {
  readonly start: number
  readonly end: number
  readonly text: string
  /** What goes between it and another one at the same place. */
  readonly joint?: string
}

/** Readers in this field use YAML 1.2 (`1e3` is a number) and YAML 1.1 (`yes` is a boolean): a plain scalar must be a string to both. */
const SCHEMAS: readonly Schema[] = [CORE_SCHEMA, YAML11_SCHEMA]

/** Characters that must not, or should not silently, stand in a file: controls, line breaks, invisible and direction-changing ones. */
const NEEDS_ESCAPE = /[\p{Cc}\p{Cf}\p{Cn}\ufffd]|[^\S ]/u
const ESCAPED = /["\\\p{Cc}\p{Cf}\p{Cn}\ufffd]|[^\S ]/gu
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** `value` as YAML source that every reader takes for that string. Keeps `style` where it can hold the value, else quotes. */
export function renderScalar(value: string, as: { readonly style: ScalarStyle; readonly inFlow: boolean }): string {
  if (NEEDS_ESCAPE.test(value)) return doubleQuoted(value)
  if (as.style === SCALAR_STYLE.SINGLE_QUOTED) return singleQuoted(value)
  if (as.style === SCALAR_STYLE.DOUBLE_QUOTED) return doubleQuoted(value)
  if (isSafePlain(value, as)) return value
  return /["\\]/.test(value) ? singleQuoted(value) : doubleQuoted(value)
}

/** Whether `value` without quotes is that string to every reader, in block or flow context. */
function isSafePlain(value: string, as: { readonly inFlow: boolean }): boolean {
  if (value === '' || value === '=' || value === '<<' || NEEDS_ESCAPE.test(value) || looksNumeric(value)) return false
  const contexts = as.inFlow ? [`[${value}]`, `{k: ${value}}`] : [`k: ${value}\n`, `- ${value}\n`]
  return SCHEMAS.every((schema) => contexts.every((context) => holdsOnly(context, value, schema)))
}

/** Where and how to write `value` in place of the scalar; for a block scalar that cannot hold it in its own shape, why. */
export function replacement(text: string, node: ScalarNode, value: string): Splice | string {
  const { event } = node
  if (isBlock(event)) return blockReplacement(text, node, value)
  const quote = isQuoted(event) ? 1 : 0
  const rendered = renderScalar(value, { style: event.style, inFlow: isInFlow(node) })
  return { start: event.valueStart - quote, end: event.valueEnd + quote, text: rendered }
}

/** Gives `key:` its first value, right behind the colon or the key's anchor or tag; undefined where the key has no colon of its own. */
export function fillEmpty(text: string, key: ManifestNode, node: ScalarNode, value: string): Splice | undefined {
  const colon = colonAfter(text, key)
  if (colon === undefined) return undefined
  const start = Math.max(colon + 1, node.event.anchorEnd, node.event.tagEnd)
  const rendered = renderScalar(value, { style: SCALAR_STYLE.PLAIN, inFlow: isInFlow(node) })
  return { start, end: start, text: ` ${rendered}` }
}

/** Whether the scalar already is the string `value`, to every reader. `tag: 11` is not the string "11". */
export function isAlready(text: string, node: ScalarNode, value: string): boolean {
  if (scalarText(text, node) !== value) return false
  if (node.event.style !== SCALAR_STYLE.PLAIN) return true
  return node.event.tagStart >= 0 ? isStringTag(tagOf(text, node)) : isSafePlain(value, { inFlow: isInFlow(node) })
}

/** The explicit tag as written, undefined without one. */
export function tagOf(text: string, node: ScalarNode): string | undefined {
  return node.event.tagStart < 0 ? undefined : text.slice(node.event.tagStart, node.event.tagEnd)
}

/** Whether a tag says "string". */
export function isStringTag(tag: string | undefined): boolean {
  return tag === '!!str' || tag === '!' || tag === '!<tag:yaml.org,2002:str>'
}

/** The text with every splice done. They must not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = []
  let position = 0
  for (const splice of splices) {
    parts.push(text.slice(position, splice.start), splice.text)
    position = splice.end
  }
  // Joined, not added up: V8 keeps a sum as a rope, and parsing that takes twice as long.
  return [...parts, text.slice(position)].join('')
}

function colonAfter(text: string, key: ManifestNode): number | undefined {
  if (key.kind !== 'scalar' || startOf(key) < 0) return undefined
  let position = key.event.valueEnd + (isQuoted(key.event) ? 1 : 0)
  while (text[position] === ' ' || text[position] === '\t') position++
  return text[position] === ':' ? position : undefined
}

function holdsOnly(context: string, value: string, schema: Schema): boolean {
  try {
    const parsed = load(context, { schema })
    const held: unknown[] = typeof parsed === 'object' && parsed !== null ? Object.values(parsed) : []
    return held.length === 1 && held[0] === value
  } catch {
    return false
  }
}

/** Numbers to some reader: Go's also drop `_` anywhere and know `0b` and leading zeros. */
function looksNumeric(value: string): boolean {
  const bare = value.replaceAll('_', '').replace(/^[-+]/, '')
  return bare !== '' && !Number.isNaN(Number(bare))
}

function singleQuoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function doubleQuoted(value: string): string {
  return `"${value.replace(ESCAPED, escapeCharacter)}"`
}

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES[character]
  if (short !== undefined) return short
  const code = character.codePointAt(0) ?? 0
  if (code > 0xffff) return `\\U${code.toString(16).padStart(8, '0')}`
  return code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`
}
