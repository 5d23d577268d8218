/** `/lock`: hold an environment. Work happens in services/hold-environment.ts. */
import { decideLock } from '../../services/hold-environment.ts'
import { type Command, DEPLOYERS } from './command.ts'

export const lock: Command = {
  name: 'lock',
  arguments: [
    { kind: 'environment' },
    { kind: 'model', optional: true },
    { kind: 'duration', after: 'for', optional: true },
    { kind: 'text', name: 'reason', optional: true },
  ],
  options: [],
  changes: true,
  spots: ['pull request', 'promotion pull request', 'issue'],
  summary: 'Holds the environment: neither automation nor `/deploy` goes past it.',
  who: DEPLOYERS,
  examples: ['/lock prod', '/lock prod for 2h incident in the feature store'],
  decide: decideLock,
}
