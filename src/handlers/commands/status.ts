/** `/status`: what is live where. Work happens in services/describe-status.ts, the reply is comments/status.ts. */
import { describeStatus } from '../../services/describe-status.ts'
import { type Command, EVERYBODY } from './command.ts'

export const status: Command = {
  name: 'status',
  arguments: [
    { kind: 'environment', optional: true },
    { kind: 'model', optional: true },
  ],
  options: [],
  changes: false,
  spots: ['pull request', 'promotion pull request', 'issue'],
  summary: 'Says what is live where, since when and by whom, what is under way, and what is held or frozen.',
  who: EVERYBODY,
  examples: ['/status', '/status prod'],
  decide: describeStatus,
}
