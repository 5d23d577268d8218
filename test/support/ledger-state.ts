/** The ledger of a database as one value: what is promised to survive crashes, replicas and a rebuild. The world beside it is end-state.ts. */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { livePromotion, type Promotion } from '../../src/domain/promotion.ts'
import type { ReleaseRecord } from '../../src/services/ledger.ts'
import { createLedger } from '../../src/store/ledger.ts'
import type { Tables } from '../../src/store/tables.ts'

/**
 * Comparable with `toEqual`: ids, hashes and hosts by numbers in the order in which they come, no times, no evidence, no settings.
 * `exact`: ids and hashes as they are, for two looks at one world.
 */
export async function ledgerState(databaseUrl: string, { exact = false } = {}) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  pool.on('error', () => undefined)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    const state = await read(db)
    if (exact) return state
    const { approvals, audit, ...others } = named(state)
    // Sorted anew: their ids came in another order.
    return { ...others, approvals: sorted(approvals), audit: sorted(audit) }
  } finally {
    await db.destroy()
  }
}

export type LedgerState = Awaited<ReturnType<typeof ledgerState>>

async function read(db: Kysely<Tables>) {
  const ledger = createLedger(db)
  const rows = await db
    .selectFrom('promotions')
    .select(['repository', 'model', 'environment', 'data', 'untold'])
    .orderBy('repository')
    .orderBy('model')
    .orderBy('environment')
    .orderBy('sequence')
    .execute()
  const releases = await db
    .selectFrom('releases')
    .select(['repository', 'model', 'data'])
    .orderBy('repository')
    .orderBy('model')
    .orderBy('sequence')
    .execute()
  const keys = new Map(rows.map((row) => [`${row.repository} ${row.model} ${row.environment}`, row.data as Promotion]))
  const environments: Record<string, { live: string | undefined; verified: readonly string[] }> = {}
  for (const [name, key] of keys) {
    const verified = await ledger.verifiedReleases(key, 1000)
    environments[name] = {
      live: livePromotion(await ledger.history(key))?.id,
      verified: verified.map(({ release }) => release.id),
    }
  }
  return {
    releases: releases.map(({ data }) => releaseFacts(data as ReleaseRecord)),
    promotions: rows.map(({ data, untold }) => promotionFacts(data as Promotion, untold)),
    environments,
    holds: await holdFacts(db),
    waivers: await waiverFacts(db),
    approvals: await approvalFacts(db),
    commands: await commandFacts(db),
    audit: await auditFacts(db),
  }
}

function releaseFacts({ repository, model, origin, commit, pullRequest, pushedBy, state }: ReleaseRecord) {
  const { completedAt: _, comparison: __, ...content } = state.kind === 'complete' ? state.release : { completedAt: '' }
  return json({
    name: `${repository} ${model} ${commit} ${origin ?? 'default_branch'}`,
    pullRequest: pullRequest?.number,
    author: pullRequest?.author ?? pushedBy,
    state: state.kind,
    content,
  })
}

function promotionFacts(promotion: Promotion, isUntold: boolean) {
  const { id, kind, release, head, label, via, leaves, restore, thread, asked, changes, into, ownBranch } = promotion
  const { pullRequest, mergedPast, canary, incident } = promotion
  return json({
    id,
    name: `${promotion.repository} ${promotion.model} ${promotion.environment}`,
    ...{ kind, release, head, label, via, leaves, restore, thread, changes, into, ownBranch },
    askedIn: asked?.repository,
    pullRequest: pullRequest && { number: pullRequest.number, headSha: pullRequest.headSha },
    mergedPast,
    canary: canary && { share: canary.share, live: canary.live?.share, steps: canary.steps },
    incident: incident && (incident.closedAt === undefined ? 'open' : 'closed'),
    stage: stageFacts(promotion),
    isUntold,
  })
}

