/** `/deploy`: promote a release to an environment. Work happens in services/deploy-release.ts, the reply is comments/reply.ts. */
import { decideDeploy } from '../../services/deploy-release.ts'
import { type Command, DEPLOYERS } from './command.ts'

export const deploy: Command = {
  name: 'deploy',
  arguments: [
    { kind: 'environment' },
    { kind: 'model', optional: true },
    { kind: 'release', name: 'sha or release', optional: true },
  ],
  options: [{ name: 'force', value: 'reason', summary: "Skips the rules that the environment's `force:` lists." }],
  changes: true,
  spots: ['pull request', 'promotion pull request'],
  summary:
    'Promotes the release of this pull request (or the one named) to the environment: opens the promotion pull request and merges it when every rule holds. Of an open pull request its head, where the environment says `from: pull_request`.',
  who: DEPLOYERS,
  examples: [
    '/deploy staging',
    '/deploy prod',
    '/deploy prod churn v12',
    '/deploy prod --dry-run',
    '/deploy prod --force "fixes an outage"',
  ],
  decide: decideDeploy,
}
