/** The Octokit that Probot is started with: no hidden waiting, no hidden retries, a bound on the time and size of every answer. call.ts is its only user. */
import { ProbotOctokit } from 'probot'
import { fieldsOf } from '../../domain/json-fields.ts'
import { readAtMost } from '../read-at-most.ts'

type OctokitOptions = NonNullable<ConstructorParameters<typeof ProbotOctokit>[0]>

/** How the client talks to GitHub: an instance that Probot has authenticated (`probot.auth(id)` or, as the App, `probot.auth()`). */
export type GitHubOctokit = Pick<ProbotOctokit, 'request' | 'graphql' | 'hook' | 'auth'>

/**
 * The Octokit class for `createProbot({ overrides: { Octokit } })`.
 *
 * Throttling is off: the plugin would space comments 3 s apart and holds a job in memory where the queue can wait. Retrying is off: the plugin
 * cannot tell a GraphQL query from a mutation, and a mutation sent twice comments twice. turns.ts keeps within GitHub's limits instead, and
 * the queue waits.
 * The function form of `defaults` is needed: Probot ignores the object form.
 */
export function createOctokitClass(options: { readonly userAgent: string; readonly timeoutMs?: number }) {
  const timeoutMs = options.timeoutMs ?? 20_000
  return ProbotOctokit.defaults((given: OctokitOptions) => ({
    ...given,
    userAgent: options.userAgent,
    throttle: { enabled: false },
    retry: { enabled: false },
    request: { ...given.request, fetch: fetchWithBounds(timeoutMs) },
    ...authOf(given),
  }))
}

/** Without Probot's own way to GitHub for it, which knows neither an Enterprise Server's address nor the deadline: a new token is then asked for as all else is. */
function authOf({ auth }: OctokitOptions): Pick<OctokitOptions, 'auth'> {
  const fields = fieldsOf(auth)
  if (fields === undefined) return {}
  const { request: _, ...others } = fields
  return { auth: others }
}

/** A delivery that is read again has 25 MiB, and many files in one answer some more. */
const MAX_BYTES = 64 * 1024 * 1024
/** `Response` takes no body with these, not even an empty one. */
const WITHOUT_BODY = new Set([101, 204, 205, 304])

/**
 * `fetch` that gives up, on time and on answers without end: Octokit itself has no bound. The body is read here, since Octokit takes one that breaks
 * off for an empty one. The global is looked up per call, so that tests can intercept it.
 */
function fetchWithBounds(timeoutMs: number): typeof fetch {
  return async (input, init) => {
    const deadline = AbortSignal.timeout(timeoutMs)
    const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline
    const answer = await fetchAtHome(input, { ...init, signal })
    const { status, statusText, headers, url } = answer
    const bytes = await readAtMost(answer.body, MAX_BYTES)
    const whole = new Response(WITHOUT_BODY.has(status) ? null : bytes, { status, statusText, headers })
    return Object.defineProperty(whole, 'url', { value: url })
  }
}

const MAX_REDIRECTS = 3

/**
 * Follows redirects (of a renamed repository) as long as they stay at the same server: nobody else is asked, and given what was to be written.
 * What would not be sent as it was is not followed either.
 */
async function fetchAtHome(input: Parameters<typeof fetch>[0], init: RequestInit): Promise<Response> {
  if (init.redirect !== undefined) return fetch(input, init)
  let url = new URL(input instanceof Request ? input.url : input)
  for (let followed = 0; ; followed += 1) {
    const answer = await fetch(followed === 0 ? input : url, { ...init, redirect: 'manual' })
    const location = answer.headers.get('location')
    if (location === null || ![301, 302, 307, 308].includes(answer.status)) return answer
    await answer.body?.cancel()
    const next = new URL(location, url)
    const isSame = answer.status > 302 || ['GET', 'HEAD'].includes(init.method ?? 'GET')
    if (next.origin !== url.origin || !isSame || followed === MAX_REDIRECTS)
      throw new Error('it redirects to where requests are not sent')
    url = next
  }
}
