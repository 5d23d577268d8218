/** Finds keys of a request body that GitHub does not know. GitHub ignores them in silence, so a misspelt option would do nothing. Used by rest.ts. */
import { type Description, isObject, resolveReference, type Schema } from './description.ts'

/** Paths (`/output/titel`) of the keys that no alternative of the schema names. Objects that are open by design are not looked into. */
export function unknownKeys(description: Description, schema: Schema, value: unknown): string[] {
  return walk({ description, top: true }, [schema], { value, path: '' })
}

type Walk = { readonly description: Description; readonly top: boolean }

function walk(context: Walk, schemas: readonly Schema[], at: { value: unknown; path: string }): string[] {
  const alternatives = schemas.flatMap((schema) => flatten(context.description, schema))
  const inner = { ...context, top: false }
  if (Array.isArray(at.value)) {
    const items = alternatives.map((each) => each['items']).filter(isObject)
    return at.value.flatMap((value, index) => walk(inner, items, { value, path: `${at.path}/${index}` }))
  }
  if (!isObject(at.value) || alternatives.some((each) => isOpen(each, context.top))) return []
  const known = new Map<string, Schema[]>()
  for (const { properties } of alternatives) {
    if (!isObject(properties)) continue
    for (const [key, schema] of Object.entries(properties)) {
      if (isObject(schema)) known.set(key, [...(known.get(key) ?? []), schema])
    }
  }
  if (known.size === 0) return []
  return Object.entries(at.value).flatMap(([key, value]) => {
    const path = `${at.path}/${key}`
    const below = known.get(key)
    return below === undefined ? [path] : walk(inner, below, { value, path })
  })
}

/** The description says `additionalProperties: true` on whole bodies (check runs) without meaning it; below the top it means it. */
function isOpen(schema: Schema, top: boolean): boolean {
  const additional = schema['additionalProperties']
  return isObject(additional) || (!top && additional === true)
}

function flatten(description: Description, schema: Schema): Schema[] {
  const target = resolveReference<Schema>(description, schema)
  const alternatives = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => target[keyword] ?? []).filter(isObject)
  return [target, ...alternatives.flatMap((each) => flatten(description, each))]
}
