/** What can go wrong with one call to a system outside, in that system's own words. fault-run.ts makes it happen through outside-proxy.ts. */
import { errorBody } from './error-bodies.ts'
import type { Decision, OutsideAnswer, OutsideCall } from './outside-proxy.ts'

/**
 * `passing`: the system will do what it was asked for, once it is asked again. `refusal`: it says that it will not, so that who asked may be told
 * instead.
 */
export type FaultNature = 'passing' | 'refusal'

export type OutsideFault = {
  readonly name: string
  readonly nature: FaultNature
  /** There is no answer at all. */
  readonly hangs?: true
  /** Whether the call can meet it. */
  readonly fits: (call: OutsideCall) => boolean
  /** `now` is the story's time. */
  readonly decide: (call: OutsideCall, now: Date) => Decision
}

const always = () => true
const isGitHub = ({ system }: OutsideCall): boolean => system === 'github'
const isGraphql = (call: OutsideCall): boolean => isGitHub(call) && call.graphql !== undefined
const isMutation = (call: OutsideCall): boolean => isGraphql(call) && call.mutations.length > 0
const isQuery = (call: OutsideCall): boolean => isGraphql(call) && call.mutations.length === 0

const SECONDARY = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
const PRIMARY =
  'API rate limit exceeded for installation ID 1. If you reach out to GitHub Support for help, please include the request ID.'

type Answered = { readonly headers?: Readonly<Record<string, string>>; readonly words?: string }

const status =
  (code: number, { headers = {}, words }: Answered = {}): OutsideFault['decide'] =>
  (call) => {
    const { type, body } = errorBody(call.system, code, words)
    return { do: 'answer', status: code, headers: { 'content-type': type, ...headers }, body }
  }

const HTML =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n'

const exhausted = (now: Date) => ({
  'x-ratelimit-limit': '5000',
  'x-ratelimit-remaining': '0',
  'x-ratelimit-reset': String(Math.ceil(now.getTime() / 1000) + 90),
  date: now.toUTCString(),
})

/** GitHub says so in an answer of 200, before anything is done. */
const graphqlError = (error: Readonly<Record<string, unknown>>, headers = {}): Decision => ({
  do: 'answer',
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify({ data: null, errors: [error] }),
})

const json = (answer: OutsideAnswer): { data?: Record<string, unknown> | null; errors?: unknown[] } =>
  JSON.parse(answer.body.toString()) as { data?: Record<string, unknown> | null; errors?: unknown[] }

const withBody = (answer: OutsideAnswer, body: unknown): OutsideAnswer => ({
  ...answer,
  body: Buffer.from(JSON.stringify(body)),
})

type FieldError = { readonly type?: string; readonly message: string }

/** The first field of a query is null, with the reason; the others stand. */
const queryHole = (error: FieldError): Decision => ({
  do: 'rewrite',
  to: (answer) => {
    const { data, errors = [] } = json(answer)
    const [field] = Object.keys(data ?? {})
    if (data === undefined || data === null || field === undefined) return answer
    return withBody(answer, { data: { ...data, [field]: null }, errors: [...errors, { ...error, path: [field] }] })
  },
})

const NOBODY = 'I_kwDOAAAAAA5nobody'

/** One write of a mutation document is not done; the others are. The first or the last of several. */
const lostWrite = (which: 'first' | 'last', error: FieldError): OutsideFault['decide'] => {
  return (call) => {
    const index = which === 'first' ? 0 : call.mutations.length - 1
    return {
      do: 'rewrite',
      ask: (body) => aimedAtNobody(body, index),
      to: (answer) => {
        const { data, errors = [] } = json(answer)
        const others = errors.filter((each) => !JSON.stringify(each).includes(`"w${index}"`))
        const found = { ...error, path: [`w${index}`], locations: [{ line: index + 2, column: 1 }] }
        return withBody(answer, { data: { ...data, [`w${index}`]: null }, errors: [...others, found] })
      },
    }
  }
}

/** The write is done, and GitHub breaks down before it can say so. */
const unsaidWrite: OutsideFault['decide'] = (call) => ({
  do: 'rewrite',
  to: (answer) => {
    const { data, errors = [] } = json(answer)
    const alias = `w${call.mutations.length - 1}`
    return withBody(answer, {
      data: { ...data, [alias]: null },
      errors: [...errors, { message: BROKEN, path: [alias] }],
    })
  },
})

/** The same document, in which one write is for a thing that is not there: GitHub does not do it. */
function aimedAtNobody(body: unknown, index: number): unknown {
  if (typeof body !== 'object' || body === null || !('variables' in body)) return body
  const variables = body.variables as Record<string, unknown>
  return { ...body, variables: { ...variables, [`i${index}`]: astray(variables[`i${index}`]) } }
}

