/** Reads foreign JSON at the edge: typed getters that name the place when an answer is not what was promised. Used by every client. */
import { SystemUnavailable } from '../domain/failure.ts'
import { fieldsOf } from '../domain/json-fields.ts'

/** One JSON object of an answer. Getters without `maybe` throw SystemUnavailable with the path when the value is absent or of another type; `list` also where it is longer than any list that is meant. */
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

/** More objects in one array than any answer has that is meant; each takes a hundred bytes. */
const MAX_ITEMS = 100_000

/** Wraps a parsed JSON object. Throws SystemUnavailable when `value` is not an object. */
export function answerOf(system: string, value: unknown, path = 'answer'): Answer {
  const raw = fieldsOf(value)
  if (raw === undefined) throw unexpected(system, path, 'an object')
  return new ForeignObject(system, raw, path)
}

/** A class, so that an answer with a million objects does not make a dozen functions for each. */
class ForeignObject implements Answer {
  readonly path: string
  readonly raw: Readonly<Record<string, unknown>>
  readonly #system: string

  constructor(system: string, raw: Readonly<Record<string, unknown>>, path: string) {
    this.path = path
    this.raw = raw
    this.#system = system
  }

  has(key: string): boolean {
    return this.raw[key] !== undefined && this.raw[key] !== null
  }

  text(key: string): string {
    return this.#need(key, 'a string', this.maybeText(key))
  }

  maybeText(key: string): string | undefined {
    return asText(this.raw[key])
  }

  integer(key: string): number {
    return this.#need(key, 'an integer', this.maybeInteger(key))
  }

  maybeInteger(key: string): number | undefined {
    return asInteger(this.raw[key])
  }

  flag(key: string): boolean {
    const value = this.raw[key]
    return this.#need(key, 'a boolean', typeof value === 'boolean' ? value : undefined)
  }

  date(key: string): Date {
    return this.#need(key, 'a time', this.maybeDate(key))
  }

  maybeDate(key: string): Date | undefined {
    return asDate(this.raw[key])
  }

  child(key: string): Answer {
    return this.#need(key, 'an object', this.maybe(key))
  }

  maybe(key: string): Answer | undefined {
    const raw = fieldsOf(this.raw[key])
    return raw && new ForeignObject(this.#system, raw, `${this.path}.${key}`)
  }

  list(key: string): readonly Answer[] {
    const items = asList(this.raw[key])
    if (items.length > MAX_ITEMS) throw this.#unexpected(key, `an array of at most ${MAX_ITEMS}`)
    return items.flatMap((item, index) => {
      const raw = fieldsOf(item)
      return raw === undefined ? [] : [new ForeignObject(this.#system, raw, `${this.path}.${key}[${index}]`)]
    })
  }

  texts(key: string): readonly string[] {
    return asList(this.raw[key]).filter((item) => typeof item === 'string')
  }

  #need<T>(key: string, what: string, found: T | undefined): T {
    if (found === undefined) throw this.#unexpected(key, what)
    return found
  }

  #unexpected(key: string, what: string): SystemUnavailable {
    return unexpected(this.#system, `${this.path}.${key}`, what)
  }
}

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
