/** `verify: http`: one request for each look, and n of the newest m looks must be right. Part of run-checks.ts. */
import type { HttpCheck } from '../domain/check-settings.ts'
import type { Evidence } from '../domain/promotion.ts'
import { enough } from '../domain/verification.ts'
import type { Deps } from './deps.ts'
import type { CheckLook, Looking } from './run-checks.ts'
import { checkText } from './verify-service.ts'

export async function lookAtEndpoints(looking: Looking, deps: Deps): Promise<CheckLook> {
  const { http } = looking.environment.verify
  const evidence = await Promise.all(http.map((check) => lookAtUrl(looking, check, deps)))
  return { evidence }
}

async function lookAtUrl(looking: Looking, check: HttpCheck, deps: Deps): Promise<Evidence> {
  const url = checkText(looking, check.url)
  const at = deps.clock.now().toISOString()
  const wanted = `${check.expect}, ${check.successes} of ${check.of}`
  const permit = deps.mayUse(looking.promotion.repository, { kind: 'http', url })
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
