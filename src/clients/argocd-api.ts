/** The `ArgoCdServers` port: Applications by the API of Argo CD (https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/), parsed as those of the cluster are. */
import { fieldsOf } from '../domain/json-fields.ts'
import type { ArgoCdAt, ArgoCdServers, Log } from '../services/ports.ts'
import { type ArgoCdAnswer, type ArgoCdConnection, type ArgoCdServer, connectArgoCd } from './argocd-connection.ts'
import { type ApplicationWakers, createApplicationWakers } from './argocd-stream.ts'
import { parseApplication } from './kubernetes/parse-application.ts'

export type ArgoCdSettings = {
  readonly servers: ReadonlyMap<string, ArgoCdServer>
  readonly log: Log
  readonly timeoutMs?: number
  /** Waits between two attempts to hear changes, in milliseconds: first, and at most. */
  readonly backOff?: { readonly first: number; readonly most: number }
}

/** `close` ends the streams of changes, for good. */
export function createArgoCdServers(settings: ArgoCdSettings): ArgoCdServers & { close(): void } {
  const { servers, log, timeoutMs, backOff } = settings
  const connections = new Map([...servers].map(([name, server]) => [name, connectArgoCd(server, timeoutMs)] as const))
  const wakers = createApplicationWakers({ connections, log, ...(backOff && { backOff }) })
  return { ...servedTo(undefined, connections, wakers), close: () => wakers.close() }
}

type Reader = { readonly name: string; readonly wake: () => void }

function servedTo(
  reader: Reader | undefined,
  connections: ReadonlyMap<string, ArgoCdConnection>,
  wakers: ApplicationWakers,
): ArgoCdServers {
  const ask = async (
    at: ArgoCdAt,
    path: string,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<ArgoCdAnswer | string> => {
    const connection = connections.get(at.server)
    if (connection === undefined)
      return `the operator's policy (LOCKKEEPER_POLICY) names no Argo CD server ${at.server}`
    return connection.ask(`/api/v1/applications/${encodeURIComponent(at.name)}${path}`, body)
  }
  const query = ({ namespace }: ArgoCdAt): string => `?appNamespace=${encodeURIComponent(namespace)}`
  return {
    read: async (at) => {
      if (reader !== undefined) wakers.reads(at, reader)
      const answer = await ask(at, query(at))
      if (typeof answer === 'string') return { kind: 'refused', reason: answer }
      if (answer.kind === 'answer') return { kind: 'found', object: parseApplication(answer.body) }
      if (answer.kind === 'refused' && answer.status === 404) return { kind: 'absent' }
      return { kind: 'refused', reason: refusalOf(at, 'get', answer) }
    },
    refresh: async (at) => {
      const answer = await ask(at, `${query(at)}&refresh=normal`)
      if (typeof answer === 'string') return answer
      // It answers when the comparison is over, which may take longer than anybody waits.
      return answer.kind === 'answer' || (answer.kind === 'failed' && answer.isLate)
        ? undefined
        : refusalOf(at, 'get', answer)
    },
    sync: async (at, operation) => {
      const answer = await ask(at, '/sync', syncRequest(at, operation))
      if (typeof answer === 'string') return answer
      return answer.kind === 'answer' ? undefined : refusalOf(at, 'sync', answer)
    },
    readBy: (name, wake) => servedTo({ name, wake }, connections, wakers),
  }
}

/** The operation of an Application in the words of the API, which knows who asks by the token. */
function syncRequest({ namespace, name }: ArgoCdAt, operation: Readonly<Record<string, unknown>>) {
  const { syncOptions, syncStrategy, ...sync } = fieldsOf(operation['sync']) ?? {}
  return {
    name,
    appNamespace: namespace,
    ...sync,
    ...(syncStrategy !== undefined && { strategy: syncStrategy }),
    ...(syncOptions !== undefined && { syncOptions: { items: syncOptions } }),
    ...(operation['retry'] !== undefined && { retryStrategy: operation['retry'] }),
    ...(operation['info'] !== undefined && { infos: operation['info'] }),
  }
}

/** Why not, and what is missing in the words of Argo CD's RBAC. */
function refusalOf(
  { server, namespace, name }: ArgoCdAt,
  action: 'get' | 'sync',
  answer: Exclude<ArgoCdAnswer, { readonly kind: 'answer' }>,
): string {
  if (answer.kind === 'failed') return `Argo CD (${server}) does not answer (${answer.reason})`
  const { status, message } = answer
  const said = message === '' ? '' : `: ${message}`
  if (status === 401) return `Argo CD (${server}) does not accept the token of \`argocd_servers.${server}\`${said}`
  if (status === 403 && /sync window/i.test(message)) return `Argo CD (${server}) refuses the sync${said}`
  if (status === 403)
    return `Argo CD (${server}) refuses to ${action} the Application ${namespace}/${name}: it does not exist, or the account lacks \`applications, ${action}, <project>/${rbacName(namespace, name)}\``
  if (status === 404) return `Argo CD (${server}) knows no Application ${namespace}/${name}`
  if (status >= 300 && status < 400)
    return `Argo CD (${server}) redirects: is \`url\` the address of the API, with https and its root path?`
  return `Argo CD (${server}) answered ${status}${said}`
}

/** Applications outside the namespace of Argo CD carry theirs in rules. Which that is, only Argo CD knows; by default it is `argocd`. */
const rbacName = (namespace: string, name: string): string => (namespace === 'argocd' ? name : `${namespace}/${name}`)
