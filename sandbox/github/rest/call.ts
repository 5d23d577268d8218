/** What a REST route gets and gives. Routes are in routes/, matched by router.ts, authenticated by authenticate.ts. */
import type { OperationContext } from '../access.ts'
import { GitHubFailure } from '../failure.ts'
import type { GitHubState } from '../state.ts'

/** What comes with every call. */
type CallFields = {
  readonly state: GitHubState
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
  readonly accept: string
  /** Absolute address without the query, for links. */
  readonly url: string
}

/** A call with an installation token (or by a person). */
export type Call = CallFields & { readonly context: OperationContext }

/** A call with the App's own JSON web token. */
export type AppCall = CallFields

/** `body` undefined sends none. */
export type Reply = {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** `app` routes take the App's JSON web token, `installation` routes an installation token. */
export type Route =
  | { readonly method: string; readonly path: string; readonly access: 'installation'; handle(call: Call): Reply }
  | { readonly method: string; readonly path: string; readonly access: 'app'; handle(call: AppCall): Reply }
  | { readonly method: string; readonly path: string; readonly access: 'anyone'; handle(call: AppCall): Reply }

type Handle = (call: Call) => Reply

/** `GET /repos/{owner}/{repo}`; a parameter written `{+name}` may contain slashes. */
export const get = (path: string, handle: Handle): Route => route('GET', path, handle)
export const post = (path: string, handle: Handle): Route => route('POST', path, handle)
export const put = (path: string, handle: Handle): Route => route('PUT', path, handle)
export const patch = (path: string, handle: Handle): Route => route('PATCH', path, handle)
export const del = (path: string, handle: Handle): Route => route('DELETE', path, handle)

const route = (method: string, path: string, handle: Handle): Route => ({
  method,
  path,
  access: 'installation',
  handle,
})

export const ok = (body: unknown): Reply => ({ status: 200, body })
export const created = (body: unknown): Reply => ({ status: 201, body })
export const noContent = (): Reply => ({ status: 204 })

const DEFAULT_PAGE = 30
const MAX_PAGE = 100

/** One page of a list. Takes `per_page` and `page` from the query. */
export type Page<Item> = { readonly items: readonly Item[]; readonly headers: Readonly<Record<string, string>> }

/** Cuts the page that was asked for and makes its `Link` header. */
export function pageOf<Item>({ query, url }: CallFields, all: readonly Item[]): Page<Item> {
  const size = Math.min(positive(query.get('per_page')) ?? DEFAULT_PAGE, MAX_PAGE)
  const page = positive(query.get('page')) ?? 1
  const last = Math.max(1, Math.ceil(all.length / size))
  const link = (number: number, rel: string) => {
    const next = new URLSearchParams(query)
    next.set('page', String(number))
    return `<${url}?${next}>; rel="${rel}"`
  }
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ...(page > 1 ? [link(1, 'first')] : []),
  ]
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: links.length === 0 ? {} : { link: links.join(', ') },
  }
}

/** A page as a JSON list. */
export function list<Item>(call: CallFields, all: readonly Item[], print: (item: Item) => unknown): Reply {
  const { items, headers } = pageOf(call, all)
  return { status: 200, body: items.map(print), headers }
}

const positive = (text: string | null): number | undefined => {
  const number = Number(text)
  return text !== null && Number.isInteger(number) && number > 0 ? number : undefined
}

/** A path parameter; the router guarantees it. */
export function param({ params }: CallFields, name: string): string {
  const value = params[name]
  if (value === undefined) throw new Error(`the route has no parameter ${name}`)
  return value
}

/** A numeric path parameter; 404 when it is none. */
export function idParam(call: CallFields, name: string): number {
  const id = Number(param(call, name))
  if (!Number.isSafeInteger(id)) throw new GitHubFailure(404, 'Not Found')
  return id
}
