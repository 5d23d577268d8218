/** Requests to one cluster's API server, signed in anew when it stops taking what it took. Where it is: cluster-config.ts; which clusters there are: clusters.ts. */
import { type Dispatcher, fetch } from 'undici'
import { SystemUnavailable } from '../../domain/failure.ts'
import { networkReason, sendTwiceIfBroken } from '../network-failure.ts'
import { readAtMost } from '../read-at-most.ts'
import { type ClusterConfig, type ClusterSettings, loadClusterConfig } from './cluster-config.ts'

/** The parsed body when it is JSON. */
export type ClusterAnswer = { readonly status: number; readonly body: unknown }

export type ClusterRequest = {
  readonly method?: 'GET' | 'PATCH' | 'POST'
  /** What to ask for instead of plain JSON. */
  readonly accept?: string
  readonly body?: { readonly type: string; readonly json: unknown }
}

export type ClusterConnection = {
  /** undefined when nothing is configured. Throws when what is configured cannot be read. */
  config(): Promise<ClusterConfig | undefined>
  /**
   * undefined when nothing is configured. Throws SystemUnavailable when the API server does not answer, or with 429 or 5xx, or with more than 32 MiB.
   * Only reads are sent again when the connection broke.
   */
  ask(path: string, request?: ClusterRequest): Promise<ClusterAnswer | undefined>
}

/** What a person is told where the cluster is needed and not configured. */
export const NOT_CONFIGURED =
  'no cluster is configured: set KUBECONFIG, or run Lockkeeper in the cluster with a service account'

/** Opens nothing yet; the configuration is read on first use and again after it was missing. */
export function connectCluster(settings: ClusterSettings): ClusterConnection {
  let loading: Promise<ClusterConfig | undefined> | undefined
  const config = async () => {
    loading ??= loadClusterConfig(settings)
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
    ask: async (path, request = {}) => {
      const loaded = await config()
      const cluster = loaded?.getCurrentCluster()
      if (loaded === undefined || !cluster) return undefined
      const url = new URL(cluster.server.replace(/\/+$/, '') + path)
      return askJson(url, { request, credentials: await credentials(loaded), timeoutMs: settings.timeoutMs ?? 10_000 })
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

type Sending = {
  readonly request: ClusterRequest
  readonly credentials: Credentials
  readonly timeoutMs: number
}

async function askJson(url: URL, { request, credentials, timeoutMs }: Sending): Promise<ClusterAnswer> {
  const { method = 'GET', accept = 'application/json', body } = request
  const { headers, dispatcher } = credentials
  const send = async () => {
    const response = await fetch(url, {
      method,
      headers: { ...headers, accept, ...(body && { 'content-type': body.type }) },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body && { body: JSON.stringify(body.json) }),
      ...(dispatcher && { dispatcher }),
    })
    return { status: response.status, bytes: await readAtMost(response.body, MAX_BODY_BYTES) }
  }
  const sent = method === 'GET' ? sendTwiceIfBroken(send) : send()
  const { status, bytes } = await sent.catch((error: unknown) => {
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
