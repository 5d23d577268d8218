/** Cuts GitHub's OpenAPI description down to what the stand-in knows. Used by refresh.ts only; the reader is rest.ts. */
import { isKeptWebhook, OPERATIONS } from './operations.ts'

type Json = unknown
type JsonObject = Record<string, Json>

/** GitHub's description, as far as the trimming looks into it. */
export type Description = {
  readonly openapi: string
  readonly paths: Record<string, JsonObject>
  readonly 'x-webhooks': Record<string, Json>
  readonly components: Record<string, JsonObject>
}

/** Prose and samples: they are two thirds of the description, and no check reads them. */
const PROSE = new Set(['description', 'summary', 'title', 'example', 'examples', 'externalDocs', 'tags'])
/** Keys below which names are the author's own, so that a property called `description` is not prose. */
const NAMED = new Set(['properties', 'patternProperties', 'schemas', 'parameters', 'responses', 'headers', 'content'])

/** Keeps the listed operations and webhooks with the components that they reach. Throws when a listed one no longer exists. */
export function trimDescription(description: Description): Description {
  const paths = keepOperations(description.paths)
  const webhooks = Object.fromEntries(Object.entries(description['x-webhooks']).filter(([key]) => isKeptWebhook(key)))
  const roots = { paths: withoutProse(paths), 'x-webhooks': withoutProse(webhooks) }
  return {
    openapi: description.openapi,
    paths: roots.paths as Description['paths'],
    'x-webhooks': roots['x-webhooks'] as Description['x-webhooks'],
    components: reachable(description.components, roots),
  }
}

function keepOperations(paths: Description['paths']): Description['paths'] {
  const kept: Description['paths'] = {}
  for (const [path, methods] of Object.entries(OPERATIONS)) {
    const item: JsonObject = {}
    for (const method of methods) {
      const operation = paths[path]?.[method]
      if (operation === undefined)
        throw new Error(`GitHub's description has no ${method.toUpperCase()} ${path} any more`)
      item[method] = operation
    }
    kept[path] = item
  }
  return kept
}

function reachable(components: Description['components'], roots: Json): Description['components'] {
  const kept: Description['components'] = {}
  const queue = references(roots)
  for (let reference = queue.pop(); reference !== undefined; reference = queue.pop()) {
    const [kind, name] = reference.replace('#/components/', '').split('/')
    if (kind === undefined || name === undefined || kept[kind]?.[name] !== undefined) continue
    const component = withoutProse(components[kind]?.[name])
    if (component === undefined) throw new Error(`GitHub's description has no ${reference}`)
    kept[kind] = { ...kept[kind], [name]: component }
    queue.push(...references(component))
  }
  return kept
}

function references(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(references)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child] : references(child),
  )
}

function withoutProse(value: Json, named = false): Json {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item))
  if (typeof value !== 'object' || value === null) return value
  const kept: JsonObject = {}
  for (const [key, child] of Object.entries(value)) {
    if (!named && isProse(key)) continue
    kept[key] = withoutProse(child, !named && NAMED.has(key))
  }
  return kept
}

/** `x-multi-segment` tells which path parameters may contain a slash: the one extension that a check needs. */
function isProse(key: string): boolean {
  return PROSE.has(key) || (key.startsWith('x-') && key !== 'x-multi-segment')
}
