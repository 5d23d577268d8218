/** The two seams of the stand-in: the contract check (sandbox/github/contract/) and the GraphQL executor (sandbox/github/graphql/). */
import type { OperationContext } from './access.ts'

/** Checks against GitHub's published description. Each gives the problems found; empty means valid. */
export type Contract = {
  request(input: {
    readonly method: string
    readonly path: string
    readonly query: Readonly<Record<string, string>>
    readonly body: unknown
  }): string[]
  response(input: {
    readonly method: string
    readonly path: string
    readonly status: number
    readonly body: unknown
  }): string[]
  webhook(event: string, payload: unknown): string[]
  graphql(document: string, variables: Readonly<Record<string, unknown>>): string[]
}

/** One GraphQL request. `context` carries state and actor; read and change only through access.ts and operations/. */
export type GraphqlRequest = {
  readonly context: OperationContext
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName: string | undefined
}

/** Answers a GraphQL request: always 200 with `data`/`errors` unless the request itself is malformed. */
export type GraphqlExecutor = (request: GraphqlRequest) => Promise<{ readonly status: number; readonly body: unknown }>
