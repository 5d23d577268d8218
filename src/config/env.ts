/** The only reader of process.env: the server's settings, checked all at once. What each one means is in env-settings.ts; the checks of secrets are in env-secrets.ts. */
import { closest } from '../domain/closest.ts'
import type { ServerPolicy } from '../domain/server-policy.ts'
import type { SignIn } from '../domain/sign-in.ts'
import { createReader, type Reader, type Variables } from './env-reader.ts'
import { checkWebhookSecret, isPlain, NOT_PLAIN, parsePrivateKey } from './env-secrets.ts'
import { SETTINGS } from './env-settings.ts'
import { type ReadSignIns, resolveSignIns } from './env-sign-in.ts'
import { checkPort, isLoopback, type Parsed, parseDatabaseUrl, parseGitHubHost, parseHttpUrl } from './env-values.ts'

export type { Variables } from './env-reader.ts'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The server's settings, ready to use. */
export type Env = {
  readonly app: {
    readonly id: number
    /** PKCS#8 PEM. */
    readonly privateKey: string
    /** The current one first; a second one while it is being changed. */
    readonly webhookSecrets: readonly [string, ...string[]]
  }
  readonly github: {
    /** `github.com`, or GHE_HOST with its port. */
    readonly host: string
    readonly protocol: 'https' | 'http'
    /** Base of REST calls, without a slash at the end. */
    readonly apiUrl: string
    /** Base of pages, without a slash at the end. */
    readonly webUrl: string
  }
  readonly server: { readonly host: string; readonly port: number }
  readonly logLevel: LogLevel
  /** `url` when DATABASE_URL is set, else the directory of the embedded server. */
  readonly database: { readonly url: string } | { readonly dataDir: string }
  /** Path of the operator's policy file. */
  readonly policyPath: string | undefined
  readonly mlflow: {
    readonly trackingUri: string | undefined
    /** Of the server `default`, where the policy has no `sign_in` for it. */
    readonly credentials: SignIn<string> | undefined
  }
  readonly wandb: { readonly baseUrl: string; readonly apiKey: string | undefined }
  readonly kubeconfig: string | undefined
  readonly s3: { readonly pathStyle: boolean }
  /** Text of a Docker config.json; it parses as JSON. A secret. */
  readonly registryConfig: string | undefined
  /** Sandbox only. */
  readonly clockUrl: string | undefined
}

export type EnvResult =
  | { readonly ok: true; readonly env: Env }
  | {
      readonly ok: false
      readonly problems: readonly string[]
      /** Of the policy, when it can be read: its mistakes are to be told together with these. */
      readonly policyPath: string | undefined
    }

/** Names that start with LOCKKEEPER_ and are not the server's business. */
const IGNORED = /^LOCKKEEPER_TEST_/

/**
 * Reads all settings. Each problem names the variable, what is wrong and what to do; none quotes a secret.
 * An empty variable counts as unset (`${NAME:-}` in compose files).
 */
export function readEnv(variables: Variables = process.env): EnvResult {
  const reader = createReader(variables)
  const github = readGitHub(reader)
  const env = {
    app: readApp(reader),
    github,
    server: { host: reader.text('HOST') ?? '127.0.0.1', port: reader.parsed('PORT', checkPort) ?? 3000 },
    logLevel: reader.parsed('LOG_LEVEL', parseLogLevel) ?? 'info',
    database: readDatabase(reader),
    policyPath: reader.existingFile('LOCKKEEPER_POLICY'),
    mlflow: readMlflow(reader),
    wandb: {
      baseUrl: reader.parsed('WANDB_BASE_URL', parseHttpUrl) ?? 'https://api.wandb.ai',
      apiKey: readWandbKey(reader),
    },
    kubeconfig: reader.text('KUBECONFIG'),
    s3: { pathStyle: reader.parsed('LOCKKEEPER_S3_PATH_STYLE', parseSwitch) ?? false },
    registryConfig: readRegistryConfig(reader),
    clockUrl: readClockUrl(reader),
  }
  reportUnknown(variables, reader)
  if (reader.problems.length > 0 || env.app === undefined || env.github === undefined)
    return { ok: false, problems: reader.problems, policyPath: env.policyPath }
  return { ok: true, env: { ...env, app: env.app, github: env.github } }
}

