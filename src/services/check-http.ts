/** `verify: http`: one request at each look, and n of the newest m must be right. What right means: domain/http-answer.ts. Part of run-checks.ts. */
import { type HttpLook, type HttpMemory, isDue } from '../domain/check-memory.ts'
import type { HttpCheck } from '../domain/check-settings.ts'
import { httpEvidence, judgeAnswer, readsBody, wantedOf } from '../domain/http-answer.ts'
import type { Evidence } from '../domain/promotion.ts'
import { EVERY } from '../domain/verification.ts'
import type { Deps } from './deps.ts'
import type { HttpRequest } from './ports.ts'
import { readSample } from './read-sample.ts'
import type { CheckLook, Looking } from './run-checks.ts'
import { checkText } from './verify-service.ts'

/** Several requests of one look to one host would wait for each other; several looks at one moment prove nothing about the next. */
export async function lookAtEndpoints(looking: Looking, deps: Deps): Promise<CheckLook> {
  const { http } = looking.environment.verify
  const looks = await Promise.all(
    http.map((check, index) => lookAtUrl(looking, { check, earlier: looking.memory.http?.[index] ?? undefined }, deps)),
  )
  return { evidence: looks.map(({ evidence }) => evidence), memory: { http: looks.map(({ memory }) => memory) } }
}

type Check = { readonly check: HttpCheck; readonly earlier: HttpMemory | undefined }
type Look = { readonly evidence: Evidence; readonly memory: HttpMemory | null }

async function lookAtUrl(looking: Looking, { check, earlier }: Check, deps: Deps): Promise<Look> {
  const url = checkText(looking, check.url)
  const method = check.method ?? 'GET'
  const about = { check: check.name ?? `${method} ${url}`, at: looking.now.toISOString() }
  const every = looking.environment.verify.every ?? EVERY
  if (earlier !== undefined && !isDue(earlier.at, looking.now, every))
    return { evidence: httpEvidence(earlier.looks, check, { ...about, at: earlier.at }), memory: earlier }
  const unasked = (seen: string): Look => ({
    evidence: { ...about, verdict: 'no_data', seen, wanted: wantedOf(check) },
    memory: earlier ?? null,
  })
  const permit = deps.mayUse(looking.promotion.repository, {
    kind: 'http',
    url,
    ...(method === 'POST' && { post: true }),
  })
  if (!permit.allowed) return unasked(permit.message)
  const sample = check.sample && (await readSample(looking, check.sample, deps))
  if (sample?.kind === 'none') return unasked(sample.reason)
  const look = await ask(
    { url, method, ...(sample && { json: sample.request }) },
    { check, right: sample?.response },
    deps,
  )
  const looks = [...(earlier?.looks ?? []), look].slice(-check.of)
  return { evidence: httpEvidence(looks, check, about), memory: { at: about.at, looks } }
}

/** At least as long is waited as a right answer may take. */
const TIMEOUT_MS = 5000

async function ask(
  request: HttpRequest,
  { check, right }: { readonly check: HttpCheck; readonly right: unknown },
  deps: Deps,
): Promise<HttpLook> {
  const answer = await deps.probe.ask({
    ...request,
    headers: check.headers ?? [],
    readBody: readsBody(check),
    timeoutMs: Math.max(TIMEOUT_MS, (check.maxLatency ?? 0) + 1000),
  })
  return answer.kind === 'failed' ? { ok: false, seen: answer.reason } : judgeAnswer(answer, check, right)
}
