/** Readers of JSON bodies: the right type, nothing, or GitHub's 422. */
import { GitHubFailure } from '../failure.ts'

export type Fields = Readonly<Record<string, unknown>>

/** The body as an object; no body is an empty one. 400 for anything else. */
export function fields(body: unknown): Fields {
  if (body === undefined || body === null || body === '') return {}
  if (typeof body !== 'object' || Array.isArray(body)) throw new GitHubFailure(400, 'Body should be a JSON object')
  return body as Fields
}

const wrong = (name: string, kind: string): GitHubFailure =>
  new GitHubFailure(422, `Invalid request.\n\nFor 'properties/${name}', expected ${kind}.`)

/** Text; undefined when absent or null. */
export function text(body: Fields, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw wrong(name, 'a string')
  return value
}

/** Text that must be there. */
export function requiredText(body: Fields, name: string): string {
  const value = text(body, name)
  if (value === undefined) throw new GitHubFailure(422, `Invalid request.\n\n"${name}" wasn't supplied.`)
  return value
}

/** True or false; undefined when absent. */
export function flag(body: Fields, name: string): boolean | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw wrong(name, 'a boolean')
  return value
}

/** A whole number; undefined when absent. */
export function integer(body: Fields, name: string): number | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(name, 'an integer')
  return value
}

/** A list of objects; undefined when absent. */
export function objects(body: Fields, name: string): readonly Fields[] | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw wrong(name, 'an array')
  return value.map(fields)
}

/** A list of texts; undefined when absent. */
export function texts(body: Fields, name: string): readonly string[] | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) throw wrong(name, 'an array of strings')
  return value as readonly string[]
}

/** An object; undefined when absent. */
export function object(body: Fields, name: string): Fields | undefined {
  const value = body[name]
  return value === undefined || value === null ? undefined : fields(value)
}

/** One of the words; undefined when absent, 422 for any other. */
export function oneOf<Word extends string>(body: Fields, name: string, words: readonly Word[]): Word | undefined {
  const value = text(body, name)
  if (value === undefined) return undefined
  const word = words.find((each) => each === value)
  if (word === undefined) throw wrong(name, `one of ${words.join(', ')}`)
  return word
}
