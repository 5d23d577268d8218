/**
 * GitHub's limits for each installation, on the sandbox's clock: requests an hour, and what its documentation says of the secondary limits. None is
 * enforced or told of until a story orders it, as on an Enterprise Server. https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
import { Kind, OperationTypeNode, parse } from 'graphql'
import type { SandboxClock } from '../clock.ts'
import type { Reply } from './rest/call.ts'

export type RateResource = 'core' | 'graphql'

export type RateWindow = { used: number; resetSeconds: number }

/** What an installation did lately, by the sandbox's time in milliseconds. */
type Lately = {
  underWay: number
  readonly points: Record<RateResource, Happened[]>
  readonly processing: Happened[]
  readonly creations: Happened[]
}

type Happened = { readonly at: number; readonly amount: number }

export type RateLimits = {
  enforced: boolean
  readonly clock: SandboxClock
  /** By `installation resource`. */
  readonly windows: Map<string, RateWindow>
  readonly lately: Map<string, Lately>
}

/** One request, before it is answered. `creations` are the mutations (or the POST) that make something. */
export type Metered = {
  readonly caller: string
  readonly resource: RateResource
  readonly points: number
  readonly creations: number
}

export const RATE_LIMIT = 5000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const CONCURRENT = 100
const POINTS: Readonly<Record<RateResource, number>> = { core: 900, graphql: 2000 }
const PROCESSING = 60_000
const CREATIONS_A_MINUTE = 80
const CREATIONS_AN_HOUR = 500

export const createRates = (clock: SandboxClock): RateLimits => ({
  enforced: false,
  clock,
  windows: new Map(),
  lately: new Map(),
})

/** The running window of a caller; a new one when the hour is over. */
export function rateWindow({ windows, clock }: RateLimits, caller: string, resource: RateResource): RateWindow {
  const key = `${caller} ${resource}`
  const now = Math.floor(clock.now().getTime() / 1000)
  const known = windows.get(key)
  if (known !== undefined && known.resetSeconds > now) return known
  const fresh = { used: 0, resetSeconds: now + HOUR / 1000 }
  windows.set(key, fresh)
  return fresh
}

/** The numbers as `GET /rate_limit` prints them. */
export const printRate = ({ used, resetSeconds }: RateWindow, resource: RateResource) => ({
  limit: RATE_LIMIT,
  used,
  remaining: Math.max(0, RATE_LIMIT - used),
  reset: resetSeconds,
  resource,
})

/** What the request costs: GitHub counts a GraphQL document of mutations as five points, and so each REST request that writes. */
export function meter(
  caller: string,
  request: { readonly method: string; readonly document?: string | undefined },
): Metered {
  if (request.document === undefined) {
    const reads = /^(GET|HEAD|OPTIONS)$/.test(request.method)
    return { caller, resource: 'core', points: reads ? 1 : 5, creations: request.method === 'POST' ? 1 : 0 }
  }
  const made = mutationsOf(request.document)
  const creations = made?.filter((name) => /^(add|create)[A-Z]/.test(name)).length ?? 0
  return { caller, resource: 'graphql', points: made === undefined ? 1 : 5, creations }
}

/** undefined: it only reads, or cannot be read. */
function mutationsOf(document: string): readonly string[] | undefined {
  try {
    const mutation = parse(document).definitions.find(
      (each) => each.kind === Kind.OPERATION_DEFINITION && each.operation === OperationTypeNode.MUTATION,
    )
    if (mutation?.kind !== Kind.OPERATION_DEFINITION) return undefined
    return mutation.selectionSet.selections.flatMap((each) => (each.kind === Kind.FIELD ? [each.name.value] : []))
  } catch {
    return undefined
  }
}

/** Refused with these words and headers; undefined: it may run, and is under way until `finish`. */
export function admit(rates: RateLimits, metered: Metered): Reply | undefined {
  const { caller, resource } = metered
  const lately = latelyOf(rates, caller)
  const refusal = rates.enforced ? (exhausted(rates, metered) ?? tooFast(rates, lately, metered)) : undefined
  if (refusal !== undefined) return refusal
  lately.underWay += 1
  if (!rates.enforced) return undefined
  const at = rates.clock.now().getTime()
  lately.points[resource].push({ at, amount: metered.points })
  if (metered.creations > 0) lately.creations.push({ at, amount: metered.creations })
  return undefined
}

/** It is answered: what it took of GitHub's time, and whether it counts (304s are free). */
export function finish(
  rates: RateLimits,
  { caller, resource }: Metered,
  { took, isFree }: { readonly took: number; readonly isFree: boolean },
): void {
  const lately = latelyOf(rates, caller)
  lately.underWay -= 1
  if (rates.enforced) lately.processing.push({ at: rates.clock.now().getTime(), amount: took })
  const window = rateWindow(rates, caller, resource)
  if (!isFree) window.used = Math.min(RATE_LIMIT, window.used + 1)
}

/** The numbers as the `x-ratelimit-*` headers print them, meant by the answer's `date`; none where there are no limits. */
export function rateHeaders(rates: RateLimits, { caller, resource }: Metered): Readonly<Record<string, string>> {
  if (!rates.enforced) return {}
  const { used, resetSeconds } = rateWindow(rates, caller, resource)
  return {
    'x-ratelimit-limit': String(RATE_LIMIT),
    'x-ratelimit-remaining': String(Math.max(0, RATE_LIMIT - used)),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(resetSeconds),
    'x-ratelimit-resource': resource,
  }
}

function latelyOf({ lately }: RateLimits, caller: string): Lately {
  const known = lately.get(caller) ?? { underWay: 0, points: { core: [], graphql: [] }, processing: [], creations: [] }
  lately.set(caller, known)
  return known
}

/** GraphQL answers 200 all the same. */
function exhausted(rates: RateLimits, { caller, resource }: Metered): Reply | undefined {
  if (rateWindow(rates, caller, resource).used < RATE_LIMIT) return undefined
  const message = 'API rate limit exceeded for installation.'
  if (resource === 'core') return { status: 403, body: { message } }
  return { status: 200, body: { errors: [{ type: 'RATE_LIMITED', message }] } }
}

function tooFast({ clock }: RateLimits, lately: Lately, { resource, points, creations }: Metered): Reply | undefined {
  const now = clock.now().getTime()
  const within = (length: number, happened: readonly Happened[]) =>
    happened.reduce((sum, { at, amount }) => (at > now - length ? sum + amount : sum), 0)
  const isTooFast =
    lately.underWay >= CONCURRENT ||
    within(MINUTE, lately.points[resource]) + points > POINTS[resource] ||
    within(MINUTE, lately.processing) > PROCESSING ||
    (creations > 0 && within(MINUTE, lately.creations) + creations > CREATIONS_A_MINUTE) ||
    (creations > 0 && within(HOUR, lately.creations) + creations > CREATIONS_AN_HOUR)
  if (!isTooFast) return undefined
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
  return { status: 403, headers: { 'retry-after': '60' }, body: { message } }
}
