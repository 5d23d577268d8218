/** Reading a zod schema: which keys it has and what it says about them. Used for hints (shape.ts) and for docs/config.md (reference-page.ts). */
import * as z from 'zod'
import type { KeyPath } from './yaml-node.ts'

export type Schema = z.core.$ZodType

/** The schema without its optional, default and transform layers. */
export function unwrap(schema: Schema): z.core.$ZodTypes {
  const known = schema as z.core.$ZodTypes
  const def = known._zod.def
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nullable':
      return unwrap(def.innerType)
    case 'pipe':
      return unwrap(def.in)
    default:
      return known
  }
}

/** The keys that a mapping may have; undefined when it is no mapping, or one with free keys. Of a union, those of its first mapping. */
export function keysOf(schema: Schema): readonly string[] | undefined {
  const { def } = unwrap(schema)._zod
  if (def.type === 'union') return def.options.map(keysOf).find((keys) => keys !== undefined)
  return def.type === 'object' ? Object.keys(def.shape) : undefined
}

/** The schema of what stands at `path`; undefined when the schema knows no such place. Of a union, the first member that knows it. */
export function schemaAt(schema: Schema, path: KeyPath): Schema | undefined {
  const [part, ...rest] = path
  if (part === undefined) return schema
  const { def } = unwrap(schema)._zod
  switch (def.type) {
    case 'object': {
      const child = def.shape[String(part)]
      return child === undefined ? undefined : schemaAt(child, rest)
    }
    case 'record':
      return schemaAt(def.valueType, rest)
    case 'array':
      return schemaAt(def.element, rest)
    case 'union':
      return def.options.map((option) => schemaAt(option, path)).find((found) => found !== undefined)
    default:
      return undefined
  }
}

export type Manners = {
  readonly title: string | undefined
  readonly description: string | undefined
  readonly examples: readonly unknown[]
}

/** What the schema says about itself, the outermost layer first. */
export function mannersOf(schema: Schema): Manners {
  let manners: Manners = { title: undefined, description: undefined, examples: [] }
  for (let layer: Schema | undefined = schema; layer !== undefined; layer = innerOf(layer)) {
    const meta: z.core.GlobalMeta = z.globalRegistry.get(layer) ?? {}
    manners = {
      title: manners.title ?? meta.title,
      description: manners.description ?? meta.description,
      examples: manners.examples.length > 0 || !Array.isArray(meta['examples']) ? manners.examples : meta['examples'],
    }
  }
  return manners
}

/** The value that is used when the key is absent; undefined when there is none. */
export function defaultOf(schema: Schema): unknown {
  for (let layer: Schema | undefined = schema; layer !== undefined; layer = innerOf(layer)) {
    const { def } = (layer as z.core.$ZodTypes)._zod
    if (def.type === 'prefault' || def.type === 'default') return def.defaultValue
  }
  return undefined
}

/** Must the key be there? */
export function isRequired(schema: Schema): boolean {
  for (let layer: Schema | undefined = schema; layer !== undefined; layer = innerOf(layer)) {
    const { type } = (layer as z.core.$ZodTypes)._zod.def
    if (type === 'optional' || type === 'prefault' || type === 'default') return false
  }
  return true
}

function innerOf(schema: Schema): Schema | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nullable':
      return def.innerType
    case 'pipe':
      return def.in
    default:
      return undefined
  }
}
