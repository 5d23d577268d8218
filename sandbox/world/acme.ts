/** The organisation of the stories: who there is, and what lies in its two repositories. The configuration is examples/reference/, unchanged. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { GitHubSandbox } from '../github/index.ts'

export const MODELS = 'acme/models'
export const CONFIG = 'acme/ml-config'

const REFERENCE = join(import.meta.dirname, '../../examples/reference')

/** alice deploys to prod and may force; bob approves; carol leads; dave writes models; erin only reads. `closed` repositories are private, the others public. */
export function populate(github: GitHubSandbox, closed: readonly string[] = []): number {
  for (const login of ['alice', 'bob', 'carol', 'dave', 'erin']) github.createUser(login)
  github.createOrganization('acme', {
    members: { alice: 'member', bob: 'member', carol: 'admin', dave: 'member', erin: 'member' },
  })
  github.createTeam('acme', 'ml-leads', { members: ['carol'] })
  const collaborators = { alice: 'write', bob: 'write', carol: 'admin', dave: 'write', erin: 'read' } as const
  github.createRepository(MODELS, {
    files: { ...readTree('model-repo'), ...MODEL_SOURCES },
    collaborators,
    private: closed.includes(MODELS),
  })
  github.createRepository(CONFIG, {
    files: readTree('config-repo'),
    collaborators: { ...collaborators, dave: 'read' },
    private: closed.includes(CONFIG),
  })
  return github.installApp('acme', { repositories: [MODELS, CONFIG] })
}

/** The operator's policy of the reference, with the addresses of this world in place of the cluster's. */
export function policyText(urls: {
  readonly mlflow: string
  readonly prometheus: string
  readonly registry: string
  readonly endpoint: string
}): string {
  const text = readFileSync(join(REFERENCE, 'server/policy.yml'), 'utf8')
  const placed = text
    .replace('http://mlflow.mlops.svc:5000', urls.mlflow)
    .replace('http://prometheus.monitoring.svc:9090', urls.prometheus)
    // Stories send samples of inference, which the reference does not.
    .replace(/^( *)http: (.*)$/m, '$1http: $2\n$1http_post: $2')
  const routes = [
    'routes:',
    `  - { from: "https://ghcr.io", to: "${urls.registry}" }`,
    `  - { from: "https://*.example.com", to: "${urls.endpoint}" }`,
  ]
  return `${placed}${routes.join('\n')}\n`
}

const MODEL_SOURCES: Readonly<Record<string, string>> = {
  'README.md': '# Models\n\nchurn and fraud. Trained in CI, compared and promoted by Lockkeeper.\n',
  'models/churn/train.py': 'C = 1.0\nFEATURES = ["tenure", "contract", "charges"]\n',
  'models/fraud/train.py': 'DEPTH = 6\n',
  'models/fraud/metrics.json': '{\n  "f1": 0.8112,\n  "f1/segment=eu": 0.7904,\n  "precision": 0.845\n}\n',
}

function readTree(folder: string): Record<string, string> {
  const root = join(REFERENCE, folder)
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [relative(root, path), readFileSync(path, 'utf8')]
    }),
  )
}
