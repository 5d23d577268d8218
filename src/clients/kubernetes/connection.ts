/** How the cluster is reached: kubeconfig, or the pod's own service account. The Kubernetes client is loaded on first use only: it is large, and many installations have no cluster. */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { Agent, type Dispatcher, fetch } from 'undici'
import { SystemUnavailable } from '../../domain/failure.ts'
import { networkReason, sendTwiceIfBroken } from '../network-failure.ts'
import { readAtMost } from '../read-at-most.ts'

/** `kubeconfig` is what KUBECONFIG holds: one path or several. The directories are replaced in tests. */
export type ClusterSettings = {
  readonly kubeconfig: string | undefined
  readonly serviceAccountDirectory?: string
  readonly homeDirectory?: string
  readonly timeoutMs?: number
}

/** What the client's Watch needs of a configuration, and all that a read needs too. */
export type ClusterConfig = {
  getCurrentCluster(): { readonly server: string } | null
  applySecurityAuthentication(context: CredentialSink): Promise<void>
}

type CredentialSink = {
  setHeaderParam(name: string, value: string): void
  setDispatcher(dispatcher: Dispatcher): void
}

/** A GET of the API: the parsed body when it is JSON. */
export type ClusterAnswer = { readonly status: number; readonly body: unknown }

export type ClusterConnection = {
  /** undefined when nothing is configured. Throws when what is configured cannot be read. */
  config(): Promise<ClusterConfig | undefined>
  /**
   * undefined when nothing is configured. Throws SystemUnavailable when the API server does not answer, or with 429 or 5xx, or with more than 32 MiB.
   * `accept` is what to ask for instead of plain JSON.
   */
  get(path: string, options?: { readonly accept?: string }): Promise<ClusterAnswer | undefined>
}

/** What a person is told where the cluster is needed and not configured. */
export const NOT_CONFIGURED =
  'no cluster is configured: set KUBECONFIG, or run Lockkeeper in the cluster with a service account'

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Opens nothing yet; the configuration is read on first use and again after it was missing. */
export function connectCluster(settings: ClusterSettings): ClusterConnection {
  let loading: Promise<ClusterConfig | undefined> | undefined
  const config = async () => {
    loading ??= loadConfig(settings)
    try {
      const loaded = await loading
      if (loaded === undefined) loading = undefined
      return loaded
    } catch (error) {
      loading = undefined
      throw error
    }
  }
  const credentials = cachedCredentials()
  return {
    config,
    get: async (path, { accept = 'application/json' } = {}) => {
      const loaded = await config()
      const cluster = loaded?.getCurrentCluster()
      if (loaded === undefined || !cluster) return undefined
      const url = new URL(cluster.server.replace(/\/+$/, '') + path)
      const { headers, dispatcher } = await credentials(loaded)
      return getJson(url, { headers: { ...headers, accept }, dispatcher }, settings.timeoutMs ?? 10_000)
    },
  }
}

async function loadConfig(settings: ClusterSettings): Promise<ClusterConfig | undefined> {
  if (settings.kubeconfig !== undefined && settings.kubeconfig !== '') {
    return loadKubeconfig(settings.kubeconfig.split(delimiter).filter((path) => path !== ''))
  }
  const directory = settings.serviceAccountDirectory ?? SERVICE_ACCOUNT
  const ca = await readIfThere(join(directory, 'ca.crt'))
  if (ca !== undefined) return inCluster(directory, ca)
  const own = join(settings.homeDirectory ?? homedir(), '.kube', 'config')
  return (await readIfThere(own)) === undefined ? undefined : loadKubeconfig([own])
}

/** With a kubeconfig the client's own loader is worth its weight: exec plug-ins, client certificates, proxies. */
async function loadKubeconfig(paths: readonly string[]): Promise<ClusterConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js')
  const [first = '', ...others] = paths
  const config = new KubeConfig()
  config.loadFromFile(first)
  for (const path of others) config.mergeConfig(loadOne(KubeConfig, path))
  return config as unknown as ClusterConfig
}

function loadOne(Loader: typeof KubeConfig, path: string): KubeConfig {
  const config = new Loader()
  config.loadFromFile(path)
  return config
}

/** In a pod a token file and a certificate are all there is, so that 90 MB of generated client need not be loaded. Tokens rotate: the file is read each time. */
function inCluster(directory: string, ca: string): ClusterConfig {
  const dispatcher = new Agent({ connect: { ca } })
  return {
    getCurrentCluster: () => ({ server: 'https://kubernetes.default.svc' }),
    applySecurityAuthentication: async (context) => {
      const token = await readFile(join(directory, 'token'), 'utf8')
      context.setHeaderParam('Authorization', `Bearer ${token.trim()}`)
      context.setDispatcher(dispatcher)
    },
  }
}

type Credentials = { readonly headers: Record<string, string>; readonly dispatcher: Dispatcher | undefined }

/** The client makes a new connection pool with every set of credentials; one minute of reuse keeps connections open and tokens fresh. */
function cachedCredentials(): (config: ClusterConfig) => Promise<Credentials> {
  let kept: { readonly at: number; readonly config: ClusterConfig; readonly credentials: Credentials } | undefined
  return async (config) => {
    if (kept?.config === config && performance.now() - kept.at < 60_000) return kept.credentials
    const headers: Record<string, string> = {}
    let dispatcher: Dispatcher | undefined
    await config.applySecurityAuthentication({
      setHeaderParam: (name, value) => {
        headers[name] = value
      },
      setDispatcher: (given) => {
        dispatcher = given
      },
    })
    kept = { at: performance.now(), config, credentials: { headers, dispatcher } }
    return kept.credentials
  }
}

/** A namespace with thousands of Applications stays below this. */
const MAX_BODY_BYTES = 32 * 1024 * 1024

async function getJson(url: URL, credentials: Credentials, timeoutMs: number): Promise<ClusterAnswer> {
  const { headers, dispatcher } = credentials
  const ask = async () => {
    const response = await fetch(url, {
      headers,
      signal: AbortSignal.timeout(timeoutMs),
      ...(dispatcher === undefined ? {} : { dispatcher }),
    })
    return { status: response.status, bytes: await readAtMost(response.body, MAX_BODY_BYTES) }
  }
  const { status, bytes } = await sendTwiceIfBroken(ask).catch((error: unknown) => {
    throw new SystemUnavailable('Kubernetes', networkReason(error))
  })
  if (status === 429 || status >= 500) throw new SystemUnavailable('Kubernetes', `the API server answered ${status}`)
  return { status, body: parseBody(bytes) }
}

function parseBody(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}
