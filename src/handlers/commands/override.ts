/** `/override`: waive one gate for one head. Work happens in services/override-gate.ts, the reply is comments/waiver.ts. */
import { decideOverride } from '../../services/override-gate.ts'
import type { Command } from './command.ts'

export const override: Command = {
  name: 'override',
  arguments: [{ kind: 'gate' }, { kind: 'model', optional: true }, { kind: 'text', name: 'reason' }],
  options: [
    {
      name: 'head',
      value: 'sha',
      summary: 'The whole id of the commit that is meant: needed for forks, and after a push.',
    },
    { name: 'revoke', summary: 'Takes the waiver back. It needs no reason.' },
  ],
  changes: true,
  spots: ['pull request'],
  summary:
    'Waives one gate that fails, for the head of this pull request as it is: the next push voids it. Who waived it, and why, stays with the check run, the release and its promotions.',
  who: "the model's `overriders`; without that list, people who maintain the repository; the author of the pull request only where `overriders` names them",
  examples: [
    '/override auc known outage of the feature store',
    '/override "drift/Share of drifted columns" churn campaign of last week',
    '/override --revoke auc',
  ],
  decide: decideOverride,
}
