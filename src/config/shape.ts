/** A document against its schema: every issue that zod finds, in words a person can act on and at the place where it stands. */
import type * as z from 'zod'
import { closest } from '../domain/closest.ts'
import { quoted } from './key-types.ts'
import { keysOf, mannersOf, type Schema, schemaAt, unwrap } from './schema-walk.ts'
import type { Finding } from './yaml-document.ts'
import { type KeyPath, locate, offsetInScalar, plainValue, type YamlNode } from './yaml-node.ts'

/** More than anybody reads, and a bound on the work for a hostile file. */
const MAX_ISSUES = 200

type Issue = z.core.$ZodIssue

export type Shape<Output> = { readonly document: Output | undefined; readonly findings: readonly Finding[] }

/** Checks the whole document. `document` is undefined when anything is wrong. */
export function checkShape<Output>(schema: z.ZodType<Output>, root: YamlNode): Shape<Output> {
  const result = schema.safeParse(plainValue(root))
  if (result.success) return { document: result.data, findings: [] }
  const findings = result.error.issues
    .slice(0, MAX_ISSUES)
    .flatMap((issue) => findingsOf(issue, { schema, root, path: pathOf(issue) }))
  return { document: undefined, findings: findings.filter((finding) => !isConsequence(root, finding.path)) }
}

const pathOf = (issue: { readonly path: readonly PropertyKey[] }): KeyPath =>
  issue.path.map((part) => (typeof part === 'number' ? part : String(part)))

/** Below something that was already reported by the reader. */
const isConsequence = (root: YamlNode, path: KeyPath): boolean => locate(root, path).node.kind === 'unusable'

type Place = { readonly schema: Schema; readonly root: YamlNode; readonly path: KeyPath }

function findingsOf(issue: Issue, place: Place): Finding[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, MAX_ISSUES).map((key) => unknownKey(key, place))
    case 'invalid_union':
      return unionFindings(issue.errors, place)
    case 'invalid_key':
      return issue.issues.map((inner) => badKey(inner, place))
    case 'custom':
      return [finding(place, { reason: issue.message, hint: hintOf(issue.params), textOffset: offsetOf(issue.params) })]
    case 'invalid_value':
      return [finding(place, badChoice(issue.values.map(String), place))]
    case 'invalid_type':
      return [finding(place, badType(issue.expected, place))]
    case 'too_small':
      if (issue.origin === 'array') return [finding(place, { reason: 'the list is empty', hint: exampleHint(place) })]
      return [
        finding(place, {
          reason: `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`,
          hint: '',
        }),
      ]
    case 'too_big':
      return [
        finding(place, {
          reason: `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`,
          hint: '',
        }),
      ]
    default:
      return [finding(place, { reason: issue.message, hint: exampleHint(place) })]
  }
}

function unknownKey(key: string, place: Place): Finding {
  const keys = keysOf(schemaAt(place.schema, place.path) ?? place.schema) ?? []
  const near = closest(key, keys)
  const hint =
    near === undefined ? `known here: ${keys.map((known) => `\`${known}\``).join(', ')}` : `did you mean \`${near}\`?`
  const path = [...place.path, key]
  return { offset: keyOffset(place.root, path), path, reason: `there is no key ${quoted(key)} here`, hint }
}

/** Reports the member of the union that was meant: the one whose own type is right. */
function unionFindings(errors: readonly (readonly Issue[])[], place: Place): Finding[] {
  if (!locate(place.root, place.path).found) return [finding(place, missing(place))]
  const meant = errors.find(
    (issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0),
  )
  if (meant !== undefined)
    return meant.flatMap((issue) => findingsOf(issue, { ...place, path: [...place.path, ...pathOf(issue)] }))
  const title = mannersOf(schemaAt(place.schema, place.path) ?? place.schema).title ?? 'another type'
  return [finding(place, { reason: `expected ${title}, found ${found(place)}`, hint: exampleHint(place) })]
}

function badKey(issue: Issue, place: Place): Finding {
  const params = issue.code === 'custom' ? issue.params : undefined
  const hint = hintOf(params) || 'use a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit, at most 63'
  const { key } = locate(place.root, place.path)
  const textOffset = offsetOf(params)
  const offset =
    key !== undefined && textOffset !== undefined ? offsetInScalar(key, textOffset) : keyOffset(place.root, place.path)
  return { offset, path: place.path, reason: issue.message, hint }
}

function badChoice(values: readonly string[], place: Place): { reason: string; hint: string } {
  const { node, found: exists } = locate(place.root, place.path)
  if (!exists) return missing(place)
  const list = values.map((value) => `\`${value}\``).join(', ')
  const wanted = values.length === 1 ? list : `one of ${list}`
  if (node.kind !== 'scalar') return { reason: `expected ${wanted}, found ${found(place)}`, hint: `write ${wanted}` }
  const near = values.length === 1 ? undefined : closest(node.text, values)
  return {
    reason: `${quoted(node.text)} is not ${wanted}`,
    hint: near === undefined ? `write ${wanted}` : `did you mean \`${near}\`?`,
  }
}

