/** `/approve`: an approver's yes to a promotion. Work happens in services/approve-promotion.ts, the reply is comments/approval.ts. */
import { decideApprove } from '../../services/approve-promotion.ts'
import type { Command } from './command.ts'

export const approve: Command = {
  name: 'approve',
  arguments: [
    { kind: 'environment', optional: true },
    { kind: 'model', optional: true },
  ],
  options: [],
  changes: true,
  spots: ['pull request', 'promotion pull request'],
  summary:
    'Approves the promotion as its pull request is now; an approving review of that counts the same. Whatever changes it voids the approval. A review is no command: `/approve` is heard in a comment of the conversation.',
  who: "the environment's `approvers`; without that list, its deployers. Never whoever asked for the promotion, nor the author of the model's pull request",
  examples: ['/approve', '/approve prod', '/approve prod churn'],
  decide: decideApprove,
}
