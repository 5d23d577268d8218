/** What a request costs of GitHub's limits, and what an answer says is left. Read by call.ts for rate-budget.ts. */
import type { Cost, RateFacts } from './rate-budget.ts'

/** GitHub's own numbers for its secondary limits. */
const READ_POINTS = 1
const WRITE_POINTS = 5

/** The first level of a mutation document that makes something new: `w0: addComment(…)`. Reactions are made as well. */
const MAKES = /^ *(?:\w+: *)?(?:add|create)[A-Z]\w* *\(/gm

/** Of a GraphQL document of ours: one mutation per line. */
export function graphqlCost(document: string): Cost {
  const isWrite = /^\s*mutation\b/.test(document)
  const creations = isWrite ? (document.match(MAKES)?.length ?? 0) : 0
  return { resource: 'graphql', isWrite, points: isWrite ? WRITE_POINTS : READ_POINTS, creations }
}

/** Of a REST route as Octokit names it. Starting a workflow makes nothing that anybody is told of, and yet may count. */
export function restCost(route: string): Cost {
  const isWrite = !/^(GET|HEAD) /.test(route)
  const creations = route.startsWith('POST ') ? 1 : 0
  return { resource: 'core', isWrite, points: isWrite ? WRITE_POINTS : READ_POINTS, creations }
}

/** The `x-ratelimit-*` headers of an answer; undefined where it has none, or of another resource. Measured against the answer's own `date`, since clocks differ. */
export function rateFacts(headers: Readonly<Record<string, unknown>>, now: Date): RateFacts | undefined {
  const resource = headers['x-ratelimit-resource']
  if (resource !== 'core' && resource !== 'graphql') return undefined
  const [limit, remaining, used, reset] = ['limit', 'remaining', 'used', 'reset'].map((name) =>
    Number(headers[`x-ratelimit-${name}`] ?? Number.NaN),
  )
  if (!isCount(limit) || !isCount(remaining) || !isCount(used) || !isCount(reset) || limit === 0) return undefined
  const sent = Date.parse(String(headers['date'] ?? ''))
  const restMs = reset * 1000 - (Number.isNaN(sent) ? now.getTime() : sent)
  return { resource, limit, remaining, used, resetAt: now.getTime() + Math.min(Math.max(0, restMs), LONGEST_HOUR_MS) }
}

/** GitHub's hours are no longer; a wrong clock somewhere must not stop anything for days. */
const LONGEST_HOUR_MS = 3_600_000

const isCount = (value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value) && value >= 0
