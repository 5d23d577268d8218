/** What `lockkeeper doctor` asks of clusters: who the server is in each, and what it may do wherever the policy grants something. Part of src/examinations.ts. */
import { type Clusters, connectClusters } from './clients/kubernetes/clusters.ts'
import { type ClusterConnection, Unsigned } from './clients/kubernetes/connection.ts'
import { examineCluster } from './clients/kubernetes/examine-cluster.ts'
import { examineRights, type GrantedNamespace } from './clients/kubernetes/examine-rights.ts'
import { APPLICATIONS, FLEET, FLUX, RECONCILING, STARTING_SYNCS, WORKLOADS } from './clients/kubernetes/rights.ts'
import { UserError } from './domain/failure.ts'
import type { ServerPolicy } from './domain/server-policy.ts'
import type { Examination } from './services/examine-systems.ts'

/** Every cluster that the policy names or grants something in, each before its namespaces. Makes no request by itself. */
export function examineClusters(
  policy: ServerPolicy | undefined,
  kubeconfig: string | undefined,
): readonly Examination[] {
  const granted = grantedNamespaces(policy)
  const named = policy?.clusters ?? new Map()
  const clusters = connectClusters({ kubeconfig, named })
  const isOwnUsed = granted.some(({ cluster }) => cluster === undefined)
  return [...(isOwnUsed ? [undefined] : []), ...named.keys()].flatMap((cluster) =>
    examineOne(
      clusters,
      cluster,
      granted.filter((each) => each.cluster === cluster),
    ),
  )
}

function examineOne(
  clusters: Clusters,
  cluster: string | undefined,
  granted: readonly GrantedNamespace[],
): readonly Examination[] {
  const whenDown =
    cluster === undefined
      ? 'Check KUBECONFIG, and that the API server can be reached from here.'
      : `Check \`clusters: { ${cluster}: … }\` in LOCKKEEPER_POLICY, and that the API server can be reached from here.`
  // Asked once for all of its namespaces, which say nothing more when it fails.
  let asked: Promise<string> | undefined
  const reach = (connection: ClusterConnection): Promise<string> => {
    asked ??= examineCluster(connection, new Date()).catch(configurationError)
    return asked
  }
  const about = { system: 'Kubernetes', whenDown }
  const connection = clusters.named(cluster)
  if (connection === undefined) return []
  return [
    { ...about, name: cluster ?? '', look: () => reach(connection) },
    ...granted.map((each) => ({
      ...about,
      name: `${cluster === undefined ? '' : `${cluster} `}namespace ${each.namespace}`,
      look: async () => {
        const isReached = await reach(connection).then(
          () => true,
          () => false,
        )
        return isReached ? examineRights(connection, each) : { skipped: 'not asked: see its cluster' }
      },
    })),
  ]
}

/** A kubeconfig that cannot be read, a context that is not there, a plug-in that fails: said, not thrown as a bug. */
function configurationError(error: unknown): never {
  if (!(error instanceof Unsigned)) throw error
  throw new UserError(
    'system_unavailable',
    error.message,
    'Compare KUBECONFIG and `clusters:` in LOCKKEEPER_POLICY with the kubeconfig.',
  )
}

type Granted = Omit<GrantedNamespace, 'cluster' | 'namespace'>

function grantedNamespaces(policy: ServerPolicy | undefined): readonly GrantedNamespace[] {
  const found = new Map<string, GrantedNamespace>()
  const grant = (cluster: string | undefined, namespace: string, more: Partial<Granted>) => {
    const key = JSON.stringify([cluster, namespace])
    const before = found.get(key)
    const both = (which: keyof Granted) => [...new Set([...(before?.[which] ?? []), ...(more[which] ?? [])])]
    const needed = both('needed')
    const helpful = both('helpful').filter((purpose) => !needed.includes(purpose))
    found.set(key, { cluster, namespace, needed, helpful, possible: both('possible') })
  }
  for (const { argocd, flux, fleet, kubernetes } of policy?.allow ?? []) {
    for (const { cluster, server, namespace, sync } of argocd) {
      if (server !== undefined) continue
      if (sync === true) grant(cluster, namespace, { needed: [APPLICATIONS, STARTING_SYNCS] })
      else grant(cluster, namespace, { needed: [APPLICATIONS], helpful: [STARTING_SYNCS] })
    }
    for (const { cluster, namespace, reconcile } of flux)
      grant(cluster, namespace, { needed: reconcile ? [FLUX, RECONCILING] : [FLUX] })
    for (const { cluster, namespace } of fleet) grant(cluster, namespace, { needed: FLEET })
    for (const { cluster, namespaces } of kubernetes)
      for (const namespace of namespaces) grant(cluster, namespace, { possible: WORKLOADS })
  }
  return [...found.values()]
}
