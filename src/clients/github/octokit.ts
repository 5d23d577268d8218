/** The Octokit that Probot is started with: no hidden waiting, no hidden retries, a deadline on every request. call.ts is its only user. */
import { ProbotOctokit } from 'probot'
import { fieldsOf } from '../../domain/json-fields.ts'

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
    request: { ...given.request, fetch: fetchWithDeadline(timeoutMs) },
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

/** `fetch` that gives up: Octokit itself has no timeout. The global is looked up per call, so that tests can intercept it. */
function fetchWithDeadline(timeoutMs: number): typeof fetch {
  return (input, init) => {
    const deadline = AbortSignal.timeout(timeoutMs)
    const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline
    return fetch(input, { ...init, signal })
  }
}
