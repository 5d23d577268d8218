/** The `Cluster` port: reads and patches of single objects, and lists. Changes of what was read are heard by wakers.ts. */
import { SystemUnavailable } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import type { Cluster, ClusterRead, ObjectAt } from '../../services/ports.ts'
import { answerOf } from '../answer.ts'
import type { Clusters } from './clusters.ts'
import { type ClusterAnswer, type ClusterRequest, NOT_CONFIGURED, Unsigned } from './connection.ts'
import { RESOURCE_TYPES, type ReadKind, resourcePath } from './resources.ts'
import type { Reader, Wakers } from './wakers.ts'

/** Never throws for a cluster that is away or a configuration that cannot be read: a rollout waits for it up to its own deadline, which an exception would step over. */
export function createCluster(clusters: Clusters, wakers: Wakers): Cluster {
  const clusterOf = (reader: Reader | undefined): Cluster => ({
    read: async (kind, at) => {
      if (reader !== undefined) wakers.reads(kind, at, reader)
      const answer = await ask(clusters, { kind, at, request: {} })
      if (answer.kind === 'conflict') return { kind: 'refused', reason: 'the API server answered 409' }
      if (answer.kind === 'refused') return answer
      if (reader !== undefined) wakers.hasRead(kind, at, answer.kind === 'absent' ? undefined : versionOf(answer.body))
      return answer.kind === 'absent' ? answer : { kind: 'found', object: RESOURCE_TYPES[kind].parse(answer.body) }
    },
    list: async (kind, { labels, ...among }) => {
      const answer = await ask(clusters, { kind, at: among, labels, request: {} })
      if (answer.kind !== 'answer')
        return { kind: 'refused', reason: answer.kind === 'refused' ? answer.reason : 'the API server lists nothing' }
      const items = answerOf('Kubernetes', answer.body, 'list').list('items')
      return { kind: 'listed', objects: items.map(({ raw }) => RESOURCE_TYPES[kind].parse(raw)) }
    },
    patch: async (kind, at, patch) => {
      const body = { type: 'application/merge-patch+json', json: patch }
      const answer = await ask(clusters, { kind, at, request: { method: 'PATCH', body } })
      if (answer.kind !== 'answer') return answer
      return { kind: 'patched', object: RESOURCE_TYPES[kind].parse(answer.body) }
    },
    readBy: (name, wake) => clusterOf({ name, wake }),
  })
  return clusterOf(undefined)
}

function versionOf(object: unknown): string | undefined {
  const version = fieldsOf(fieldsOf(object)?.['metadata'])?.['resourceVersion']
  return typeof version === 'string' ? version : undefined
}

/** `labels`: all objects that have them, instead of the one that `at` names. */
type Asked = {
  readonly kind: ReadKind
  readonly at: Omit<ObjectAt, 'name'> & { readonly name?: string }
  readonly labels?: Readonly<Record<string, string>>
  readonly request: ClusterRequest
}
type Refused = Extract<ClusterRead<unknown>, { readonly kind: 'absent' | 'refused' }>
type Answered = { readonly kind: 'answer'; readonly body: unknown } | Refused

async function ask(clusters: Clusters, asked: Asked): Promise<Answered | { readonly kind: 'conflict' }> {
  const answer = await answerFrom(clusters, asked)
  if (typeof answer === 'string') return { kind: 'refused', reason: answer }
  if (answer.status === 200) return { kind: 'answer', body: answer.body }
  if (answer.status === 409) return { kind: 'conflict' }
  if (answer.status === 404 && isObjectMissing(answer)) return { kind: 'absent' }
  return { kind: 'refused', reason: refusal(answer, asked) }
}

/** A text says why there is no answer. */
async function answerFrom(clusters: Clusters, { kind, at, labels, request }: Asked): Promise<ClusterAnswer | string> {
  const connection = clusters.named(at.cluster)
  if (connection === undefined) return `the operator's policy (LOCKKEEPER_POLICY) names no cluster ${at.cluster}`
  try {
    return (
      (await connection.ask(resourcePath(kind, at.namespace, at.name) + selecting(labels), request)) ?? NOT_CONFIGURED
    )
  } catch (error) {
    if (error instanceof SystemUnavailable) return `${nameOf(at)} does not answer (${error.message})`
    // What is wrong with it names files, contexts and what plug-ins say: nothing for everybody who reads a pull request.
    if (error instanceof Unsigned)
      return `${nameOf(at)} cannot be asked (Lockkeeper cannot sign in there: \`lockkeeper doctor\` tells its operator why)`
    return `${nameOf(at)} cannot be asked (${error instanceof Error ? error.message : String(error)})`
  }
}

function selecting(labels: Asked['labels']): string {
  if (labels === undefined) return ''
  const labelSelector = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  return `?${new URLSearchParams({ labelSelector: labelSelector.join(',') })}`
}

const nameOf = ({ cluster }: Pick<ObjectAt, 'cluster'>): string =>
  cluster === undefined ? 'the cluster' : `the cluster ${cluster}`

/** A missing object has a Status with its name; a missing resource type answers in plain text or without one. */
const isObjectMissing = ({ body }: ClusterAnswer): boolean =>
  fieldsOf(fieldsOf(body)?.['details'])?.['name'] !== undefined

function refusal({ status, body }: ClusterAnswer, { kind, at, labels, request }: Asked): string {
  const { group, plural } = RESOURCE_TYPES[kind]
  const verb = request.method === 'PATCH' ? 'patch' : labels === undefined ? 'get' : 'list'
  if (status === 404) return `${nameOf(at)} does not know ${plural}.${group}`
  if (status === 403)
    return `Lockkeeper's account in ${nameOf(at)} may not ${verb} ${plural}.${group} in namespace ${at.namespace}`
  if (status === 401) return `${nameOf(at)} does not accept Lockkeeper's credentials`
  const message = fieldsOf(body) === undefined ? '' : answerOf('Kubernetes', body).maybeText('message')
  return `the API server answered ${status}: ${message ?? ''}`
}
