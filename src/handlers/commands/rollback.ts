/** `/rollback`: go back to a verified release. Work happens in services/rollback-environment.ts, the reply is comments/reply.ts. */
import { decideRollback } from '../../services/rollback-environment.ts'
import type { Command } from './command.ts'

export const rollback: Command = {
  name: 'rollback',
  usage: '/rollback [<environment>] [model] [to <version or release>]',
  summary:
    'Puts the newest verified release (or the one named) back, without waiting for soak, freeze, gates or approvals, then holds the environment.',
  who: "the environment's `deployers`; without that list, people with write access to both repositories",
  examples: ['/rollback prod', '/rollback prod to v11', '/rollback prod churn'],
  decide: decideRollback,
}
