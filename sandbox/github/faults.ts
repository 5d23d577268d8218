/** Faults that a story orders: wrong answers, slowness, broken connections, for requests that match. Used by server.ts. */

/** A request as faults and the request log see it. `graphql` is the operation's name in a GraphQL document. */
export type SeenRequest = {
  readonly method: string
  /** Without `/api/v3` and query. */
  readonly path: string
  /** GitHub's operation id, `graphql`, or undefined when unknown. */
  readonly operation: string | undefined
  readonly graphql: string | undefined
  readonly body: unknown
}

export type FaultMatcher =
  | ((request: SeenRequest) => boolean)
  | {
      readonly method?: string
      /** The whole path, or a pattern somewhere in it. */
      readonly path?: string | RegExp
      readonly operation?: string
      /** The operation's name, or a pattern anywhere in the GraphQL document. */
      readonly graphql?: string | RegExp
    }

/**
 * What goes wrong: an answer of `status` in place of the real one, a delay before, or a connection that breaks before
 * (`true`, `'before'`) or after (`'after'`) the request took effect. `times` defaults to 1.
 */
export type Fault = {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly delayMs?: number
  readonly drop?: boolean | 'before' | 'after'
  readonly times?: number
}

export type Faults = {
  add(matcher: FaultMatcher, fault: Fault): void
  /** The fault for this request, used up by asking. */
  take(request: SeenRequest): Fault | undefined
  clear(): void
}

export function createFaults(): Faults {
  let ordered: { matcher: FaultMatcher; fault: Fault; left: number }[] = []
  return {
    add: (matcher, fault) => {
      ordered.push({ matcher, fault, left: fault.times ?? 1 })
    },
    take: (request) => {
      const found = ordered.find(({ matcher, left }) => left > 0 && matches(matcher, request))
      if (found === undefined) return undefined
      found.left -= 1
      ordered = ordered.filter(({ left }) => left > 0)
      return found.fault
    },
    clear: () => {
      ordered = []
    },
  }
}

function matches(matcher: FaultMatcher, request: SeenRequest): boolean {
  if (typeof matcher === 'function') return matcher(request)
  const { method, path, operation, graphql } = matcher
  return (
    (method === undefined || method === request.method) &&
    (path === undefined || (typeof path === 'string' ? path === request.path : path.test(request.path))) &&
    (operation === undefined || operation === request.operation) &&
    (graphql === undefined || matchesDocument(graphql, request))
  )
}

function matchesDocument(wanted: string | RegExp, { graphql, operation, body }: SeenRequest): boolean {
  if (operation !== 'graphql') return false
  if (typeof wanted === 'string') return graphql === wanted
  const document = typeof body === 'object' && body !== null && 'query' in body ? String(body.query) : ''
  return wanted.test(graphql ?? '') || wanted.test(document)
}

/** GitHub's words for the statuses that tests order most. */
export function faultBody({ status, body, headers }: Fault): unknown {
  if (body !== undefined) return body
  const isSecondary = headers !== undefined && Object.keys(headers).some((name) => name.toLowerCase() === 'retry-after')
  if (status === 429 || (status === 403 && isSecondary))
    return { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' }
  const messages: Readonly<Record<number, string>> = {
    401: 'Bad credentials',
    403: 'Resource not accessible by integration',
    404: 'Not Found',
    409: 'Conflict',
    422: 'Validation Failed',
  }
  return { message: messages[status ?? 500] ?? 'Server Error' }
}