const astray = (input: unknown): unknown =>
  typeof input !== 'object' || input === null
    ? input
    : Object.fromEntries(
        Object.entries(input).map(([key, value]) => [
          key,
          key === 'branch'
            ? { ...(value as object), branchName: 'no-such-branch' }
            : /Id$|^id$/.test(key)
              ? NOBODY
              : value,
        ]),
      )

const BROKEN =
  'Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug.'
const NOT_FOUND = { type: 'NOT_FOUND', message: "Could not resolve to a Repository with the name 'acme/models'." }
const FORBIDDEN = { type: 'FORBIDDEN', message: 'Resource not accessible by integration' }

/** Every fault; docs/guides/faults.md has a column for each. */
export const FAULTS: readonly OutsideFault[] = [
  { name: '401 expired token', nature: 'passing', fits: isGitHub, decide: status(401) },
  { name: '401', nature: 'refusal', fits: (call) => !isGitHub(call), decide: status(401) },
  { name: '403', nature: 'refusal', fits: always, decide: status(403) },
  { name: '404', nature: 'refusal', fits: always, decide: status(404) },
  { name: '409', nature: 'refusal', fits: always, decide: status(409) },
  { name: '422', nature: 'refusal', fits: always, decide: status(422) },
  {
    name: '429 with Retry-After',
    nature: 'passing',
    fits: always,
    decide: status(429, { headers: { 'retry-after': '2' }, words: SECONDARY }),
  },
  { name: '429', nature: 'passing', fits: always, decide: status(429, { words: SECONDARY }) },
  {
    name: 'secondary limit with Retry-After',
    nature: 'passing',
    fits: isGitHub,
    decide: status(403, { headers: { 'retry-after': '60' }, words: SECONDARY }),
  },
  { name: 'secondary limit', nature: 'passing', fits: isGitHub, decide: status(403, { words: SECONDARY }) },
  {
    name: 'primary limit',
    nature: 'passing',
    fits: isGitHub,
    decide: (call, now) => status(403, { headers: exhausted(now), words: PRIMARY })(call, now),
  },
  { name: '500', nature: 'passing', fits: always, decide: status(500) },
  {
    name: '502 with a page',
    nature: 'passing',
    fits: always,
    decide: () => ({ do: 'answer', status: 502, headers: { 'content-type': 'text/html' }, body: HTML }),
  },
  { name: '503', nature: 'passing', fits: always, decide: status(503) },
  {
    name: 'no answer, nothing done',
    nature: 'passing',
    hangs: true,
    fits: always,
    decide: () => ({ do: 'hang', when: 'before' }),
  },
  {
    name: 'no answer, done',
    nature: 'passing',
    hangs: true,
    fits: always,
    decide: () => ({ do: 'hang', when: 'after' }),
  },
  { name: 'reset, nothing done', nature: 'passing', fits: always, decide: () => ({ do: 'break', when: 'before' }) },
  { name: 'reset, done', nature: 'passing', fits: always, decide: () => ({ do: 'break', when: 'after' }) },
  { name: 'cut answer', nature: 'passing', fits: always, decide: () => ({ do: 'truncate' }) },
  { name: 'cut JSON', nature: 'passing', fits: always, decide: () => ({ do: 'rewrite', to: half }) },
  {
    name: 'GraphQL RATE_LIMITED',
    nature: 'passing',
    fits: isGraphql,
    decide: (_, now) => graphqlError({ type: 'RATE_LIMITED', message: PRIMARY }, exhausted(now)),
  },
  { name: 'GraphQL breakdown', nature: 'passing', fits: isGraphql, decide: () => graphqlError({ message: BROKEN }) },
  { name: 'GraphQL partial NOT_FOUND', nature: 'refusal', fits: isQuery, decide: () => queryHole(NOT_FOUND) },
  { name: 'GraphQL partial FORBIDDEN', nature: 'refusal', fits: isQuery, decide: () => queryHole(FORBIDDEN) },
  { name: 'GraphQL partial breakdown', nature: 'passing', fits: isQuery, decide: () => queryHole({ message: BROKEN }) },
  { name: 'one write NOT_FOUND', nature: 'refusal', fits: isMutation, decide: lostWrite('first', NOT_FOUND) },
  { name: 'one write FORBIDDEN', nature: 'refusal', fits: isMutation, decide: lostWrite('last', FORBIDDEN) },
  {
    name: 'one write limited',
    nature: 'passing',
    fits: isMutation,
    decide: lostWrite('last', { type: 'RATE_LIMITED', message: SECONDARY }),
  },
  {
    name: 'one write breaks down, not done',
    nature: 'passing',
    fits: isMutation,
    decide: lostWrite('first', { message: BROKEN }),
  },
  { name: 'one write breaks down, done', nature: 'passing', fits: isMutation, decide: unsaidWrite },
]

/** Whole by its headers, and half of it missing: a proxy that caches does that. */
const half = (answer: OutsideAnswer): OutsideAnswer => ({
  ...answer,
  body: answer.body.subarray(0, Math.floor(answer.body.length / 2)),
})
