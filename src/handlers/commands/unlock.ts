/** `/unlock`: lift a hold, a person's or a rollback's. Work happens in services/free-environment.ts. */
import { decideUnlock } from '../../services/free-environment.ts'
import type { Command } from './command.ts'

export const unlock: Command = {
  name: 'unlock',
  arguments: [
    { kind: 'environment', optional: true },
    { kind: 'model', optional: true },
  ],
  options: [{ name: 'all', summary: 'The stop of the config repository in which it is written.' }],
  changes: true,
  spots: ['pull request', 'promotion pull request', 'issue'],
  summary:
    'Lifts the hold on the environment, or of the one model that is held there; what a rollback left, too. The reply names what was lifted.',
  who: "the environment's `lockers`; without that list its `deployers`. `--all`: people who maintain the config repository",
  examples: ['/unlock prod', '/unlock prod churn'],
  decide: decideUnlock,
}
