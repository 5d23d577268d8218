/** The whole world around the bot, for the scenario tests and the demo: every stand-in, connected. What each one leaves out is in sandbox/README.md. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClock, type SandboxClock } from '../clock.ts'
import { type GitHubSandbox, startGitHub } from '../github/index.ts'
import type { Pages } from '../github/ports.ts'
import type { Lag } from '../github/state.ts'
import { type ArgoCd, startArgoCd } from '../systems/argocd.ts'
import { BUCKET_CREDENTIALS, type BucketSandbox, startBucket } from '../systems/bucket.ts'
import { startClockServer } from '../systems/clock-server.ts'
import { type EndpointSandbox, startEndpoint } from '../systems/endpoint.ts'
import { type KubernetesSandbox, startKubernetes } from '../systems/kubernetes.ts'
import { type MlflowSandbox, startMlflow } from '../systems/mlflow.ts'
import { type PrometheusSandbox, startPrometheus } from '../systems/prometheus.ts'
import { type RegistrySandbox, startRegistry } from '../systems/registry.ts'
import { CONFIG, policyText, populate } from './acme.ts'
import { readAppManifest } from './app-manifest.ts'

export { CONFIG, MODELS } from './acme.ts'

export type WorldOptions = {
  readonly start?: Date
  readonly lag?: Lag
  /** Builds the pages of the GitHub stand-in; none by default. */
  readonly pages?: Pages
  /** Repositories that are private; the others are public. */
  readonly closed?: readonly string[]
  /** A real MLflow server instead of the stand-in. */
  readonly mlflowUrl?: string
  /** Permissions that the App was given beyond those of app.yml. */
  readonly grants?: Readonly<Record<string, 'read' | 'write'>>
  readonly githubPort?: number
  /** Applications besides those of staging and prod; their files are the story's to commit. */
  readonly applications?: readonly { readonly model: string; readonly environment: string }[]
  /** KServe notices a change only after Argo CD has looked at its health; see `ArgoCdOptions`. */
  readonly staleHealth?: boolean
}

export type World = {
  readonly clock: SandboxClock
  readonly github: GitHubSandbox
  readonly mlflow: MlflowSandbox
  readonly kubernetes: KubernetesSandbox
  readonly argocd: ArgoCd
  readonly prometheus: PrometheusSandbox
  readonly registry: RegistrySandbox
  readonly bucket: BucketSandbox
  readonly endpoint: EndpointSandbox
  readonly clockUrl: string
  readonly policyText: string
  /** The environment a bot is started with in this world; add PORT and where its database is. */
  readonly variables: Readonly<Record<string, string>>
  /** Violations of all stand-ins; empty in a sound story. */
  violations(): readonly string[]
  close(): Promise<void>
}

export const APP_ID = 4242
export const WEBHOOK_SECRET = 'a-secret-of-this-sandbox-that-guards-nothing-3f9c'

// One pair per process: making one takes a quarter of a second.
const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

