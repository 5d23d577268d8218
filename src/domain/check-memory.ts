/** What the checks of a rollout know of their earlier looks: kept in the stage `verifying` (promotion.ts), so that a restart forgets nothing. JSON; every key may be absent. */

/** One answered, or failed, request. `seen` is for people. */
export type HttpLook = { readonly ok: boolean; readonly seen: string }

/** `at`: when it was last asked (ISO instant). */
export type HttpMemory = { readonly at: string; readonly looks: readonly HttpLook[] }

/** `before`: the query's value at the merge, once it is known; null: there was none. */
export type PrometheusMemory = { readonly before: number | null }

/** Each kind of check has its own key, a list in the order of the settings. */
export type CheckMemory = {
  readonly http?: readonly (HttpMemory | null)[] | undefined
  readonly prometheus?: readonly (PrometheusMemory | null)[] | undefined
}
