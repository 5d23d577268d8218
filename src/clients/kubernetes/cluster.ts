/** The `Cluster` port: reads of single objects. Changes are heard by watch-cluster.ts. */

import { fieldsOf } from '../../domain/json-fields.ts'
import type { Cluster, ClusterRead, ObjectAt } from '../../services/ports.ts'
import { answerOf } from '../answer.ts'
import { type ClusterAnswer, type ClusterConnection, NOT_CONFIGURED } from './connection.ts'
import { RESOURCE_TYPES, type ReadKind, resourcePath } from './resources.ts'

type Read = ClusterRead<unknown>
type Refusal = Exclude<Read, { readonly kind: 'found' }> | undefined

/** Never throws for a cluster that is away or a configuration that cannot be read: a rollout waits for it up to its own deadline, which an exception would step over. */
export function createCluster(connection: ClusterConnection): Cluster {
  return {
    read: async (kind, at) => {
      const read = await readObject(connection, kind, at)
      return read.kind === 'found' ? { kind: 'found', object: RESOURCE_TYPES[kind].parse(read.object) } : read
    },
  }
}

async function readObject(connection: ClusterConnection, kind: ReadKind, at: ObjectAt): Promise<Read> {
  const answer = await ask(connection, resourcePath(kind, at.namespace, at.name))
  if (answer instanceof Error) return { kind: 'refused', reason: `the cluster does not answer (${answer.message})` }
  if (answer === undefined) return { kind: 'refused', reason: NOT_CONFIGURED }
  return refusalOf(kind, at.namespace, answer) ?? { kind: 'found', object: answer.body }
}

async function ask(connection: ClusterConnection, path: string): Promise<ClusterAnswer | Error | undefined> {
  try {
    return await connection.get(path)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function refusalOf(kind: ReadKind, namespace: string, answer: ClusterAnswer): Refusal {
  const { group, plural } = RESOURCE_TYPES[kind]
  if (answer.status === 200) return undefined
  if (answer.status === 404) {
    // A missing object has a Status with its name; a missing resource type answers in plain text or without one.
    const isObject = fieldsOf(fieldsOf(answer.body)?.['details'])?.['name'] !== undefined
    return isObject ? { kind: 'absent' } : { kind: 'refused', reason: `the cluster does not know ${plural}.${group}` }
  }
  if (answer.status === 403)
    return {
      kind: 'refused',
      reason: `Lockkeeper's account in the cluster may not get ${plural}.${group} in namespace ${namespace}`,
    }
  if (answer.status === 401) return { kind: 'refused', reason: "the cluster does not accept Lockkeeper's credentials" }
  const message = fieldsOf(answer.body) === undefined ? '' : answerOf('Kubernetes', answer.body).maybeText('message')
  return { kind: 'refused', reason: `the API server answered ${answer.status}: ${message ?? ''}` }
}
