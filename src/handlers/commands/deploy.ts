/** `/deploy`: promote a release to an environment. Work happens in services/deploy-release.ts, the reply is comments/reply.ts. */
import { decideDeploy } from '../../services/deploy-release.ts'
import type { Command } from './command.ts'

export const deploy: Command = {
  name: 'deploy',
  usage: '/deploy <environment> [model] [<sha or release>] [--dry-run] [--force "<reason>"]',
  summary:
    'Promotes the release of this pull request (or the one named) to the environment: opens the promotion pull request and merges it when every rule holds. Of an open pull request its head, where the environment says `from: pull_request`.',
  who: "the environment's `deployers`; without that list, people with write access to both repositories",
  examples: [
    '/deploy staging',
    '/deploy prod',
    '/deploy prod churn v12',
    '/deploy prod --dry-run',
    '/deploy prod --force "fixes an outage"',
  ],
  options: ['dry-run', 'force'],
  decide: decideDeploy,
}
