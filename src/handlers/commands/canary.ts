/** `/canary`: a share of the traffic, chosen by hand. Work happens in services/move-canary.ts, the reply is comments/canary.ts. */
import { decideCanary } from '../../services/move-canary.ts'
import { type Command, DEPLOYERS } from './command.ts'

export const canary: Command = {
  name: 'canary',
  arguments: [
    { kind: 'environment', optional: true },
    { kind: 'model', optional: true },
    { kind: 'text', name: 'percent' },
  ],
  options: [],
  changes: true,
  spots: ['pull request', 'promotion pull request'],
  summary:
    'Gives the release that is on its way this share of the traffic, up or down, as soon as what is under way is synced. There it stays, and is watched, until the next `/canary`, `/promote` or `/rollback`. For environments with `canary:`.',
  who: DEPLOYERS,
  examples: ['/canary prod 25', '/canary prod churn 5', '/canary prod 50 --dry-run'],
  decide: decideCanary,
}
