/** `/compare`: compare anew, or with another baseline. Work happens in services/compare-with.ts. */
import { decideCompare } from '../../services/compare-with.ts'
import type { Command } from './command.ts'

export const compare: Command = {
  name: 'compare',
  arguments: [
    { kind: 'model', optional: true },
    { kind: 'baseline', name: 'version, alias, environment or commit', optional: true, after: 'with' },
  ],
  options: [],
  changes: false,
  spots: ['pull request'],
  summary:
    'Compares the head anew; with another baseline (a version, an alias, what is live in an environment, a commit of the base branch) in the reply alone.',
  who: 'the author of the pull request, and people with triage access to the model repository',
  examples: ['/compare', '/compare with v12', '/compare churn with @champion', '/compare with prod'],
  decide: decideCompare,
}
