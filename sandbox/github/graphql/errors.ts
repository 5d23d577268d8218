/** Errors as GitHub's GraphQL prints them: `type`, `path`, `locations`, `message`, in an answer with status 200. */
import type { GraphQLError } from 'graphql'
import { GitHubFailure } from '../failure.ts'

export type PrintedError = {
  readonly type?: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: Readonly<Record<string, unknown>>
  readonly locations?: readonly { readonly line: number; readonly column: number }[]
  readonly message: string
}

/** A refusal that only GraphQL knows (pagination without bounds, a cursor that is none), by GitHub's own type. */
export class GraphqlRefusal extends Error {
  readonly type: string

  constructor(type: string, message: string) {
    super(message)
    this.name = 'GraphqlRefusal'
    this.type = type
  }
}

/** Prints what GitHub would print. Anything that is not GitHub's refusal is the stand-in's fault and goes to `report` as well. */
export function printError(error: GraphQLError, report: (violation: string) => void): PrintedError {
  const { originalError: cause, path, locations } = error
  const place = {
    ...(path === undefined ? {} : { path }),
    ...(locations === undefined ? {} : { locations: locations.map(({ line, column }) => ({ line, column })) }),
  }
  if (cause instanceof GitHubFailure) return { type: typeOf(cause), ...place, message: messageOf(cause) }
  if (cause instanceof GraphqlRefusal) return { type: cause.type, ...place, message: cause.message }
  report(`graphql ${path?.join('.') ?? ''}: ${cause?.message ?? error.message}`)
  return { type: 'INTERNAL', ...place, message: `sandbox: ${cause?.message ?? error.message}` }
}

/** A document that the schema refuses: GitHub answers without `data`, still with status 200. */
export function printInvalid(error: GraphQLError): PrintedError {
  const locations = error.locations?.map(({ line, column }) => ({ line, column }))
  return { ...(locations === undefined ? {} : { locations }), message: error.message }
}

/** Where REST has 405 and 409 for what cannot be done, GraphQL has one word. */
const typeOf = ({ type }: GitHubFailure): string =>
  type === 'NOT_ALLOWED' || type === 'CONFLICT' ? 'UNPROCESSABLE' : type

/** REST keeps the reasons of a 422 apart from its message; GraphQL prints the reasons. */
function messageOf(failure: GitHubFailure): string {
  const reasons = (failure.errors ?? []).map(
    (each) => each.message ?? `${each.field ?? each.resource ?? ''} ${each.code}`,
  )
  return reasons.length === 0 ? failure.message : reasons.join(', ')
}
