/** `/cancel`: stop what is on its way before its merge. Work happens in services/cancel-promotion.ts, the reply is comments/cancellation.ts. */
import { decideCancel } from '../../services/cancel-promotion.ts'
import type { Command } from './command.ts'

export const cancel: Command = {
  name: 'cancel',
  arguments: [
    { kind: 'environment', optional: true },
    { kind: 'model', optional: true },
  ],
  options: [],
  changes: true,
  spots: ['pull request', 'promotion pull request'],
  summary:
    'Stops what is on its way to the environment before it is merged: closes the promotion pull request, and automation does not propose that release there again. What is merged is taken out by `/rollback`.',
  who: "the environment's `deployers`, and whoever asked for that promotion",
  examples: ['/cancel', '/cancel prod', '/cancel prod churn'],
  decide: decideCancel,
}
