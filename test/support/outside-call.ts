/** What the proxy of outside-proxy.ts sees: one request of the bot to a system outside, under a name without ids. */
import { createContract } from '../../sandbox/github/contract/index.ts'

/** One request of the bot. `index` counts from 0 over all systems. */
export type OutsideCall = {
  readonly index: number
  /** `github`, `mlflow`, `kubernetes`, …: a key of what the proxy stands before. */
  readonly system: string
  readonly method: string
  /** Percent-encoded, without the query. */
  readonly path: string
  readonly query: string
  /** The name of the operation in a GraphQL document. */
  readonly graphql?: string
  /** The fields of a GraphQL mutation, in order: `addComment`, `addReaction`. */
  readonly mutations: readonly string[]
  /** `github ReadPromotionWorld`, `github Write(addReaction)`, `github repos/create-deployment`, `mlflow POST /api/2.0/mlflow/registered-models/alias`. */
  readonly name: string
  /** Whether it can change anything at the other side that somebody sees. */
  readonly isEffect: boolean
  /** Parsed where it is JSON, undefined for none, else the text. */
  readonly body: unknown
}

export type RawCall = Pick<OutsideCall, 'index' | 'system' | 'method' | 'path' | 'query'> & { readonly text: string }

export function outsideCall({ text, ...raw }: RawCall): OutsideCall {
  const body = parsed(text)
  const document = raw.system === 'github' && raw.path.endsWith('/graphql') ? textOf(body, 'query') : undefined
  if (document === undefined) {
    const name = `${raw.system} ${plainName(raw)}`
    return { ...raw, body, mutations: [], name, isEffect: changes(raw, name) }
  }
  const graphql = textOf(body, 'operationName') ?? /\b(?:query|mutation)\s+(\w+)/.exec(document)?.[1] ?? 'unnamed'
  const isMutation = /^\s*mutation\b/.test(document)
  const mutations = isMutation ? mutationsIn(document) : []
  const fields = isMutation ? `(${[...new Set(mutations)].toSorted().join(', ')})` : ''
  return { ...raw, body, graphql, mutations, name: `github ${graphql}${fields}`, isEffect: isMutation }
}

/** What a GraphQL document writes, in its order. */
export const mutationsIn = (document: string): readonly string[] =>
  [...document.matchAll(/^\s*\w+:\s*(\w+)\(input:/gm)].map(([, field = '']) => field)

/** Requests that are sent by POST because their question does not fit into an address, or that make what nobody sees. */
const QUESTIONS = [
  /^github apps\/create-installation-access-token$/,
  /^mlflow POST .*\/(?:search|get-history-bulk)$/,
  /^kubernetes POST .*(?:selfsubject|subjectaccess)/,
  /^prometheus /,
  /^endpoint /,
]

const changes = ({ method }: Pick<RawCall, 'method'>, name: string): boolean =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method) && !QUESTIONS.some((question) => question.test(name))

function plainName({ system, method, path }: Pick<RawCall, 'system' | 'method' | 'path'>): string {
  if (system === 'github') {
    const route = path.replace(/^\/api\/v3/, '') || '/'
    return createContract().operation(method, route) ?? `${method} ${withoutIds(route)}`
  }
  return `${method} ${NAMED[system]?.(path) ?? path}`
}

/** Where an address names a thing, its kind stands in the name of the call. */
const NAMED: { readonly [system: string]: ((path: string) => string) | undefined } = {
  kubernetes: (path) =>
    path.replace(/\/namespaces\/[^/]+/, '').replace(/(\/(?:apis\/[^/]+|api)\/[^/]+\/[^/]+)\/[^/]+/, '$1/{name}'),
  bucket: (path) => (/^\/[^/]+\/./.test(path) ? '/{bucket}/{key}' : '/{bucket}'),
  registry: (path) => path.replace(/^\/v2\/.+\/(manifests|blobs|tags|referrers)\/.*/, '/v2/{name}/$1/{reference}'),
  mlflow: (path) =>
    path.replace(/(artifacts)\/(?!list$).+/, '$1/{path}').replace(/(logged-models)\/(?!search$).+/, '$1/{id}'),
  storage: (path) => path.replace(/(artifacts)\/.+/, '$1/{id}'),
  argocd: (path) => path.replace(/(\/applications)\/[^/]+/, '$1/{name}'),
}

const withoutIds = (path: string): string => path.replaceAll(/\/(?:\d+|[0-9a-f]{40})(?=\/|$)/g, '/{id}')

function textOf(body: unknown, key: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, key) : undefined
  return typeof value === 'string' ? value : undefined
}

function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
