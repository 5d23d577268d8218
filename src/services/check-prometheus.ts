/** `verify: prometheus`: the value of a query now, against limits and against its value at the merge. What holds: domain/query-value.ts. Part of run-checks.ts. */
import { isDue, type PrometheusMemory } from '../domain/check-memory.ts'
import type { PrometheusCheck } from '../domain/check-settings.ts'
import type { Evidence } from '../domain/promotion.ts'
import { type Before, judgeNoData, judgeValue, wantedOf } from '../domain/query-value.ts'
import { EVERY } from '../domain/verification.ts'
import type { Deps } from './deps.ts'
import type { CheckLook, Looking } from './run-checks.ts'
import { checkText } from './verify-service.ts'

export async function lookAtQueries(looking: Looking, deps: Deps): Promise<CheckLook> {
  const { prometheus, every = EVERY } = looking.environment.verify
  const memory = await Promise.all(
    prometheus.map((check, index) => {
      const earlier = looking.memory.prometheus?.[index] ?? undefined
      if (earlier !== undefined && !isDue(earlier.at, looking.now, every)) return earlier
      return lookAtQuery(looking, { check, earlier }, deps)
    }),
  )
  return { evidence: memory.map(({ evidence }) => evidence), memory: { prometheus: memory } }
}

type Check = { readonly check: PrometheusCheck; readonly earlier: PrometheusMemory | undefined }

async function lookAtQuery(looking: Looking, { check, earlier }: Check, deps: Deps): Promise<PrometheusMemory> {
  const query = checkText(looking, check.query)
  const at = looking.now.toISOString()
  const known = (before: Before, judged: Pick<Evidence, 'verdict' | 'seen' | 'wanted'>): PrometheusMemory => ({
    at,
    before: before.kind === 'value' ? before.value : before.kind === 'none' ? null : undefined,
    evidence: { check: check.name ?? query, at, ...judged },
  })
  const unasked: Before = { kind: 'unasked' }
  const unknown = (before: Before, seen: string): PrometheusMemory =>
    known(before, { verdict: 'no_data', seen, wanted: wantedOf(check, before) })
  const permit = deps.mayUse(looking.promotion.repository, { kind: 'prometheus', server: check.server })
  if (!permit.allowed) return unknown(unasked, permit.message)
  const before = await valueBefore(looking, { check, earlier, query }, deps)
  if (before.kind === 'failed') return unknown(unasked, `the value before the deployment: ${before.reason}`)
  const answer = await deps.prometheus.query(check.server, query)
  if (answer.kind === 'failed') return unknown(before, answer.reason)
  if (answer.kind === 'no_data') return known(before, judgeNoData(answer.reason, check, before))
  return known(before, judgeValue(answer.value, check, before))
}

/** As of the merge, when nothing of the release was live yet. Asked for again after a restart, it is the same: nothing has to be kept for it. */
async function valueBefore(
  { promotion, mergedAt }: Looking,
  { check, earlier, query }: Check & { readonly query: string },
  deps: Deps,
): Promise<Before | { readonly kind: 'failed'; readonly reason: string }> {
  if (check.maxRegression === undefined || promotion.kind === 'rollback') return { kind: 'unasked' }
  if (typeof earlier?.before === 'number') return { kind: 'value', value: earlier.before }
  if (earlier?.before === null) return { kind: 'none' }
  const answer = await deps.prometheus.query(check.server, query, new Date(mergedAt))
  return answer.kind === 'no_data' ? { kind: 'none' } : answer
}
