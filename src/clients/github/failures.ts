/** Turns what Octokit throws into the program's failures. Nothing of a request (headers, tokens, bodies) is carried over. */
import { SystemUnavailable } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import { networkReason } from '../network-failure.ts'
import { LONGEST_WAIT_SECONDS, retryAfterSeconds } from '../retry-after.ts'

/** GitHub answered with a 4xx that is not about limits or credentials. The caller decides what it means; where none does, it is an answer that nobody expected, and is tried again. */
export class GitHubRefused extends SystemUnavailable {
  readonly status: number
  /** GitHub's own words. */
  readonly reason: string
  constructor(status: number, what: string, message: string) {
    super('GitHub', `answered ${status} to ${what}: ${message}`)
    this.name = 'GitHubRefused'
    this.status = status
    this.reason = message
  }
}

/** GitHub does not take the token of an installation, or the App's own proof: it has expired, or somebody revoked it. Nothing was done. */
export class BadCredentials extends SystemUnavailable {}

/** The token of an installation cannot be had: it was removed, or suspended. Nothing was sent yet. */
export class InstallationGone extends Error {
  constructor() {
    super('the installation is gone')
    this.name = 'InstallationGone'
  }
}

/** `what` names the call without its data: `GET /repos/{owner}/{repo}/compare/{basehead}` or a GraphQL operation. */
export function translateFailure(error: unknown, what: string, now: Date): Error {
  if (error instanceof SystemUnavailable || error instanceof InstallationGone) return error
  const status = fieldsOf(error)?.['status']
  const response = fieldsOf(fieldsOf(error)?.['response'])
  // Octokit gives a broken connection the status 500 without an answer; anything without a status is a bug of ours and stays what it is.
  if (typeof status !== 'number') return error instanceof Error ? error : new Error(String(error))
  if (response === undefined) return new SystemUnavailable('GitHub', `${networkReason(error)} at ${what}`)
  const headers = fieldsOf(response['headers']) ?? {}
  const message = messageOf(response['data'])
  if (isLimit(status, headers, message))
    return new SystemUnavailable('GitHub', `rate limit at ${what}: ${message}`, {
      retryAfterSeconds: retryAfter(headers, now) ?? 60,
    })
  if (status === 401) {
    const message = `bad credentials at ${what}: check APP_ID and the private key`
    // Where the App's key is not taken, no token helps.
    return isTokenRequest(error) ? new SystemUnavailable('GitHub', message) : new BadCredentials('GitHub', message)
  }
  if (status >= 500) {
    const seconds = retryAfter(headers, now)
    const wish = seconds === undefined ? {} : { retryAfterSeconds: seconds }
    return new SystemUnavailable('GitHub', `${status} at ${what}`, wish)
  }
  if (isTokenRequest(error)) return new InstallationGone()
  return new GitHubRefused(status, what, message)
}

/** Seconds that GitHub wants us to wait, at most an hour: `retry-after`, or until `x-ratelimit-reset` when nothing remains. Measured against the answer's own `date`, since clocks differ. */
export function retryAfter(headers: Readonly<Record<string, unknown>>, now: Date): number | undefined {
  const asked = retryAfterSeconds(headers['retry-after'], now)
  if (asked !== undefined) return Math.max(1, Math.ceil(asked))
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN)
  if (!Number.isFinite(reset) || String(headers['x-ratelimit-remaining']) !== '0') return undefined
  const sent = Date.parse(String(headers['date'] ?? ''))
  const seconds = Math.ceil(reset - (Number.isNaN(sent) ? now.getTime() : sent) / 1000)
  return Math.min(Math.max(1, seconds), LONGEST_WAIT_SECONDS)
}

/** Octokit fetches tokens on the way: their failures surface in the call that needed them. */
function isTokenRequest(error: unknown): boolean {
  const url = fieldsOf(fieldsOf(error)?.['request'])?.['url']
  return typeof url === 'string' && isTokenAddress(url)
}

/** Where the token of an installation is asked for, with the App's own limit. */
export const isTokenAddress = (url: string): boolean =>
  /\/app\/installations\/(\d+|\{[a-z_]+\})\/access_tokens$/.test(url)

/** Whether what Octokit threw is an answer of GitHub's, rather than a way to it that broke. */
export const wasAnswered = (error: unknown): boolean =>
  fieldsOf(error)?.['response'] !== undefined || Array.isArray(fieldsOf(error)?.['errors'])

const LIMIT_WORDS = /rate limit|abuse detection|submitted too quickly/i

/** Whether GitHub's words speak of a limit rather than of a missing right. */
export const speaksOfLimit = (message: string): boolean => LIMIT_WORDS.test(message)

function isLimit(status: number, headers: Readonly<Record<string, unknown>>, message: string): boolean {
  if (status === 429) return true
  if (status !== 403) return false
  return (
    speaksOfLimit(message) || headers['retry-after'] !== undefined || String(headers['x-ratelimit-remaining']) === '0'
  )
}

function messageOf(data: unknown): string {
  const body = fieldsOf(data)
  if (body === undefined) return typeof data === 'string' ? data.slice(0, 200) : 'no message'
  const details = Array.isArray(body['errors'])
    ? body['errors'].map((each) => (typeof each === 'string' ? each : fieldsOf(each)?.['message'])).filter(Boolean)
    : []
  return [body['message'], ...details].filter((part) => typeof part === 'string').join('; ')
}
