/** Reads foreign JSON at the edge: typed getters that name the place when an answer is not what was promised. Used by every client. */
import { SystemUnavailable } from '../domain/failure.ts'

/** One JSON object of an answer. Getters without `maybe` throw SystemUnavailable with the path when the value is absent or of another type. */
export type Answer = {
  /** Where in the answer this object is, for messages: `repository.pullRequest`. */
  readonly path: string
  readonly raw: Readonly<Record<string, unknown>>
  has(key: string): boolean
  text(key: string): string
  /** undefined when absent, null or not a string. */
  maybeText(key: string): string | undefined
  /** Whole numbers; 64-bit ids come as bigint from Octokit and are given as numbers, rounded beyond 2^53. */
  integer(key: string): number
  maybeInteger(key: string): number | undefined
  flag(key: string): boolean
  date(key: string): Date
  /** undefined when absent or not a date. */
  maybeDate(key: string): Date | undefined
  child(key: string): Answer
  maybe(key: string): Answer | undefined
  /** The objects of an array; nulls and scalars are left out (GitHub puts null for what the App cannot see). Absent = empty. */
  list(key: string): readonly Answer[]
  /** The strings of an array; absent = empty. */
  texts(key: string): readonly string[]
}

/** Wraps a parsed JSON object. Throws SystemUnavailable when `value` is not an object. */
export function answerOf(system: string, value: unknown, path = 'answer'): Answer {
  const raw = asRecord(value)
  if (raw === undefined) throw unexpected(system, path, 'an object')
  const need = <T>(key: string, what: string, found: T | undefined): T => {
    if (found === undefined) throw unexpected(system, `${path}.${key}`, what)
    return found
  }
  const maybe = (key: string): Answer | undefined =>
    asRecord(raw[key]) === undefined ? undefined : answerOf(system, raw[key], `${path}.${key}`)
  return {
    path,
    raw,
    has: (key) => raw[key] !== undefined && raw[key] !== null,
    text: (key) => need(key, 'a string', asText(raw[key])),
    maybeText: (key) => asText(raw[key]),
    integer: (key) => need(key, 'an integer', asInteger(raw[key])),
    maybeInteger: (key) => asInteger(raw[key]),
    flag: (key) => need(key, 'a boolean', typeof raw[key] === 'boolean' ? raw[key] : undefined),
    date: (key) => need(key, 'a time', asDate(raw[key])),
    maybeDate: (key) => asDate(raw[key]),
    child: (key) => need(key, 'an object', maybe(key)),
    maybe,
    list: (key) => asList(raw[key]).flatMap((item, index) => objectAt(system, item, `${path}.${key}[${index}]`)),
    texts: (key) => asList(raw[key]).filter((item) => typeof item === 'string'),
  }
}

/** A plain object, or undefined for anything else. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}

const objectAt = (system: string, item: unknown, path: string): Answer[] =>
  asRecord(item) === undefined ? [] : [answerOf(system, item, path)]

const unexpected = (system: string, path: string, what: string): SystemUnavailable =>
  new SystemUnavailable(system, `unexpected answer: ${path} is not ${what}`)

const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function asInteger(value: unknown): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined
}

function asDate(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? undefined : date
}
