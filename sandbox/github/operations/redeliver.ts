/** Asking for a delivery again: same GUID, same payload, a new attempt in the log. */
import type { DeliveryAttempt } from '../delivery-record.ts'
import type { GitHubState } from '../state.ts'

/** Puts the delivery at the end of the queue. */
export function requestRedelivery(state: GitHubState, attempt: DeliveryAttempt): void {
  const { event, action, payload, installationId, repositoryId, guid } = attempt
  state.emit({ event, action, payload, installationId, repositoryId, redeliveryOf: guid })
}
