/** Lists are paged as GitHub pages them. */
import fc from 'fast-check'
import type { GraphQLResolveInfo } from 'graphql'
import { describe, expect, it } from 'vitest'
import { connection, type PageArguments } from './connection.ts'

const info = { fieldName: 'comments' } as GraphQLResolveInfo

type Page = {
  readonly nodes: () => { readonly id: string }[]
  readonly pageInfo: {
    readonly endCursor: string | null
    readonly startCursor: string | null
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
  }
  readonly totalCount: number
}

const page = (items: readonly string[], bounds: PageArguments): Page =>
  connection(bounds, info, { items, key: (id) => id, view: (id) => ({ __typename: 'Item', id }) }) as unknown as Page
const ids = (result: Page) => result.nodes().map(({ id }) => id)

describe('a connection', () => {
  it.each([
    [{ first: 2 }, ['a', 'b'], { hasNextPage: true, hasPreviousPage: false }],
    [{ last: 2 }, ['c', 'd'], { hasNextPage: false, hasPreviousPage: true }],
    [{ first: 100 }, ['a', 'b', 'c', 'd'], { hasNextPage: false, hasPreviousPage: false }],
    [{ first: 0 }, [], { hasNextPage: true, hasPreviousPage: false }],
  ])('shows %j as %j', (bounds, expected, ends) => {
    const result = page(['a', 'b', 'c', 'd'], bounds)
    expect(ids(result)).toEqual(expected)
    expect(result.pageInfo).toMatchObject(ends)
    expect(result.totalCount).toBe(4)
  })

  it.each([
    [{}, 'You must provide a `first` or `last` value to properly paginate the `comments` connection.'],
    [{ first: 101 }, 'Requesting 101 records on the `comments` connection exceeds the `first` limit of 100 records.'],
    [{ last: 500 }, 'Requesting 500 records on the `comments` connection exceeds the `last` limit of 100 records.'],
    [{ first: -1 }, '`first` on the `comments` connection cannot be less than zero.'],
    [{ first: 1, after: 'x' }, '`x` does not appear to be a valid cursor.'],
  ])('refuses %j as GitHub does', (bounds, message) => {
    expect(() => page(['a'], bounds)).toThrow(message)
  })

  it('leads through every item exactly once, forwards and backwards, whatever the page size', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (items, size) => {
        const forwards: string[] = []
        for (let at = page(items, { first: size }); ; at = page(items, { first: size, after: at.pageInfo.endCursor })) {
          forwards.push(...ids(at))
          if (!at.pageInfo.hasNextPage) break
        }
        const backwards: string[] = []
        for (
          let at = page(items, { last: size });
          ;
          at = page(items, { last: size, before: at.pageInfo.startCursor })
        ) {
          backwards.unshift(...ids(at))
          if (!at.pageInfo.hasPreviousPage) break
        }
        expect(forwards).toEqual(items)
        expect(backwards).toEqual(items)
      }),
    )
  })

  it('keeps its place when something is inserted before the cursor', () => {
    const { endCursor } = page(['a', 'b', 'c'], { first: 2 }).pageInfo
    expect(ids(page(['new', 'a', 'b', 'c'], { first: 2, after: endCursor }))).toEqual(['c'])
  })
})
