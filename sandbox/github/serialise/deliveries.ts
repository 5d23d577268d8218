/** Webhook deliveries as the App's delivery log prints them. Records are in ../delivery-record.ts. */
import type { DeliveryAttempt } from '../delivery-record.ts'
import type { Json } from './accounts.ts'

/** `hook-delivery-item`: without bodies. */
export function deliveryItem(attempt: DeliveryAttempt): Json {
  return {
    id: attempt.id,
    guid: attempt.guid,
    delivered_at: attempt.deliveredAt,
    redelivery: attempt.redelivery,
    duration: attempt.durationSeconds,
    status: attempt.status,
    status_code: attempt.statusCode,
    event: attempt.event,
    action: attempt.action,
    installation_id: attempt.installationId,
    repository_id: attempt.repositoryId,
    throttled_at: null,
  }
}

/** `hook-delivery`: with request and response. */
export function delivery(attempt: DeliveryAttempt): Json {
  return {
    ...deliveryItem(attempt),
    url: attempt.url,
    request: { headers: attempt.requestHeaders, payload: attempt.payload },
    response: { headers: attempt.responseHeaders, payload: attempt.responseBody },
  }
}
