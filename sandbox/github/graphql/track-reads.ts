/** Notices which of the given arguments nobody looked at, so that an option without effect cannot go unseen. Used by resolve-field.ts. */

export type TrackedReads = {
  readonly value: unknown
  /** Paths (`input.output.images`) of the values that were given, are not null and were never read. Items of lists are not told apart. */
  unread(): string[]
}

/** A transparent copy of plain data (objects, lists, scalars) that remembers what was read. */
export function trackReads(value: unknown): TrackedReads {
  const given = new Set<string>()
  const read = new Set<string>()
  const wrapped = wrap(value, '', { given, read })
  return { value: wrapped, unread: () => [...given].filter((path) => !read.has(path)) }
}

type Log = { readonly given: Set<string>; readonly read: Set<string> }

function wrap(value: unknown, path: string, log: Log): unknown {
  if (Array.isArray(value)) return value.map((item) => wrap(item, path, log))
  if (typeof value !== 'object' || value === null) return value
  const copy = {}
  for (const [key, child] of Object.entries(value)) {
    const below = path === '' ? key : `${path}.${key}`
    const wrapped = wrap(child, below, log)
    if (child !== null && child !== undefined) log.given.add(below)
    Object.defineProperty(copy, key, {
      enumerable: true,
      get: () => {
        log.read.add(below)
        return wrapped
      },
    })
  }
  return copy
}
