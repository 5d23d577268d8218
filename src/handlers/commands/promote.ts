/** `/promote`: all of the traffic, without the remaining steps. Work happens in services/move-canary.ts, the reply is comments/canary.ts. */
import { decidePromote } from '../../services/move-canary.ts'
import { type Command, DEPLOYERS } from './command.ts'

export const promote: Command = {
  name: 'promote',
  arguments: [
    { kind: 'environment', optional: true },
    { kind: 'model', optional: true },
  ],
  options: [],
  changes: true,
  spots: ['pull request', 'promotion pull request'],
  summary:
    'Gives the release that is on its way all of the traffic, without the remaining steps of `canary:`. The checks of `verify:` follow as ever.',
  who: DEPLOYERS,
  examples: ['/promote prod', '/promote prod churn'],
  decide: decidePromote,
}
