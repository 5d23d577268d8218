/** `verify: prometheus`: the value of a query now, against limits and against its value before the deployment. Part of run-checks.ts. */
import type { PrometheusCheck } from '../domain/check-settings.ts'
import type { Evidence } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import type { CheckLook, Looking } from './run-checks.ts'
import { checkText } from './verify-service.ts'

export async function lookAtQueries(looking: Looking, deps: Deps): Promise<CheckLook> {
  const { prometheus } = looking.environment.verify
  return { evidence: await Promise.all(prometheus.map((check) => lookAtQuery(looking, check, deps))) }
}

async function lookAtQuery(looking: Looking, check: PrometheusCheck, deps: Deps): Promise<Evidence> {
  const query = checkText(looking, check.query)
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
  const permit = deps.mayUse(looking.promotion.repository, { kind: 'prometheus', server: check.server })
  if (!permit.allowed) return evidence('fails', permit.message)
  const answer = await deps.prometheus.query(check.server, query)
  if (answer.kind === 'no_data') return evidence('no_data', 'no data')
  if (answer.kind === 'failed') return evidence('no_data', answer.reason)
  const within = answer.value >= (check.min ?? -Infinity) && answer.value <= (check.max ?? Infinity)
  return evidence(within ? 'holds' : 'fails', String(Number(answer.value.toPrecision(4))))
}
