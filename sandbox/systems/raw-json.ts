/** JSON that keeps each number as it was written (`1.0`, `1e-05`), so that recorded answers go out byte for byte. */

/** A number kept as its source text; arithmetic needs `numberOf`. */
export type RawNumber = { readonly rawJSON: string }

export type RawJson = null | boolean | string | RawNumber | readonly RawJson[] | RawObject
export type RawObject = { readonly [key: string]: RawJson }

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

// ECMAScript's "JSON.parse source text access", in Node since 22; TypeScript's es2024 library does not know it.
const json = JSON as unknown as {
  parse(text: string, reviver: Reviver): unknown
  rawJSON(text: string): RawNumber
}

/** Parses text whose top is an object. */
export function parseRaw(text: string): RawObject {
  const keepNumber: Reviver = (_, value, { source }) =>
    typeof value === 'number' && source !== undefined ? json.rawJSON(source) : value
  return json.parse(text, keepNumber) as RawObject
}

/** Writes as MLflow does: two spaces, numbers as they were read. */
export function printRaw(value: RawJson): string {
  return JSON.stringify(value, null, 2)
}

function isObject(value: RawJson | undefined): value is RawObject {
  return typeof value === 'object' && value !== null && !isList(value) && !isNumber(value)
}

// Array.isArray does not narrow a readonly list
function isList(value: RawJson | undefined): value is readonly RawJson[] {
  return Array.isArray(value)
}

// a parsed object with a key of this name could not be told apart; MLflow has none
function isNumber(value: RawJson | undefined): value is RawNumber {
  return typeof value === 'object' && value !== null && 'rawJSON' in value
}

function child(value: RawJson | undefined, key: string): RawJson | undefined {
  if (!isObject(value)) return undefined
  const object: RawObject = value
  return object[key]
}

/** The object under `key`; an empty one when there is none. */
export function objectAt(value: RawJson | undefined, key: string): RawObject {
  const found = child(value, key)
  return isObject(found) ? found : {}
}

/** The objects of the list under `key`; none when there is no list. */
export function listAt(value: RawJson | undefined, key: string): readonly RawObject[] {
  const found = child(value, key)
  return isList(found) ? found.filter(isObject) : []
}

/** The string under `key`; empty when there is none. */
export function textAt(value: RawJson | undefined, key: string): string {
  const found = child(value, key)
  return typeof found === 'string' ? found : ''
}

/** The number under `key`; 0 when there is none. */
export function numberAt(value: RawJson | undefined, key: string): number {
  const found = child(value, key)
  return isNumber(found) ? Number(found.rawJSON) : 0
}
