/** What the checks of a rollout know of their earlier looks: kept in the stage `verifying` (promotion.ts), so that a restart forgets nothing. JSON; every key may be absent. */
import type { Evidence } from './promotion.ts'

/** One answered, or failed, request. `seen` is for people. */
export type HttpLook = { readonly ok: boolean; readonly seen: string }

/** `at`: when it was last asked (ISO instant). */
export type HttpMemory = { readonly at: string; readonly looks: readonly HttpLook[] }

/** `before`: the query's value at the merge, once it is known; null: there was none; absent: not known yet. `evidence`: of the look at `at`. */
export type PrometheusMemory = {
  readonly at: string
  readonly before?: number | null | undefined
  readonly evidence: Evidence
}

/** `evidence`: of the look at `at`. */
export type ReportMemory = { readonly at: string; readonly evidence: Evidence }

/** Each kind of check has its own key, a list in the order of the settings. */
export type CheckMemory = {
  readonly http?: readonly (HttpMemory | null)[] | undefined
  readonly prometheus?: readonly (PrometheusMemory | null)[] | undefined
  readonly reports?: readonly (ReportMemory | null)[] | undefined
}

/** After an absence: what was answered before it says nothing about now. What happened once, and for good, is kept. */
export const afterAbsence = (memory: CheckMemory): CheckMemory => ({ ...memory, http: undefined })

/** Whether the check is asked again: news from the cluster must not make its looks follow each other more closely than `every`. A clock that went back makes it due. */
export function isDue(at: string | undefined, now: Date, every: number): boolean {
  if (at === undefined) return true
  const since = now.getTime() - Date.parse(at)
  // A timer may come a moment early.
  return since < 0 || since >= every * 0.9
}
