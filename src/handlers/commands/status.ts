/** `/status`: what is live where. Work happens in services/describe-status.ts, the reply is comments/status.ts. */
import { describeStatus } from '../../services/describe-status.ts'
import type { Command } from './command.ts'

export const status: Command = {
  name: 'status',
  usage: '/status [environment] [model]',
  summary: 'Says what is live where, since when and by whom, what is under way, and what is held or frozen.',
  who: 'everybody who can comment',
  examples: ['/status', '/status prod'],
  decide: describeStatus,
}
