/** Pages of a list as GraphQL connections, with GitHub's bounds: one of `first`/`last`, at most 100, cursors that survive insertions. */
import type { GraphQLResolveInfo } from 'graphql'
import { GraphqlRefusal } from './errors.ts'
import type { Fields, View } from './view.ts'

/** The four arguments that every connection takes. */
export type PageArguments = {
  readonly first?: number | null | undefined
  readonly last?: number | null | undefined
  readonly after?: string | null | undefined
  readonly before?: string | null | undefined
}

/** `key` identifies an item in its list (the cursor is made of it); `view` is its node; `edge` adds fields to the edge. */
export type Listing<T> = {
  readonly items: readonly T[]
  readonly key: (item: T) => string
  readonly view: (item: T) => View | null
  readonly edge?: (item: T) => Fields
  /** Fields that this connection has besides nodes, edges, pageInfo and totalCount. */
  readonly extra?: Fields
}

const MOST = 100

/** The page of the list that the arguments name. Throws as GitHub does when they name none, too much, or a foreign cursor. */
export function connection<T>(bounds: PageArguments, info: GraphQLResolveInfo, listing: Listing<T>): Fields {
  const name = info.fieldName
  const { first, last, after, before } = bounds
  checkBounds(name, first ?? null, last ?? null)
  const { items, key } = listing
  const from = after == null ? 0 : position(listing, after) + 1
  const to = before == null ? items.length : position(listing, before)
  const head = first == null ? to : Math.min(to, from + first)
  const start = last == null ? from : Math.max(from, head - last)
  const page = items.slice(start, head)
  const cursors = page.map((item) => cursorOf(key(item)))
  return {
    ...listing.extra,
    totalCount: items.length,
    nodes: () => page.map(listing.view),
    edges: () =>
      page.map((item, index) => ({
        cursor: cursors[index],
        node: () => listing.view(item),
        ...listing.edge?.(item),
      })),
    pageInfo: {
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
      hasNextPage: head < items.length,
      hasPreviousPage: start > 0,
    },
  }
}

/** The edge around one new item, for payloads of mutations. */
export const edgeOf = (key: string, node: () => View): Fields => ({
  cursor: cursorOf(key),
  node,
})

function checkBounds(name: string, first: number | null, last: number | null): void {
  if (first === null && last === null) {
    const message = `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`
    throw new GraphqlRefusal('MISSING_PAGINATION_BOUNDARIES', message)
  }
  for (const [bound, value] of [
    ['first', first],
    ['last', last],
  ] as const) {
    if (value === null) continue
    if (value > MOST) {
      const message = `Requesting ${value} records on the \`${name}\` connection exceeds the \`${bound}\` limit of ${MOST} records.`
      throw new GraphqlRefusal('EXCESSIVE_PAGINATION', message)
    }
    if (value < 0)
      throw new GraphqlRefusal(
        'INVALID_PAGINATION',
        `\`${bound}\` on the \`${name}\` connection cannot be less than zero.`,
      )
  }
}

function position<T>({ items, key }: Listing<T>, cursor: string): number {
  const index = items.findIndex((item) => cursorOf(key(item)) === cursor)
  if (index < 0)
    throw new GraphqlRefusal('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`)
  return index
}

const cursorOf = (key: string): string => Buffer.from(`cursor:v2:${key}`).toString('base64')
