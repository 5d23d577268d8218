/** Where a cluster is and how one signs in: a kubeconfig, or the pod's own service account. Read by connection.ts. The Kubernetes client is loaded on first use only: it is large, and many installations have no cluster. */
import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { load } from 'js-yaml'
import { Agent, type Dispatcher } from 'undici'
import { hasMoreMarks } from '../../domain/count-marks.ts'
import { fieldsOf } from '../../domain/json-fields.ts'

/** `kubeconfig` is what KUBECONFIG holds: one path or several. The directories are replaced in tests. */
export type ClusterSettings = {
  readonly kubeconfig: string | undefined
  /** Of the kubeconfig; undefined: its current one. */
  readonly context?: string | undefined
  readonly serviceAccountDirectory?: string
  readonly homeDirectory?: string
  readonly timeoutMs?: number
}

/** What a request needs of a configuration. */
export type ClusterConfig = {
  getCurrentCluster(): { readonly server: string } | null
  applySecurityAuthentication(context: CredentialSink): Promise<void>
}

type CredentialSink = {
  setHeaderParam(name: string, value: string): void
  setDispatcher(dispatcher: Dispatcher): void
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** undefined when nothing is configured. Throws when what is configured cannot be read, or has no such context. */
export async function loadClusterConfig(settings: ClusterSettings): Promise<ClusterConfig | undefined> {
  if (settings.kubeconfig !== undefined && settings.kubeconfig !== '') {
    return loadKubeconfig(
      settings.kubeconfig.split(delimiter).filter((path) => path !== ''),
      settings.context,
    )
  }
  const own = join(settings.homeDirectory ?? homedir(), '.kube', 'config')
  if (settings.context === undefined) {
    const directory = settings.serviceAccountDirectory ?? SERVICE_ACCOUNT
    const ca = await readIfThere(join(directory, 'ca.crt'))
    if (ca !== undefined) return inCluster(directory, ca)
  }
  return (await readIfThere(own)) === undefined ? undefined : loadKubeconfig([own], settings.context)
}

/** With a kubeconfig the client's own loader is worth its weight: exec plug-ins, client certificates, proxies. */
async function loadKubeconfig(paths: readonly string[], context: string | undefined): Promise<ClusterConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js')
  const [first = '', ...others] = paths
  const config = await loadOne(KubeConfig, first)
  // As kubectl does: the first file that names a current context decides.
  for (const path of others) config.mergeConfig(await loadOne(KubeConfig, path), Boolean(config.getCurrentContext()))
  if (context !== undefined) {
    if (!config.getContextObject(context))
      throw new Error(`the kubeconfig ${paths.join(', ')} has no context ${context}`)
    config.setCurrentContext(context)
  }
  return {
    getCurrentCluster: () => config.getCurrentCluster(),
    applySecurityAuthentication: async (sink) => {
      // The client's context has more than it uses of it.
      await config.applySecurityAuthentication(sink as Parameters<KubeConfig['applySecurityAuthentication']>[0])
      const file = await tokenFileOf(paths, config.getCurrentUser()?.name)
      if (file !== undefined) sink.setHeaderParam('Authorization', `Bearer ${(await readFile(file, 'utf8')).trim()}`)
    },
  }
}

/** Hundreds of clusters stay below both. */
const MAX_KUBECONFIG = 4 * 1024 * 1024
const MAX_MARKS = 60_000

/** The text of a file that the parser may be given: it bounds nothing by itself. */
async function readBounded(path: string): Promise<string> {
  const { size } = await stat(path)
  const text = size > MAX_KUBECONFIG ? undefined : await readFile(path, 'utf8')
  if (text === undefined || hasMoreMarks(text, MAX_MARKS, { lines: true }))
    throw new Error(`the kubeconfig ${path} is larger than any that is meant`)
  return text
}

/** `tokenFile` of a user, which the client does not know. Other programs rotate such files. */
async function tokenFileOf(paths: readonly string[], user: string | undefined): Promise<string | undefined> {
  for (const path of paths) {
    const users = fieldsOf(load(await readBounded(path)))?.['users']
    const found = Array.isArray(users) ? users.map(fieldsOf).find((each) => each?.['name'] === user) : undefined
    const file = fieldsOf(found?.['user'])?.['tokenFile']
    if (typeof file === 'string') return resolve(dirname(path), file)
  }
  return undefined
}

async function loadOne(Loader: typeof KubeConfig, path: string): Promise<KubeConfig> {
  const config = new Loader()
  config.loadFromString(await readBounded(path))
  // As `loadFromFile` does.
  config.makePathsAbsolute(dirname(path))
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

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}
