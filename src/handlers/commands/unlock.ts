/** `/unlock`: lift a hold, a person's or a rollback's. Work happens in services/hold-environment.ts. */
import { decideUnlock } from '../../services/hold-environment.ts'
import type { Command } from './command.ts'

export const unlock: Command = {
  name: 'unlock',
  usage: '/unlock <environment> [model]',
  summary: 'Lifts the hold on the environment.',
  who: "the environment's `deployers`; without that list, people with write access to both repositories",
  examples: ['/unlock prod'],
  decide: decideUnlock,
}
