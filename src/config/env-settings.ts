/** Every setting that the server reads from its environment: the one list behind env.ts, the did-you-mean of unknown names, and the page docs/settings.md. */

export type Setting = {
  readonly name: string
  /** As one would write it; undefined: there is none. */
  readonly default?: string
  /** One or two sentences, Markdown. */
  readonly meaning: string
  readonly group: 'GitHub App' | 'Server' | 'Database' | 'Policy and systems' | 'Sandbox only'
  /** Secrets are never printed, and may be given as a file: the same name with `_FILE`. */
  readonly isSecret?: true
  /** Read by a library and not by Lockkeeper; listed because it takes effect. */
  readonly readBy?: string
}

/** In the order of the page. */
export const SETTINGS = [
  {
    name: 'APP_ID',
    group: 'GitHub App',
    meaning: 'The number of the GitHub App (settings page of the App, "App ID").',
  },
  {
    name: 'PRIVATE_KEY',
    group: 'GitHub App',
    isSecret: true,
    meaning: "The App's private key: PEM, PEM on one line with `\\n` for line ends, or base64 of the PEM.",
  },
  {
    name: 'PRIVATE_KEY_PATH',
    group: 'GitHub App',
    meaning: 'A file with the private key, instead of `PRIVATE_KEY` (the same as `PRIVATE_KEY_FILE`).',
  },
  {
    name: 'WEBHOOK_SECRET',
    group: 'GitHub App',
    isSecret: true,
    meaning: "The App's webhook secret, at least 32 random characters (`openssl rand -hex 32`).",
  },
  {
    name: 'WEBHOOK_SECRET_PREVIOUS',
    group: 'GitHub App',
    isSecret: true,
    meaning:
      'Accepted besides `WEBHOOK_SECRET` while the secret is changed: set the old one here, then change it at GitHub, then remove this.',
  },
  {
    name: 'GHE_HOST',
    group: 'GitHub App',
    default: 'github.com',
    meaning: 'Host of a GitHub Enterprise Server or a `ghe.com` subdomain, without `https://` and path.',
  },
  {
    name: 'GHE_PROTOCOL',
    group: 'GitHub App',
    default: 'https',
    meaning: '`https`; `http` is accepted for a loopback `GHE_HOST` only.',
  },
  {
    name: 'HOST',
    group: 'Server',
    default: '127.0.0.1',
    meaning: 'Address to listen on. In a container: `0.0.0.0` (the image sets it).',
  },
  { name: 'PORT', group: 'Server', default: '3000', meaning: 'Port to listen on; `0` takes any free one.' },
  {
    name: 'LOG_LEVEL',
    group: 'Server',
    default: 'info',
    meaning: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.',
  },
  {
    name: 'DATABASE_URL',
    group: 'Database',
    isSecret: true,
    meaning:
      'A PostgreSQL 14 or newer, as `postgresql://user:password@host:5432/database`. Unset: an embedded server in `LOCKKEEPER_DATA_DIR`. Needed for more than one replica.',
  },
  {
    name: 'LOCKKEEPER_DATA_DIR',
    group: 'Database',
    default: '.lockkeeper',
    meaning: 'Directory of the embedded database, on a disk of this machine.',
  },
  {
    name: 'LOCKKEEPER_POLICY',
    group: 'Policy and systems',
    meaning:
      "The operator's policy file (YAML): which repositories may use which of this server's credentials and reach.",
  },
  {
    name: 'MLFLOW_TRACKING_URI',
    group: 'Policy and systems',
    meaning: 'The MLflow server `default`, where the policy names none of that name.',
  },
  {
    name: 'MLFLOW_TRACKING_USERNAME',
    group: 'Policy and systems',
    meaning:
      'User of the MLflow server `default`, together with `MLFLOW_TRACKING_PASSWORD`. Other servers, and other ways: `sign_in` in the policy, which comes before these.',
  },
  {
    name: 'MLFLOW_TRACKING_PASSWORD',
    group: 'Policy and systems',
    isSecret: true,
    meaning: 'Password of `MLFLOW_TRACKING_USERNAME`.',
  },
  {
    name: 'MLFLOW_TRACKING_TOKEN',
    group: 'Policy and systems',
    isSecret: true,
    meaning: 'Bearer token for the MLflow server `default`, instead of user and password.',
  },
  {
    name: 'WANDB_API_KEY',
    group: 'Policy and systems',
    isSecret: true,
    meaning:
      'Key of a Weights & Biases user that may read the projects which the policy names. W&B documents its Python API only; Lockkeeper asks as `wandb` 0.31.0 does.',
  },
  {
    name: 'WANDB_BASE_URL',
    group: 'Policy and systems',
    default: 'https://api.wandb.ai',
    meaning: 'The API of another Weights & Biases server.',
  },
  {
    name: 'KUBECONFIG',
    group: 'Policy and systems',
    meaning: "Kubernetes configuration file. Unset: the pod's own service account, else `~/.kube/config`.",
  },
  { name: 'AWS_REGION', group: 'Policy and systems', readBy: 'the AWS SDK', meaning: 'Region of the buckets.' },
  {
    name: 'AWS_ENDPOINT_URL_S3',
    group: 'Policy and systems',
    readBy: 'the AWS SDK',
    meaning:
      'Another S3-compatible store. Credentials are found as the AWS SDK finds them (variables, profile, web identity, instance).',
  },
  {
    name: 'LOCKKEEPER_S3_PATH_STYLE',
    group: 'Policy and systems',
    default: 'false',
    meaning: '`true` for stores that want `host/bucket/key` instead of `bucket.host/key`.',
  },
  {
    name: 'LOCKKEEPER_REGISTRY_CONFIG',
    group: 'Policy and systems',
    meaning:
      'A Docker `config.json` with credentials for private image registries (a `kubernetes.io/dockerconfigjson` secret, mounted). Credential helpers are not run; private ECR registries that the policy names need no entry here.',
  },
  {
    name: 'LOCKKEEPER_CLOCK_URL',
    group: 'Sandbox only',
    meaning: "Takes the time for decisions from the sandbox's clock at this loopback address.",
  },
] as const satisfies readonly Setting[]

export type SettingName = (typeof SETTINGS)[number]['name']

/** The settings as Markdown, one table per group. */
export function renderSettings(): string {
  const groups = [...new Set(SETTINGS.map(({ group }) => group))]
  return groups
    .map((group) => `## ${group}\n\n${renderTable(SETTINGS.filter((setting) => setting.group === group))}`)
    .join('\n')
}

function renderTable(settings: readonly Setting[]): string {
  const rows = settings.map((setting) => {
    const names = setting.isSecret ? `\`${setting.name}\`<br>\`${setting.name}_FILE\`` : `\`${setting.name}\``
    const reader = setting.readBy === undefined ? '' : ` Read by ${setting.readBy}.`
    return `| ${names} | ${setting.default === undefined ? '–' : `\`${setting.default}\``} | ${setting.meaning}${reader} |`
  })
  return ['| Setting | Default | Meaning |', '|---|---|---|', ...rows, ''].join('\n')
}