function stageFacts({ stage }: Promotion) {
  switch (stage.at) {
    case 'syncing':
    case 'verifying':
      return { at: stage.at, revision: stage.revision }
    case 'verified':
      return { at: stage.at, revision: stage.revision, alias: stage.move?.to }
    case 'failed':
      return { at: stage.at, code: stage.code, revision: stage.revision, rollback: stage.rollback }
    case 'superseded':
      return { at: stage.at, by: stage.by, wasMerged: stage.wasMerged }
    case 'cancelled':
      return { at: stage.at, act: stage.act }
    case 'refused':
      return { at: stage.at, code: stage.code }
    default:
      return { at: stage.at }
  }
}

/** Those that hold, and which have ended. */
async function holdFacts(db: Kysely<Tables>) {
  const rows = await db.selectFrom('holds').selectAll().orderBy('sequence').execute()
  return rows
    .map(({ id, repository, environment, model, kind, ended_by, data }) => {
      const { by, reason, until, confinedTo } = data as Record<string, string | undefined>
      const scope = [repository, environment, model].filter((part) => part !== '').join(' ')
      return json({
        id,
        scope,
        kind,
        by,
        reason,
        isTimed: until !== undefined,
        confinedTo,
        hasEnded: ended_by !== null,
      })
    })
    .toSorted((a, b) => (JSON.stringify([a.scope, a.kind]) < JSON.stringify([b.scope, b.kind]) ? -1 : 1))
}

async function waiverFacts(db: Kysely<Tables>) {
  const rows = await db.selectFrom('waivers').selectAll().execute()
  return sorted(
    rows.map(({ repository, number, head_sha, model, gate, revoked_by, data }) => {
      const { by, reason } = data as Record<string, string>
      return json({
        on: `${repository}#${number} ${head_sha}`,
        model,
        gate,
        by,
        reason,
        isRevoked: revoked_by !== null,
      })
    }),
  )
}

async function approvalFacts(db: Kysely<Tables>) {
  const rows = await db.selectFrom('approvals').select(['promotion', 'head', 'login']).execute()
  return sorted(rows)
}

/** How far each is, and what came of its lines. */
async function commandFacts(db: Kysely<Tables>) {
  const rows = await db.selectFrom('commands').select(['repository', 'state', 'data']).orderBy('comment_id').execute()
  return rows.map(({ repository, state, data }) => {
    const { body, author, outcomes } = data as { body: string; author: string; outcomes: { kind: string }[] }
    return { repository, state, body, author, outcomes: outcomes.map(({ kind }) => kind) }
  })
}

/** Who did what, how often: the order differs where two environments go on at once. */
async function auditFacts(db: Kysely<Tables>) {
  const rows = await db.selectFrom('audit').select(['actor', 'action', 'subject']).execute()
  return sorted(rows.map(({ actor, action, subject }) => `${actor}: ${action} ${subject}`))
}

/** As it is stored: without what is undefined. */
const json = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

const sorted = <Value>(values: readonly Value[]): readonly Value[] =>
  values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

/** Hosts, ids, hashes (with a letter: others are numbers) and times. */
const NAMES =
  /http:\/\/(?:127\.0\.0\.1|localhost):\d+|\b(?:pro|rel|hold)-[0-9a-f]{16}\b|\b(?=[0-9]*[a-f])[0-9a-f]{7,64}\b|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| UTC)?/g

/** What differs from one playing to the next, each by its kind and a number: the same thing has the same name everywhere. */
function named<Value>(state: Value): Value {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  const nameOf = (found: string): string => {
    if (/^\d{4}-/.test(found)) return '<time>'
    const kind = /^(http|pro|rel|hold)\b/.exec(found)?.[0] ?? 'hash'
    // A hash and its first seven digits are one thing.
    const key = kind === 'hash' ? found.slice(0, 7) : found
    const known = names.get(key)
    if (known !== undefined) return known
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    names.set(key, `<${kind} ${count}>`)
    return `<${kind} ${count}>`
  }
  const text = JSON.stringify(state, (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll(NAMES, nameOf) : value,
  )
  return JSON.parse(text) as Value
}
