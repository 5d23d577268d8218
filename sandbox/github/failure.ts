/** The one error of the stand-in's operations: REST prints its status and message, GraphQL its type and message. */

export type FailureType =
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'UNPROCESSABLE'
  | 'STALE_DATA'
  | 'CONFLICT'
  | 'NOT_ALLOWED'

/** One entry of a 422's `errors`. One without a resource is printed as its message alone, as GitHub does for reviews. */
export type FieldError = {
  readonly resource?: string
  readonly field?: string
  readonly code: string
  readonly message?: string
}

const TYPES: Readonly<Record<number, FailureType>> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'NOT_ALLOWED',
  409: 'CONFLICT',
  422: 'UNPROCESSABLE',
}

/** What GitHub refuses: HTTP status, GraphQL error type, message, and the field errors of a 422. */
export class GitHubFailure extends Error {
  readonly status: number
  readonly type: FailureType
  readonly errors: readonly FieldError[] | undefined

  constructor(
    status: number,
    message: string,
    details: { readonly type?: FailureType; readonly errors?: readonly FieldError[] } = {},
  ) {
    super(message)
    this.name = 'GitHubFailure'
    this.status = status
    this.type = details.type ?? TYPES[status] ?? 'UNPROCESSABLE'
    this.errors = details.errors
  }
}

export const notFound = (): GitHubFailure => new GitHubFailure(404, 'Not Found')

/** A 422 as REST words it: "Validation Failed" with one custom field error. */
export const invalid = (resource: string, message: string, field?: string): GitHubFailure =>
  new GitHubFailure(422, 'Validation Failed', {
    errors: [{ resource, code: 'custom', message, ...(field === undefined ? {} : { field }) }],
  })

export const notAccessible = (): GitHubFailure => new GitHubFailure(403, 'Resource not accessible by integration')
