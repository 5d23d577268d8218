/** The seams of the stand-in: the contract check (contract/), the GraphQL executor (graphql/) and the pages for people (pages/). */
import type { SandboxRequest, SandboxResponse } from '../http.ts'
import type { OperationContext } from './access.ts'
import type { GitHubState } from './state.ts'

/** Checks against GitHub's published description. Each gives the problems found; empty means valid. */
export type Contract = {
  request(input: {
    readonly method: string
    readonly path: string
    readonly query?: URLSearchParams
    readonly body?: unknown
  }): string[]
  response(input: {
    readonly method: string
    readonly path: string
    readonly status: number
    readonly body?: unknown
  }): string[]
  webhook(event: string, payload: unknown): string[]
  graphql(document: string, variables?: Readonly<Record<string, unknown>>): string[]
  /** The operation id (`issues/create-comment`); undefined when unknown. */
  operation(method: string, path: string): string | undefined
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

/** Answers everything outside `/api/`: the pages that people read and comment on. Undefined means there is no such page. */
export type Pages = (
  state: GitHubState,
  request: SandboxRequest,
) => Promise<SandboxResponse | undefined> | SandboxResponse | undefined
