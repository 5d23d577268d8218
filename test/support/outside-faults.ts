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
  /** Which calls can meet it. */
  readonly on: Reach
  readonly decide: (call: OutsideCall, moment: Moment) => Decision
}

/** `now` is the story's time; `row` the name (call-catalogue.ts) under which the call meets it: one of the writes of a document. */
export type Moment = { readonly now: Date; readonly row: string }

type Reach = 'everything' | 'GitHub' | 'everything but GitHub' | 'GraphQL' | 'GraphQL queries' | 'GraphQL mutations'

/** Whether a call of that name can meet it. */
export function fits({ on }: Pick<OutsideFault, 'on'>, row: string): boolean {
  const isGitHub = row.startsWith('github ')
  const isMutation = row.startsWith('github mutation ')
  const isQuery = /^github [A-Z]\w+$/.test(row)
  switch (on) {
    case 'everything':
      return true
    case 'GitHub':
      return isGitHub
    case 'everything but GitHub':
      return !isGitHub
    case 'GraphQL':
      return isMutation || isQuery
    case 'GraphQL queries':
      return isQuery
    case 'GraphQL mutations':
      return isMutation
  }
}

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

/** Where in a document the write of that row stands; the last one of several. */
const placeOf = ({ mutations }: OutsideCall, row: string): number =>
  mutations.findLastIndex((field) => row === `github mutation ${field}`)

/** One write of a mutation document is not done; the others are. */
const lostWrite =
  (error: FieldError): OutsideFault['decide'] =>
  (call, { row }) => {
    const index = placeOf(call, row)
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

/** The write is done, and GitHub breaks down before it can say so. */
const unsaidWrite: OutsideFault['decide'] = (call, { row }) => ({
  do: 'rewrite',
  to: (answer) => {
    const { data, errors = [] } = json(answer)
    const alias = `w${placeOf(call, row)}`
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
  { name: '401 expired token', nature: 'passing', on: 'GitHub', decide: status(401) },
  { name: '401', nature: 'refusal', on: 'everything but GitHub', decide: status(401) },
  { name: '403', nature: 'refusal', on: 'everything', decide: status(403) },
  { name: '404', nature: 'refusal', on: 'everything', decide: status(404) },
  { name: '409', nature: 'refusal', on: 'everything', decide: status(409) },
  { name: '422', nature: 'refusal', on: 'everything', decide: status(422) },
  {
    name: '429 with Retry-After',
    nature: 'passing',
    on: 'everything',
    decide: status(429, { headers: { 'retry-after': '2' }, words: SECONDARY }),
  },
  { name: '429', nature: 'passing', on: 'everything', decide: status(429, { words: SECONDARY }) },
  {
    name: 'secondary limit with Retry-After',
    nature: 'passing',
    on: 'GitHub',
    decide: status(403, { headers: { 'retry-after': '60' }, words: SECONDARY }),
  },
  { name: 'secondary limit', nature: 'passing', on: 'GitHub', decide: status(403, { words: SECONDARY }) },
  {
    name: 'primary limit',
    nature: 'passing',
    on: 'GitHub',
    decide: (call, moment) => status(403, { headers: exhausted(moment.now), words: PRIMARY })(call, moment),
  },
  { name: '500', nature: 'passing', on: 'everything', decide: status(500) },
  {
    name: '502 with a page',
    nature: 'passing',
    on: 'everything',
    decide: () => ({ do: 'answer', status: 502, headers: { 'content-type': 'text/html' }, body: HTML }),
  },
  { name: '503', nature: 'passing', on: 'everything', decide: status(503) },
  {
    name: 'no answer, nothing done',
    nature: 'passing',
    hangs: true,
    on: 'everything',
    decide: () => ({ do: 'hang', when: 'before' }),
  },
  {
    name: 'no answer, done',
    nature: 'passing',
    hangs: true,
    on: 'everything',
    decide: () => ({ do: 'hang', when: 'after' }),
  },
  { name: 'reset, nothing done', nature: 'passing', on: 'everything', decide: () => ({ do: 'break', when: 'before' }) },
  { name: 'reset, done', nature: 'passing', on: 'everything', decide: () => ({ do: 'break', when: 'after' }) },
  { name: 'cut answer', nature: 'passing', on: 'everything', decide: () => ({ do: 'truncate' }) },
  { name: 'cut JSON', nature: 'passing', on: 'everything', decide: () => ({ do: 'rewrite', to: half }) },
  {
    name: 'GraphQL RATE_LIMITED',
    nature: 'passing',
    on: 'GraphQL',
    decide: (_, { now }) => graphqlError({ type: 'RATE_LIMITED', message: PRIMARY }, exhausted(now)),
  },
  { name: 'GraphQL breakdown', nature: 'passing', on: 'GraphQL', decide: () => graphqlError({ message: BROKEN }) },
  { name: 'GraphQL partial NOT_FOUND', nature: 'refusal', on: 'GraphQL queries', decide: () => queryHole(NOT_FOUND) },
  { name: 'GraphQL partial FORBIDDEN', nature: 'refusal', on: 'GraphQL queries', decide: () => queryHole(FORBIDDEN) },
  {
    name: 'GraphQL partial breakdown',
    nature: 'passing',
    on: 'GraphQL queries',
    decide: () => queryHole({ message: BROKEN }),
  },
  { name: 'one write NOT_FOUND', nature: 'refusal', on: 'GraphQL mutations', decide: lostWrite(NOT_FOUND) },
  { name: 'one write FORBIDDEN', nature: 'refusal', on: 'GraphQL mutations', decide: lostWrite(FORBIDDEN) },
  {
    name: 'one write limited',
    nature: 'passing',
    on: 'GraphQL mutations',
    decide: lostWrite({ type: 'RATE_LIMITED', message: SECONDARY }),
  },
  {
    name: 'one write breaks down, not done',
    nature: 'passing',
    on: 'GraphQL mutations',
    decide: lostWrite({ message: BROKEN }),
  },
  { name: 'one write breaks down, done', nature: 'passing', on: 'GraphQL mutations', decide: unsaidWrite },
]

/** Whole by its headers, and half of it missing: a proxy that caches does that. */
const half = (answer: OutsideAnswer): OutsideAnswer => ({
  ...answer,
  body: answer.body.subarray(0, Math.floor(answer.body.length / 2)),
})
