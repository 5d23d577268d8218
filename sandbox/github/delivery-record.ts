/** What a webhook is between the operation that emits it and the log of its deliveries; webhooks.ts delivers. */
import type { Timestamp } from './model.ts'

/** One event for the App's hook, payload complete (as it was at the moment of the change). */
export type OutgoingEvent = {
  readonly event: string
  readonly action: string | null
  readonly payload: Readonly<Record<string, unknown>>
  readonly installationId: number | null
  readonly repositoryId: number | null
  /** The GUID of the delivery that this repeats; absent for a new one. */
  readonly redeliveryOf?: string
}

/** One attempt to deliver an event. A redelivery is a new attempt with a new `id` and the same `guid`. */
export type DeliveryAttempt = OutgoingEvent & {
  readonly id: number
  readonly guid: string
  readonly deliveredAt: Timestamp
  readonly redelivery: boolean
  readonly durationSeconds: number
  /** `OK`, or why not, in words. */
  readonly status: string
  /** 0 when no answer came. */
  readonly statusCode: number
  readonly url: string
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly responseHeaders: Readonly<Record<string, string>>
  readonly responseBody: string
}
