/** The clusters that this server can reach: its own, and those that the operator's policy names. */
import type { NamedCluster } from '../../domain/server-policy.ts'
import { type ClusterConnection, connectCluster } from './connection.ts'

export type Clusters = {
  /** `name` undefined: the one that the server itself is set up for. undefined when the policy names no such cluster. */
  named(name: string | undefined): ClusterConnection | undefined
}

export type ClustersSettings = {
  /** What KUBECONFIG holds. */
  readonly kubeconfig: string | undefined
  /** `clusters:` of the policy. */
  readonly named: ReadonlyMap<string, NamedCluster>
}

/** Opens nothing yet. */
export function connectClusters({ kubeconfig, named }: ClustersSettings): Clusters {
  const own = connectCluster({ kubeconfig })
  const others = new Map(
    [...named].map(([name, cluster]) => [
      name,
      connectCluster({ context: cluster.context, kubeconfig: cluster.kubeconfig ?? kubeconfig }),
    ]),
  )
  return { named: (name) => (name === undefined ? own : others.get(name)) }
}
