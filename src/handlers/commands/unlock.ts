/** `/unlock`: lift a hold, a person's or a rollback's. Work happens in services/hold-environment.ts. */
import { decideUnlock } from '../../services/hold-environment.ts'
import { type Command, DEPLOYERS } from './command.ts'

export const unlock: Command = {
  name: 'unlock',
  arguments: [{ kind: 'environment' }, { kind: 'model', optional: true }],
  options: [],
  changes: true,
  spots: ['pull request', 'promotion pull request', 'issue'],
  summary: 'Lifts the hold on the environment.',
  who: DEPLOYERS,
  examples: ['/unlock prod'],
  decide: decideUnlock,
}
