/** Paths into a JSON answer, `outputs.0.data.0` or the JSON pointer `/outputs/0/data/0` (RFC 6901), and what must stand there. Asked by http-answer.ts. */
import type { JsonRule } from './check-settings.ts'
import { fieldsOf, listOf } from './json-fields.ts'

const MAX_SEGMENTS = 32

/** The segments of a path; undefined when it is none. A pointer is for keys with dots in them. */
export function parseJsonPath(text: string): readonly string[] | undefined {
  const isPointer = text.startsWith('/')
  const parts = (isPointer ? text.slice(1) : text).split(isPointer ? '/' : '.')
  if (parts.length > MAX_SEGMENTS || parts.some((part) => part === '')) return undefined
  if (!isPointer) return parts
  if (parts.some((part) => /~(?![01])/.test(part))) return undefined
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What stands there; undefined when nothing does. */
export function valueAt(document: unknown, segments: readonly string[]): unknown {
  let value = document
  for (const segment of segments) {
    const list = listOf(value)
    const fields = fieldsOf(value)
    if (list !== undefined) value = /^(?:0|[1-9]\d{0,8})$/.test(segment) ? list[Number(segment)] : undefined
    else value = fields !== undefined && Object.hasOwn(fields, segment) ? fields[segment] : undefined
  }
  return value
}

/** What is wrong, in words; undefined when nothing is. */
export function brokenRule(document: unknown, rules: readonly JsonRule[]): string | undefined {
  for (const { path, segments, want } of rules) {
    const value = valueAt(document, segments)
    const isRight =
      want.kind === 'equals'
        ? value === want.value
        : typeof value === 'number' && value >= (want.min ?? -Infinity) && value <= (want.max ?? Infinity)
    if (!isRight) return `${path} is ${shown(value)}, wanted ${wantedText(want)}`
  }
  return undefined
}

/** `≥ 0, ≤ 1`, `"ok"`. */
export function wantedText(want: JsonRule['want']): string {
  if (want.kind === 'equals') return JSON.stringify(want.value)
  const bounds = [want.min === undefined ? [] : [`≥ ${want.min}`], want.max === undefined ? [] : [`≤ ${want.max}`]]
  return bounds.flat().join(', ')
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (listOf(value) !== undefined) return 'a list'
  if (fieldsOf(value) !== undefined) return 'a mapping'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