/** The secrets that the policy's sign-ins name, read once. Each problem names the variable or the file, and what needs it. */
export function readSignIns(policy: ServerPolicy | undefined, variables: Variables = process.env): ReadSignIns {
  const { mlflow = new Map(), argocdServers = new Map() } = policy ?? {}
  return resolveSignIns({ mlflow, argocdServers }, createReader(variables))
}

const parseSwitch = (text: string): Parsed<boolean> =>
  text === 'true' || text === 'false'
    ? { ok: true, value: text === 'true' }
    : { ok: false, reason: 'is neither `true` nor `false`. Write one of them.' }

function readRegistryConfig(reader: Reader): string | undefined {
  const text = reader.file('LOCKKEEPER_REGISTRY_CONFIG')
  if (text === undefined) return undefined
  try {
    JSON.parse(text)
    return text
  } catch {
    reader.problem('LOCKKEEPER_REGISTRY_CONFIG', 'names a file that is not JSON. Give a Docker config.json.')
    return undefined
  }
}

/** What the command line needs to reach other systems; it is no App. */
export type EnvOfSystems = Pick<Env, 'mlflow'>

/** Reads only that; problems as `readEnv` tells them. */
export function readEnvOfSystems(
  variables: Variables = process.env,
): { readonly ok: true; readonly env: EnvOfSystems } | { readonly ok: false; readonly problems: readonly string[] } {
  const reader = createReader(variables)
  const env = { mlflow: readMlflow(reader) }
  return reader.problems.length > 0 ? { ok: false, problems: reader.problems } : { ok: true, env }
}

function readApp(reader: Reader): Env['app'] | undefined {
  const id = reader.parsed('APP_ID', parseAppId)
  if (reader.text('APP_ID') === undefined)
    reader.problem('APP_ID', "is not set. It is the number on the App's settings page.")
  const privateKey = readPrivateKey(reader)
  const current = reader.secret('WEBHOOK_SECRET')
  const previous = reader.secret('WEBHOOK_SECRET_PREVIOUS')
  if (current === undefined) {
    const isGiven =
      reader.text('WEBHOOK_SECRET') !== undefined ||
      reader.problems.some((text) => text.startsWith('WEBHOOK_SECRET_FILE'))
    if (!isGiven) {
      reader.problem(
        'WEBHOOK_SECRET',
        "is not set. Make one with `openssl rand -hex 32` and put it into the App's settings, too.",
      )
    }
  }
  for (const [name, secret] of [
    ['WEBHOOK_SECRET', current],
    ['WEBHOOK_SECRET_PREVIOUS', previous],
  ] as const) {
    const weakness = secret === undefined ? undefined : checkWebhookSecret(secret)
    if (weakness !== undefined) reader.problem(name, weakness)
  }
  if (id === undefined || privateKey === undefined || current === undefined) return undefined
  return { id, privateKey, webhookSecrets: previous === undefined ? [current] : [current, previous] }
}

function readPrivateKey(reader: Reader): string | undefined {
  const before = reader.problems.length
  const inline = reader.secret('PRIVATE_KEY')
  const isPathSet = reader.text('PRIVATE_KEY_PATH') !== undefined
  if (isPathSet && inline !== undefined) {
    reader.problem('PRIVATE_KEY_PATH', 'is set besides PRIVATE_KEY or PRIVATE_KEY_FILE. Keep one of them.')
    return undefined
  }
  const text = inline ?? reader.file('PRIVATE_KEY_PATH')
  if (text === undefined) {
    if (reader.problems.length === before) {
      reader.problem(
        'PRIVATE_KEY',
        "is not set. Generate a key on the App's settings page and give its file in PRIVATE_KEY_PATH.",
      )
    }
    return undefined
  }
  const key = parsePrivateKey(text)
  if (!key.ok) reader.problem(isPathSet ? 'PRIVATE_KEY_PATH' : 'PRIVATE_KEY', key.reason)
  return key.ok ? key.value : undefined
}

