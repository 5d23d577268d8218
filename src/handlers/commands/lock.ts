/** `/lock`: hold an environment. Work happens in services/hold-environment.ts. */
import { decideLock } from '../../services/hold-environment.ts'
import type { Command } from './command.ts'

export const lock: Command = {
  name: 'lock',
  usage: '/lock <environment> [model] [for <duration>] [reason]',
  summary: 'Holds the environment: neither automation nor `/deploy` goes past it.',
  who: "the environment's `deployers`; without that list, people with write access to both repositories",
  examples: ['/lock prod', '/lock prod for 2h incident in the feature store'],
  decide: decideLock,
}
