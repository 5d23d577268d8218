/** Reads github-api.json and turns its OpenAPI 3.0 dialect into JSON Schema. Made by refresh.ts; used by routes.ts and rest.ts. */
import { readFileSync } from 'node:fs'

export type Schema = { [keyword: string]: unknown }

export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly 'x-multi-segment'?: boolean
}

/** A body, or an answer: schemas by media type. */
export type Content = { readonly required?: boolean; readonly content?: Readonly<Record<string, { schema?: Schema }>> }

export type Reference = { readonly $ref?: string }

export type Operation = {
  readonly operationId: string
  readonly parameters?: readonly (Parameter & Reference)[]
  readonly requestBody?: Content & Reference
  readonly responses: Readonly<Record<string, Content & Reference>>
}

export type Description = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly 'x-webhooks': Readonly<Record<string, unknown>>
  readonly 'x-source': { readonly package: string; readonly version: string; readonly file: string }
}

/** The description, with `nullable` written as JSON Schema writes it. */
export function loadDescription(): Description {
  const description: unknown = JSON.parse(readFileSync(new URL('./github-api.json', import.meta.url), 'utf8'))
  normalise(description)
  return description as Description
}

/** What `value` refers to, or `value` itself. Throws when the description refers to nothing. */
export function resolveReference<T extends object>(description: Description, value: T & Reference): T {
  if (value.$ref === undefined) return value
  const target = value.$ref
    .slice(2)
    .split('/')
    .map(unescapePointer)
    .reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), description)
  if (!isObject(target)) throw new Error(`the description has no ${value.$ref}`)
  return resolveReference(description, target as T & Reference)
}

/** One segment of a JSON pointer inside a URI fragment. */
export function escapePointer(segment: string): string {
  return encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'))
}

function unescapePointer(segment: string): string {
  return decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~')
}

export function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** OpenAPI 3.0 says `nullable: true` beside `type`, beside `$ref` or alone; JSON Schema knows none of it. Changes in place. */
function normalise(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const child of Object.values(value)) normalise(child)
  if (!isObject(value)) return
  if (value['nullable'] !== true) return
  delete value['nullable']
  if (typeof value['type'] === 'string') {
    value['type'] = [value['type'], 'null']
    if (Array.isArray(value['enum']) && !value['enum'].includes(null)) value['enum'].push(null)
    return
  }
  const bare = { ...value }
  for (const key of Object.keys(value)) delete value[key]
  value['anyOf'] = [{ type: 'null' }, bare]
}
