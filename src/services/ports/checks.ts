/** What the checks of a rollout ask: metrics in Prometheus, addresses over HTTP. */
import type { HttpAnswer } from '../../domain/http-answer.ts'

/** Instant queries. "No data" is its own answer, never zero. */
export type Prometheus = {
  /** `at`: as of then; undefined: now. */
  query(server: string, query: string, at?: Date): Promise<QueryAnswer>
}

export type QueryAnswer =
  | { readonly kind: 'value'; readonly value: number }
  /** An empty answer, or NaN: nothing was measured. */
  | { readonly kind: 'no_data'; readonly reason: string }
  /** It could not be asked, or what it gives is not one number. */
  | { readonly kind: 'failed'; readonly reason: string }

export type HttpRequest = {
  readonly url: string
  readonly method: 'GET' | 'HEAD' | 'POST'
  /** Sent as JSON. */
  readonly json?: unknown
  /** Besides those that the probe sets itself, which win. */
  readonly headers?: readonly { readonly name: string; readonly value: string }[]
  /** Default false: read, but not given. */
  readonly readBody?: boolean
  /** For the whole answer. Default 5 s. */
  readonly timeoutMs?: number
}

export type ProbeAnswer =
  | ({ readonly kind: 'answer' } & HttpAnswer)
  | { readonly kind: 'failed'; readonly reason: string }

/** Requests over HTTP: never repeated, no redirects followed, bodies capped. */
export type HttpProbe = {
  ask(request: HttpRequest): Promise<ProbeAnswer>
}
