/** A GitHub port over real Octokit instances whose requests nock answers, with realistic answers written per test. */
import nock from 'nock'
import { createGitHub } from '../../../src/clients/github/github.ts'
import { createKnownLimits } from '../../../src/clients/github/known-limits.ts'
import { createOctokitClass } from '../../../src/clients/github/octokit.ts'
import { gitBlobId } from '../../../src/domain/git-blob.ts'
import type { Clock, GitHub, Log } from '../../../src/services/ports.ts'
import { repo, sha } from '../../support/ids.ts'

export { repo, sha }

export const HOST = 'https://api.github.com'

/** A log that remembers its lines. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const line = (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`)
  }
  return { lines, info: line, warn: line, error: line }
}

export const MODELS = repo('acme/models')
export const CONFIG = repo('acme/config')

/** The bot as installation 7 of `acme` (and 8 of `other`), App 1234. */
export function connect(
  installations: Readonly<Record<string, number>> = { acme: 7, other: 8 },
  baseUrl: string = HOST,
  clock: Clock = { now: () => new Date('2026-11-17T10:00:00Z') },
  limits = createKnownLimits(),
): {
  readonly github: GitHub
  readonly log: ReturnType<typeof recordingLog>
} {
  const Octokit = createOctokitClass({ userAgent: 'lockkeeper/test', timeoutMs: 500 })
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const octokit = (token: string) => new Octokit({ auth: { token }, log: quiet, baseUrl })
  const log = recordingLog()
  const github = createGitHub({
    octokitFor: async (id) => octokit(`installation-${id}`),
    appOctokit: octokit('app-jwt'),
    installationOf: async (owner) => installations[owner],
    appId: 1234,
    appLogin: 'lockkeeper[bot]',
    limits,
    log,
    clock,
  })
  return { github, log }
}

/** A GraphQL request as GitHub received it. */
export type Asked = {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly auth: string
}

/** Answers the next GraphQL requests in turn; gives what was asked. */
export function answerGraphql(...answers: readonly Readonly<Record<string, unknown>>[]): Asked[] {
  const asked: Asked[] = []
  for (const answer of answers) {
    nock(HOST)
      .post('/graphql')
      .reply(async (request: Request) => {
        const { query, variables } = (await request.json()) as Omit<Asked, 'auth'>
        asked.push({ query, variables, auth: request.headers.get('authorization') ?? '' })
        return [200, answer, { date: 'Tue, 17 Nov 2026 10:00:00 GMT' }]
      })
  }
  return asked
}

/** A file as GraphQL shows it; `oid` is taken as given. */
export const entry = (oid: string, text: string | null, more: Readonly<Record<string, unknown>> = {}) => ({
  mode: 33188,
  type: 'blob',
  object: { oid, text, isBinary: text === null, isTruncated: false, byteSize: text?.length ?? 4, ...more },
})

/** The id that Git gives a text. */
export const oidOf = (text: string) => gitBlobId(Buffer.from(text), 40)

/** A file as GraphQL shows it, with the id of its text; `more`: of the file, not of its object. */
export const file = (text: string, more: Readonly<Record<string, unknown>> = {}) => ({
  ...entry(oidOf(text), text),
  ...more,
})