function readGitHub(reader: Reader): Env['github'] | undefined {
  const host = reader.text('GHE_HOST') === undefined ? 'github.com' : reader.parsed('GHE_HOST', parseGitHubHost)
  const protocol = reader.text('GHE_PROTOCOL') ?? 'https'
  if (protocol !== 'https' && protocol !== 'http') {
    reader.problem('GHE_PROTOCOL', 'must be https (or http for a loopback GHE_HOST). Remove it to use https.')
    return undefined
  }
  if (host === undefined) return undefined
  if (protocol === 'http' && !isLoopback(host)) {
    reader.problem(
      'GHE_PROTOCOL',
      `is http, but GHE_HOST is ${host}: tokens would travel unencrypted. Use https; http is for loopback only.`,
    )
    return undefined
  }
  const webUrl = `${protocol}://${host}`
  if (host === 'github.com') return { host, protocol, webUrl, apiUrl: 'https://api.github.com' }
  // Enterprise Cloud with data residency has its API on a host of its own, Enterprise Server below a path.
  const apiUrl = host.endsWith('.ghe.com') ? `${protocol}://api.${host}` : `${webUrl}/api/v3`
  return { host, protocol, webUrl, apiUrl }
}

function readDatabase(reader: Reader): Env['database'] {
  const text = reader.secret('DATABASE_URL')
  if (text === undefined) return { dataDir: reader.text('LOCKKEEPER_DATA_DIR') ?? '.lockkeeper' }
  const url = parseDatabaseUrl(text)
  if (!url.ok) reader.problem('DATABASE_URL', url.reason)
  return { url: text }
}

function readMlflow(reader: Reader): Env['mlflow'] {
  return {
    trackingUri: reader.parsed('MLFLOW_TRACKING_URI', parseHttpUrl),
    credentials: readMlflowCredentials(reader),
  }
}

function readMlflowCredentials(reader: Reader): Env['mlflow']['credentials'] {
  const username = reader.text('MLFLOW_TRACKING_USERNAME')
  const password = reader.secret('MLFLOW_TRACKING_PASSWORD')
  const token = reader.secret('MLFLOW_TRACKING_TOKEN')
  if (token !== undefined && (username !== undefined || password !== undefined)) {
    reader.problem(
      'MLFLOW_TRACKING_TOKEN',
      'is set besides MLFLOW_TRACKING_USERNAME or _PASSWORD. Keep the token or the pair.',
    )
    return undefined
  }
  if (token !== undefined && !isPlain(token)) reader.problem('MLFLOW_TRACKING_TOKEN', NOT_PLAIN)
  if (token !== undefined) return { kind: 'token', token }
  if (username !== undefined && password !== undefined) return { kind: 'basic', username, password }
  if (username !== undefined)
    reader.problem('MLFLOW_TRACKING_PASSWORD', 'is not set, but MLFLOW_TRACKING_USERNAME is. Set both or none.')
  if (password !== undefined)
    reader.problem('MLFLOW_TRACKING_USERNAME', 'is not set, but MLFLOW_TRACKING_PASSWORD is. Set both or none.')
  return undefined
}

function readWandbKey(reader: Reader): string | undefined {
  const key = reader.secret('WANDB_API_KEY')
  if (key !== undefined && !isPlain(key)) reader.problem('WANDB_API_KEY', NOT_PLAIN)
  return key
}

function readClockUrl(reader: Reader): string | undefined {
  const url = reader.parsed('LOCKKEEPER_CLOCK_URL', parseHttpUrl)
  if (url === undefined || isLoopback(new URL(url).host)) return url
  reader.problem(
    'LOCKKEEPER_CLOCK_URL',
    'must be on a loopback address: whoever sets the clock decides about freezes and soaks. Remove it.',
  )
  return undefined
}

function reportUnknown(variables: Variables, reader: Reader): void {
  const known = knownNames()
  for (const name of Object.keys(variables)) {
    if (!name.startsWith('LOCKKEEPER_') || IGNORED.test(name) || known.includes(name)) continue
    const near = closest(name, known)
    reader.problem(
      name,
      near === undefined ? 'is not a setting. Remove it.' : `is not a setting. Did you mean ${near}?`,
    )
  }
}

function knownNames(): string[] {
  return SETTINGS.flatMap((setting) =>
    'isSecret' in setting ? [setting.name, `${setting.name}_FILE`] : [setting.name],
  )
}

function parseAppId(text: string): Parsed<number> {
  const id = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(id) && id > 0) return { ok: true, value: id }
  return {
    ok: false,
    reason: `must be a whole number like 123456 (the "App ID", not the client id "Iv…"). Copy it from the App's settings page.`,
  }
}

function parseLogLevel(text: string): Parsed<LogLevel> {
  const level = LOG_LEVELS.find((known) => known === text.toLowerCase())
  if (level !== undefined) return { ok: true, value: level }
  return { ok: false, reason: `is "${text}". Use one of ${LOG_LEVELS.join(', ')}.` }
}
