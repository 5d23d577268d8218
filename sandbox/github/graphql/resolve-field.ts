/** The one field resolver: takes the field from its view (view.ts), and lets nothing that is not modelled pass for an answer. */
import type { GraphQLResolveInfo } from 'graphql'
import { trackReads } from './track-reads.ts'
import { type Field, type Fields, Unmodelled, type ViewContext } from './view.ts'

/** Gives the field's value. Throws `Unmodelled` for a field that its view does not have, and for arguments that the field did not look at. */
export function resolveField(
  source: unknown,
  given: Readonly<Record<string, unknown>>,
  _: ViewContext,
  info: GraphQLResolveInfo,
): unknown {
  const view = source as Fields
  const name = `${info.parentType.name}.${info.fieldName}`
  if (!Object.hasOwn(view, info.fieldName)) throw new Unmodelled(name)
  const field = view[info.fieldName]
  // Only what the document says counts: a default of the schema is GitHub's own behaviour.
  const stated = new Set(info.fieldNodes.flatMap((node) => (node.arguments ?? []).map((each) => each.name.value)))
  if (typeof field !== 'function') {
    if (stated.size > 0) throw new Unmodelled(`the arguments of ${name}`)
    return field
  }
  const tracked = trackReads(given)
  const finish = (value: unknown): unknown => {
    const ignored = tracked.unread().filter((path) => stated.has(path.split('.')[0] ?? path))
    if (ignored.length > 0) throw new Unmodelled(`${ignored.join(', ')} of ${name}`)
    return value
  }
  const result = (field as Field)(tracked.value as never, info)
  return result instanceof Promise ? result.then(finish) : finish(result)
}
