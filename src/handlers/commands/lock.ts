/** `/lock`: hold an environment, or all of a config repository. Work happens in services/hold-environment.ts. */
import { decideLock } from '../../services/hold-environment.ts'
import type { Command } from './command.ts'

export const lock: Command = {
  name: 'lock',
  arguments: [
    { kind: 'environment', optional: true },
    { kind: 'model', optional: true },
    { kind: 'duration', after: 'for', optional: true },
    { kind: 'text', name: 'reason', optional: true },
  ],
  options: [{ name: 'all', summary: 'Everything that goes into the config repository in which it is written.' }],
  changes: true,
  spots: ['pull request', 'promotion pull request', 'issue'],
  summary:
    'Holds the environment for every model, or for the one that is named: neither automation nor `/deploy` goes past it. On a promotion pull request, without an environment: its own model and environment.',
  who: "the environment's `lockers`; without that list its `deployers`. `--all`: people who maintain the config repository",
  examples: [
    '/lock prod',
    '/lock prod churn for 2h incident in the feature store',
    '/lock --all for 1h the cluster moves',
  ],
  decide: decideLock,
}
