/** `/rollback`: go back to a verified release. Work happens in services/rollback-environment.ts, the reply is comments/reply.ts. */
import { decideRollback } from '../../services/rollback-environment.ts'
import { type Command, DEPLOYERS } from './command.ts'

export const rollback: Command = {
  name: 'rollback',
  arguments: [
    { kind: 'environment', optional: true },
    { kind: 'model', optional: true },
    { kind: 'release', name: 'version or release', after: 'to', optional: true },
  ],
  options: [],
  changes: true,
  spots: ['pull request', 'promotion pull request', 'issue'],
  summary:
    'Puts the newest verified release (or the one named) back, without waiting for soak, freeze, gates or approvals, then holds the environment.',
  who: DEPLOYERS,
  examples: ['/rollback prod', '/rollback prod to v11', '/rollback prod churn'],
  decide: decideRollback,
}