/** Starts every stand-in, with the App installed on both repositories as app.yml asks for. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const clock = createClock(options.start ?? new Date('2026-11-24T09:00:00Z'))
  const { permissions, events } = readAppManifest()
  const github = await startGitHub({
    clock,
    app: {
      ...{ id: APP_ID, slug: 'lockkeeper', publicKey: KEYS.publicKey, events },
      permissions: { ...permissions, ...options.grants },
    },
    ...(options.lag === undefined ? {} : { lag: options.lag }),
    ...(options.pages === undefined ? {} : { pages: options.pages }),
    ...(options.githubPort === undefined ? {} : { port: options.githubPort }),
  })
  populate(github, options.closed)
  const [mlflow, kubernetes, prometheus, registry, bucket, endpoint, clockServer] = await Promise.all([
    startMlflow({ clock }),
    startKubernetes({ clock }),
    startPrometheus({ clock }),
    startRegistry({ clock }),
    startBucket({ clock, buckets: ['acme-models'] }),
    startEndpoint({ clock }),
    startClockServer(clock),
  ])
  const argocd = startCluster({ clock, github, kubernetes }, options)
  const stopFollowing = followConfig(github, argocd)
  for (const model of ['churn', 'fraud'])
    endpoint.host(`${model}.example.com`, () => argocd.kserve.liveUri('prod', model))
  prometheus.answer((query) => (query.includes('latency') ? 0.084 : 0.002))
  bucket.put('s3://acme-models/churn/11/model.pkl', 'the champion')

  const policy = policyText({
    mlflow: options.mlflowUrl ?? mlflow.url,
    prometheus: prometheus.url,
    registry: registry.url,
    endpoint: endpoint.url,
  })
  const clockUrl = clockServer.url
  const { variables, remove } = writeSettings({ github, kubernetes, bucket, clockUrl, policyText: policy })
  return {
    clock,
    github,
    mlflow,
    kubernetes,
    argocd,
    prometheus,
    registry,
    bucket,
    endpoint,
    clockUrl,
    policyText: policy,
    variables,
    violations: () => [...github.violations, ...mlflow.violations],
    close: async () => {
      stopFollowing()
      argocd.close()
      const systems = [github, mlflow, kubernetes, prometheus, registry, bucket, endpoint, clockServer]
      await Promise.all(systems.map((system) => system.close()))
      remove()
    },
  }
}

type Written = Pick<World, 'variables'> & { remove(): void }

/** The files that a bot's settings name, and the settings. */
function writeSettings(world: Pick<World, 'github' | 'kubernetes' | 'bucket' | 'clockUrl' | 'policyText'>): Written {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-world-'))
  const kubeconfig = join(directory, 'kubeconfig')
  const policyPath = join(directory, 'policy.yml')
  writeFileSync(kubeconfig, world.kubernetes.kubeconfig())
  writeFileSync(policyPath, world.policyText)
  return {
    variables: {
      APP_ID: String(APP_ID),
      PRIVATE_KEY: KEYS.privateKey,
      WEBHOOK_SECRET,
      GHE_HOST: world.github.host,
      GHE_PROTOCOL: 'http',
      LOCKKEEPER_POLICY: policyPath,
      LOCKKEEPER_CLOCK_URL: world.clockUrl,
      KUBECONFIG: kubeconfig,
      AWS_ENDPOINT_URL_S3: world.bucket.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: BUCKET_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: BUCKET_CREDENTIALS.secretAccessKey,
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Argo CD and KServe on the stand-in cluster: they look at the config repository whenever its default branch moves, as with a webhook. */
function startCluster(
  { clock, github, kubernetes }: Pick<World, 'clock' | 'github' | 'kubernetes'>,
  { staleHealth = false, applications: more = [] }: Pick<WorldOptions, 'staleHealth' | 'applications'>,
): ArgoCd {
  const applications = [
    { model: 'churn', environment: 'staging' },
    { model: 'churn', environment: 'prod' },
    { model: 'fraud', environment: 'staging' },
    ...more,
  ].map(({ model, environment }) => ({
    name: `${model}-${environment}`,
    namespace: 'argocd',
    repository: CONFIG,
    repoUrl: `https://github.com/${CONFIG}.git`,
    path: `environments/${environment}/${model}`,
    destination: environment,
  }))
  return startArgoCd({
    store: kubernetes.store,
    clock,
    applications,
    staleHealth,
    source: {
      headOf: (repository, branch) => github.branches(repository)[branch],
      read: (repository, sha, path) => github.file(repository, sha, path),
    },
  })
}

/** Argo CD hears of a push within moments, as with a webhook of the config repository. */
function followConfig(github: GitHubSandbox, argocd: ArgoCd): () => void {
  let seen = github.branches(CONFIG)['main']
  const timer = setInterval(() => {
    const head = github.branches(CONFIG)['main']
    if (head === seen) return
    seen = head
    argocd.reconcile()
  }, 10)
  return () => clearInterval(timer)
}
