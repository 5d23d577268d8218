/** Runs the checks of `verify:` until they have held for their duration: stage `verifying` → `verified`, or failed. The rule is src/domain/verification.ts. */
import type { Evidence, Promotion, Stage } from '../domain/promotion.ts'
import type { HttpCheck, PrometheusCheck } from '../domain/settings.ts'
import { assessVerification, enough, withoutGap } from '../domain/verification.ts'
import type { Deps } from './deps.ts'
import type { Following } from './follow-sync.ts'
import { releaseOf, type Target } from './promotion-context.ts'
import { checkText, lookAtService, type Merged } from './verify-service.ts'

/** Between two looks at every check. It also sees what no watch tells: a new pod that crashes behind old ones changes nothing in its InferenceService. */
const EVERY_MS = 15_000

export async function verifyRollout(promotion: Promotion, target: Target, deps: Deps): Promise<Following> {
  const { stage } = promotion
  if (stage.at !== 'verifying') throw new Error('only a verifying promotion is verified')
  const release = await releaseOf(promotion, deps)
  const { environment } = target
  const { verify } = environment
  const { evidence, fatal } = await look({ promotion, release, environment, mergedAt: stage.mergedAt }, deps)
  const now = deps.clock.now()
  const known = {
    syncedAt: new Date(stage.syncedAt),
    holdingSince: stage.holdingSince === undefined ? undefined : new Date(stage.holdingSince),
    lookedAt: stage.lookedAt === undefined ? undefined : new Date(stage.lookedAt),
    unwatched: stage.unwatched ?? 0,
    within: verify.within,
    for: verify.for,
  }
  const state = withoutGap(known, now)
  const looked = { ...stage, evidence, lookedAt: now.toISOString(), unwatched: state.unwatched }
  const verdict = assessVerification(state, { evidence, fatal, now })
  switch (verdict.kind) {
    case 'verified': {
      const done: Stage = {
        at: 'verified',
        revision: stage.revision,
        mergedAt: stage.mergedAt,
        verifiedAt: now.toISOString(),
        evidence,
        alias: undefined,
      }
      return { promotion: { ...promotion, stage: done }, wait: undefined }
    }
    case 'failed': {
      const code = fatal === undefined ? 'verify_timeout' : 'verify_failed'
      const over: Stage = {
        at: 'failed',
        failedAt: now.toISOString(),
        code,
        message: verdict.reason,
        revision: stage.revision,
        evidence,
        rollback: undefined,
      }
      return { promotion: { ...promotion, stage: over }, wait: undefined }
    }
    case 'holding': {
      const next = { ...looked, holdingSince: verdict.since.toISOString() }
      return { promotion: { ...promotion, stage: next }, wait: earlier(verdict.until, now) }
    }
    case 'not-holding': {
      const next = { ...looked, holdingSince: undefined }
      return { promotion: { ...promotion, stage: next }, wait: earlier(verdict.deadline, now) }
    }
  }
}

const earlier = (at: Date, now: Date): Date => new Date(Math.min(at.getTime(), now.getTime() + EVERY_MS))

type Seen = { readonly evidence: readonly Evidence[]; readonly fatal: string | undefined }

async function look(merged: Merged, deps: Deps): Promise<Seen> {
  const { verify } = merged.environment
  const service = await lookAtService(merged, deps)
  const http = await Promise.all(verify.http.map((check) => lookAtUrl(merged, check, deps)))
  const prometheus = await Promise.all(verify.prometheus.map((check) => lookAtQuery(merged, check, deps)))
  const kserve = service === undefined ? [] : [service.evidence]
  return { evidence: [...kserve, ...http, ...prometheus], fatal: service?.fatal }
}

async function lookAtUrl(merged: Merged, check: HttpCheck, deps: Deps): Promise<Evidence> {
  const url = checkText(merged, check.url)
  const at = deps.clock.now().toISOString()
  const wanted = `${check.expect}, ${check.successes} of ${check.of}`
  const permit = deps.mayUse(merged.promotion.repository, { kind: 'http', url })
  if (!permit.allowed) return { check: `GET ${url}`, verdict: 'fails', seen: permit.message, wanted, at }
  const looks: boolean[] = []
  let last = ''
  while (enough(looks, check) === 'unknown' && looks.length < check.of) {
    const answer = await deps.probe.get(url)
    looks.push(answer.kind === 'answer' && answer.status === check.expect)
    last = answer.kind === 'answer' ? `HTTP ${answer.status}` : answer.reason
  }
  const good = looks.filter(Boolean).length
  const verdict = enough(looks, check) === 'yes' ? 'holds' : 'fails'
  return { check: `GET ${url}`, verdict, seen: `${good} of ${looks.length} (last: ${last})`, wanted, at }
}

async function lookAtQuery(merged: Merged, check: PrometheusCheck, deps: Deps): Promise<Evidence> {
  const query = checkText(merged, check.query)
  const at = deps.clock.now().toISOString()
  const bounds = [
    check.min === undefined ? [] : [`≥ ${check.min}`],
    check.max === undefined ? [] : [`≤ ${check.max}`],
  ].flat()
  const evidence = (verdict: Evidence['verdict'], seen: string): Evidence => ({
    check: query,
    verdict,
    seen,
    wanted: bounds.join(', '),
    at,
  })
  const permit = deps.mayUse(merged.promotion.repository, { kind: 'prometheus', server: check.server })
  if (!permit.allowed) return evidence('fails', permit.message)
  const answer = await deps.prometheus.query(check.server, query)
  if (answer.kind === 'no_data') return evidence('no_data', 'no data')
  if (answer.kind === 'failed') return evidence('no_data', answer.reason)
  const within = answer.value >= (check.min ?? -Infinity) && answer.value <= (check.max ?? Infinity)
  return evidence(within ? 'holds' : 'fails', String(Number(answer.value.toPrecision(4))))
}
