/** Whether one answer of an HTTP check is right, and n of m of them. The request is made by src/services/check-http.ts. */
import type { HttpLook } from './check-memory.ts'
import type { ExpectedStatus, HttpCheck } from './check-settings.ts'
import { compareSample } from './inference-sample.ts'
import { brokenRule, wantedText } from './json-path.ts'
import type { Evidence } from './promotion.ts'
import { enough } from './verification.ts'

/** An answer as the probe gives it. */
export type HttpAnswer = {
  readonly status: number
  readonly milliseconds: number
  /** Where a redirect would have led. */
  readonly location?: string | undefined
  /** undefined: not read, or not text; `bodyProblem` then says why. */
  readonly body?: string | undefined
  readonly bodyProblem?: string | undefined
}

/** `wanted`: the right answer to the check's sample, once it has been read. */
export function judgeAnswer(answer: HttpAnswer, check: HttpCheck, wanted: unknown): HttpLook {
  const problem = statusProblem(answer, check) ?? latencyProblem(answer, check) ?? bodyProblem(answer, check, wanted)
  const time = check.maxLatency === undefined ? '' : ` in ${answer.milliseconds} ms`
  return { ok: problem === undefined, seen: `HTTP ${answer.status}${time}${problem === undefined ? '' : problem}` }
}

const isExpected = (status: number, expected: ExpectedStatus): boolean =>
  typeof expected === 'number' ? status === expected : String(status)[0] === expected[0]

function statusProblem({ status, location }: HttpAnswer, { expect }: HttpCheck): string | undefined {
  if ([expect].flat().some((expected) => isExpected(status, expected))) return undefined
  return location === undefined ? '' : ` to ${originOf(location)}, which is not followed`
}

/** Of an address that somebody else wrote: no more than whom it names. */
const originOf = (location: string): string => {
  const origin = URL.parse(location)?.origin
  return origin === undefined || origin === 'null' ? 'another path' : origin.slice(0, 100)
}

function latencyProblem({ milliseconds }: HttpAnswer, { maxLatency }: HttpCheck): string | undefined {
  return maxLatency === undefined || milliseconds <= maxLatency ? undefined : ', too slow'
}

/** Whether the body has to be read at all. */
export const readsBody = ({ bodyContains, json, sample }: HttpCheck): boolean =>
  bodyContains !== undefined || (json !== undefined && json.length > 0) || sample !== undefined

function bodyProblem(answer: HttpAnswer, check: HttpCheck, wanted: unknown): string | undefined {
  if (!readsBody(check)) return undefined
  const { body } = answer
  if (body === undefined) return `, ${answer.bodyProblem ?? 'without a body'}`
  if (check.bodyContains !== undefined && !body.includes(check.bodyContains))
    return `, the body does not contain "${check.bodyContains.slice(0, 60)}"`
  const rules = check.json ?? []
  if (rules.length === 0 && check.sample === undefined) return undefined
  const parsed = parseJson(body)
  if (parsed === undefined) return ', the body is no JSON'
  const broken = brokenRule(parsed.value, rules)
  if (broken !== undefined) return `, ${broken}`
  if (check.sample === undefined) return undefined
  const compared = compareSample(parsed.value, wanted, check.sample.tolerance)
  return compared.ok ? undefined : `, ${compared.problem}`
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** The evidence of the newest looks; `looks` is not empty. */
export function httpEvidence(
  looks: readonly HttpLook[],
  check: HttpCheck,
  about: Pick<Evidence, 'check' | 'at'>,
): Evidence {
  const good = looks.filter(({ ok }) => ok).length
  const last = looks.at(-1)
  const answers = looks.map(({ ok }) => ok)
  const rule = ({ yes: 'holds', no: 'fails', unknown: 'pending' } as const)[enough(answers, check)]
  // A wrong answer that is tolerated may be the first of many: nothing is proven by it.
  const verdict = rule === 'holds' && last?.ok === false ? 'pending' : rule
  const wrong = verdict === 'fails' && last?.ok === true ? looks.findLast(({ ok }) => !ok) : undefined
  const told = wrong === undefined ? `last: ${last?.seen}` : `last wrong: ${wrong.seen}`
  const seen = check.of === 1 ? (last?.seen ?? '') : `${good} of ${looks.length} (${told})`
  return { ...about, verdict, seen, wanted: wantedOf(check) }
}

/** `2xx in ≤ 300 ms, 5 of 6`. */
export function wantedOf(check: HttpCheck): string {
  const status = [check.expect].flat().join(' or ')
  const parts = [
    check.maxLatency === undefined ? status : `${status} in ≤ ${check.maxLatency} ms`,
    ...(check.bodyContains === undefined ? [] : [`"${check.bodyContains.slice(0, 60)}" in the body`]),
    ...(check.json ?? []).map(({ path, want }) =>
      want.kind === 'equals' ? `${path} = ${wantedText(want)}` : `${path} ${wantedText(want)}`,
    ),
    ...(check.sample === undefined ? [] : [`the answer of the sample ± ${check.sample.tolerance}`]),
    ...(check.of === 1 ? [] : [`${check.successes} of ${check.of}`]),
  ]
  return parts.join(', ')
}
