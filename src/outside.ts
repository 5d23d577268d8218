/** Builds every client from the server's settings and the operator's policy. src/main.ts hands them to the services. */
import type { Probot } from 'probot'
import { createArgoCdServers } from './clients/argocd-api.ts'
import type { ArgoCdServer } from './clients/argocd-connection.ts'
import { createGitHub, type GitHubSettings } from './clients/github/github.ts'
import { identifyApp } from './clients/github/identify-app.ts'
import { createKnownLimits, type KnownLimits } from './clients/github/known-limits.ts'
import { createHttpProbe } from './clients/http-probe.ts'
import { createCluster } from './clients/kubernetes/cluster.ts'
import { connectClusters } from './clients/kubernetes/clusters.ts'
import { createWakers } from './clients/kubernetes/wakers.ts'
import { createMlflow } from './clients/mlflow.ts'
import { openServers, type ServerSettings } from './clients/mlflow-servers.ts'
import { withUnityCatalog } from './clients/mlflow-unity-catalog.ts'
import { createPrometheus } from './clients/prometheus.ts'
import { createRegistries, type RegistrySettings } from './clients/registry.ts'
import { parseDockerConfig } from './clients/registry-image.ts'
import type { Route } from './clients/routes.ts'
import { createBuckets } from './clients/s3.ts'
import { createWandb } from './clients/wandb.ts'
import type { Env } from './config/env.ts'
import type { ServerPolicy } from './domain/server-policy.ts'
import type { SignIn } from './domain/sign-in.ts'
import type {
  ArgoCdServers,
  Buckets,
  Clock,
  Cluster,
  GitHub,
  HttpProbe,
  Log,
  Mlflow,
  Prometheus,
  Registries,
  Wandb,
} from './services/ports.ts'

export type OutsideOptions = {
  readonly env: Env
  readonly policy: ServerPolicy | undefined
  /** Of the policy's MLflow servers, by name. */
  readonly signIns: ReadonlyMap<string, SignIn<string>>
  /** Of the policy's Argo CD servers, by name. Default: none. */
  readonly argocdTokens?: ReadonlyMap<string, string> | undefined
  readonly log: Log
  readonly clock: Clock
  readonly probot: Probot
  readonly installations: { installationOf(owner: string): Promise<number | undefined> }
}

export type Outside = {
  readonly ports: {
    readonly github: GitHub
    readonly mlflow: Mlflow
    readonly wandb: Wandb
    readonly buckets: Buckets
    readonly registries: Registries
    readonly cluster: Cluster
    readonly argocd: ArgoCdServers
    readonly prometheus: Prometheus
    readonly probe: HttpProbe
  }
  /** What GitHub's answers say of its hourly limits. */
  readonly limits: KnownLimits
  /** Ends what the clients do by themselves: the watches of clusters. */
  close(): void
}

const USER_AGENT = 'lockkeeper'

/** github.com and ghe.com hide whom they suspend. On the loopback there is no server of anybody's. */
const isEnterpriseServer = (host: string): boolean =>
  host !== 'github.com' && !host.endsWith('.ghe.com') && !/^(localhost|127\.|\[::1\])/.test(host)

/** Who the App is, and its Octokit instances. Throws UserError when GitHub does not answer or does not know the App. */
export async function connectGitHub({
  env,
  log,
  clock,
  probot,
  installations,
}: Pick<OutsideOptions, 'env' | 'log' | 'clock' | 'probot' | 'installations'>): Promise<GitHubSettings> {
  const appOctokit = await probot.auth()
  const { apiUrl, host } = env.github
  const slug = await identifyApp(appOctokit, { appId: env.app.id, apiUrl, host })
  return {
    octokitFor: (installationId) => probot.auth(installationId),
    appOctokit,
    installationOf: (owner) => installations.installationOf(owner),
    listsSuspended: isEnterpriseServer(host),
    log,
    clock,
    appId: env.app.id,
    appLogin: `${slug}[bot]`,
  }
}

/** Throws UserError when GitHub does not answer or does not know the App. */
export async function createOutside({
  env,
  policy,
  signIns,
  argocdTokens,
  log,
  clock,
  probot,
  installations,
}: OutsideOptions): Promise<Outside> {
  const limits = createKnownLimits()
  const github = createGitHub({ ...(await connectGitHub({ env, log, clock, probot, installations })), limits })
  const routes = routesOf(policy)
  const clusters = connectClusters({ kubeconfig: env.kubeconfig, named: policy?.clusters ?? new Map() })
  const wakers = createWakers({ clusters, log })
  const argocd = createArgoCdServers({ servers: argocdServers({ policy, argocdTokens }), log })
  return {
    ports: {
      github,
      mlflow: connectMlflow({ env, policy, signIns, log }),
      wandb: createWandb(env.wandb),
      buckets: createBuckets({ pathStyle: env.s3.pathStyle }),
      registries: createRegistries(registrySettings({ env, policy })),
      cluster: createCluster(clusters, wakers),
      argocd,
      prometheus: createPrometheus({ servers: policy?.prometheus ?? new Map() }),
      probe: createHttpProbe({ routes, userAgent: USER_AGENT }),
    },
    limits,
    close: () => {
      wakers.close()
      argocd.close()
    },
  }
}

const routesOf = (policy: ServerPolicy | undefined): readonly Route[] =>
  (policy?.routes ?? []).map(({ from, to }) => ({ from: from.source, to }))

/** Those whose token was found. */
export function argocdServers({
  policy,
  argocdTokens,
}: Pick<OutsideOptions, 'policy' | 'argocdTokens'>): ReadonlyMap<string, ArgoCdServer> {
  const servers = [...(policy?.argocdServers ?? [])].flatMap(([name, { url, caFile }]) => {
    const token = argocdTokens?.get(name)
    return token === undefined ? [] : [[name, { url, token, ...(caFile && { caFile }) }] as const]
  })
  return new Map(servers)
}

/** How image registries are asked. */
export function registrySettings({
  env,
  policy,
}: Pick<OutsideOptions, 'policy'> & { readonly env: Pick<Env, 'registryConfig'> }): RegistrySettings {
  const credentials = env.registryConfig === undefined ? {} : { credentials: parseDockerConfig(env.registryConfig) }
  return { routes: routesOf(policy), userAgent: USER_AGENT, ...credentials }
}

type MlflowParts = Pick<OutsideOptions, 'policy' | 'signIns'> & { readonly env: Pick<Env, 'mlflow'> }

/** Every MLflow server of the settings and the policy, each with its own sign-in. */
export function connectMlflow({ log, ...parts }: MlflowParts & { readonly log: Log }): Mlflow {
  const settings = mlflowServers(parts)
  const inCatalog = [...(parts.policy?.mlflow ?? [])].filter(([, { registry }]) => registry === 'unity_catalog')
  const serverNamed = openServers(settings)
  return withUnityCatalog(createMlflow({ ...settings, log }), {
    servers: new Set(inCatalog.map(([name]) => name)),
    serverNamed,
  })
}

/** MLFLOW_TRACKING_URI is the server `default` unless the policy names one; so are the credentials of the environment. */
export function mlflowServers({ env: { mlflow }, policy, signIns }: MlflowParts): ServerSettings {
  const named = [...(policy?.mlflow ?? [])].map(([name, { url }]) => [name, url] as const)
  const fallback = mlflow.trackingUri === undefined ? [] : [['default', mlflow.trackingUri] as const]
  const credentials = mlflow.credentials === undefined ? [] : [['default', mlflow.credentials] as const]
  return { servers: new Map([...fallback, ...named]), credentials: new Map([...credentials, ...signIns]) }
}