const EXPECTED: { readonly [type: string]: string } = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

function badType(expected: string, place: Place): { reason: string; hint: string } {
  const { node, found: exists } = locate(place.root, place.path)
  if (!exists) return missing(place)
  const title = mannersOf(schemaAt(place.schema, place.path) ?? place.schema).title
  const wanted =
    expected === 'string' && title !== undefined && title !== 'text' ? `a ${title}` : (EXPECTED[expected] ?? expected)
  const reason = `expected ${wanted}, found ${found(place)}`
  if (expected === 'array' && node.kind === 'scalar' && node.value !== null)
    return { reason, hint: `write \`[${quoted(node.text).slice(1, -1)}]\`` }
  if (expected === 'string' && node.kind === 'scalar' && node.value !== null && !isDuration(title)) {
    return { reason, hint: `put it in quotes: \`"${quoted(node.text).slice(1, -1)}"\`` }
  }
  if (expected === 'number' || expected === 'int') return { reason, hint: numberHint(node) }
  return { reason, hint: exampleHint(place) }
}

function numberHint(node: YamlNode): string {
  const text = node.kind === 'scalar' && typeof node.value === 'string' ? node.text.trim() : ''
  return /^-?\d+(?:\.\d+)?$/.test(text) ? `write \`${text}\` without quotes` : 'write digits'
}

const isDuration = (title: string | undefined): boolean => title === 'duration'

function missing(place: Place): { reason: string; hint: string } {
  return { reason: `\`${place.path.at(-1)}\` is missing`, hint: exampleHint(place) }
}

function found(place: Place): string {
  const { node } = locate(place.root, place.path)
  if (node.kind === 'sequence') return 'a list'
  if (node.kind !== 'scalar') return 'a mapping'
  if (node.value === null) return 'nothing'
  return typeof node.value === 'string'
    ? 'text'
    : `the ${typeof node.value === 'number' ? 'number' : 'yes/no value'} ${quoted(node.text)}`
}

/** What the schema has to say where the reason alone does not tell how it is written. */
function exampleHint(place: Place): string {
  const schema = schemaAt(place.schema, place.path)
  if (schema === undefined) return ''
  const { examples, description } = mannersOf(schema)
  const key = place.path.at(-1)
  if (examples.length > 0) return `for example \`${typeof key === 'string' ? `${key}: ` : ''}${example(examples[0])}\``
  const keys = keysOf(schema)
  if (keys !== undefined) return `its keys: ${keys.map((known) => `\`${known}\``).join(', ')}`
  const { def } = unwrap(schema)._zod
  if (def.type === 'array') return itemHint(def.element) ?? description ?? ''
  if (def.type === 'enum')
    return `one of ${Object.values(def.entries)
      .map((value) => `\`${value}\``)
      .join(', ')}`
  return def.type === 'literal'
    ? `write \`${typeof key === 'string' ? `${key}: ` : ''}${String(def.values[0])}\``
    : (description ?? '')
}

function itemHint(item: Schema): string | undefined {
  const [first] = mannersOf(item).examples
  if (first !== undefined) return `for example \`[${example(first)}]\``
  const keys = keysOf(item)
  return keys && `a list; the keys of its items: ${keys.map((known) => `\`${known}\``).join(', ')}`
}

/** An example as YAML: in quotes where plain text would not come back as it is. */
const example = (value: unknown): string =>
  typeof value === 'string' && /[{}#*&!|>%@`]|: /.test(value) ? JSON.stringify(value) : String(value)

function finding(
  place: Place,
  problem: { readonly reason: string; readonly hint: string; readonly textOffset?: number | undefined },
): Finding {
  const { reason, hint, textOffset } = problem
  return { offset: valueOffset(place.root, place.path, textOffset), path: place.path, reason, hint }
}

/** Where a value stands: text at its first character (or at `textOffset` in it), everything else at its key. */
export function valueOffset(root: YamlNode, path: KeyPath, textOffset?: number): number {
  const { node, key, found: exists } = locate(root, path)
  if (exists && node.kind === 'scalar' && node.value !== null)
    return textOffset === undefined ? node.start : offsetInScalar(node, textOffset)
  return key?.start ?? node.start
}

/** Where the last key of the path stands. */
export function keyOffset(root: YamlNode, path: KeyPath): number {
  const { key, node } = locate(root, path)
  return key?.start ?? node.start
}

function hintOf(params: { [key: string]: unknown } | undefined): string {
  const hint: unknown = params?.['hint']
  const text: unknown = typeof hint === 'function' ? hint() : hint
  return typeof text === 'string' ? text : ''
}

const offsetOf = (params: { [key: string]: unknown } | undefined): number | undefined =>
  typeof params?.['offset'] === 'number' ? params['offset'] : undefined
