/** What a rollout is seen by in clusters. What its checks ask besides: checks.ts. */

import type { ObservedRollout } from '../../domain/argo-rollout-readiness.ts'
import type { ObservedApplication } from '../../domain/argocd-application.ts'
import type { SyncPolicy } from '../../domain/argocd-operation.ts'
import type { ObservedDeployment } from '../../domain/deployment-readiness.ts'
import type { ObservedBundle, ObservedGitRepo } from '../../domain/fleet-readiness.ts'
import type {
  ObservedFluxSource,
  ObservedHelmChart,
  ObservedHelmRelease,
  ObservedKustomization,
} from '../../domain/flux-objects.ts'
import type { ObservedInferenceService } from '../../domain/kserve-readiness.ts'
import type { ObservedLlmService } from '../../domain/llm-readiness.ts'
import type { ObservedRevision } from '../../domain/revision-readiness.ts'
import type { ObservedStatefulSet } from '../../domain/stateful-set-readiness.ts'

/** What readiness needs of an Argo CD Application, and what a sync of it is started with. Times are as Argo CD wrote them. */
export type ArgoApplication = ObservedApplication & {
  readonly namespace: string
  readonly name: string
  readonly resourceVersion: string | undefined
  readonly syncPolicy: SyncPolicy
}

/** What readiness needs of an InferenceService, and what else is told about it. */
export type InferenceService = ObservedInferenceService & {
  readonly namespace: string
  readonly generation: number
  readonly url: string | undefined
}

type InNamespace = { readonly namespace: string }

export type Deployment = ObservedDeployment & InNamespace
export type StatefulSet = ObservedStatefulSet & InNamespace
export type Rollout = ObservedRollout & InNamespace
export type Revision = ObservedRevision & InNamespace
export type LlmInferenceService = ObservedLlmService & InNamespace

/** Where an object is. `cluster` is a name of the operator's policy; undefined: the one that the server itself is set up for. */
export type ObjectAt = {
  readonly cluster?: string | undefined
  readonly namespace: string
  readonly name: string
}

/** What can be read, by its `kind` in the Kubernetes API. A new kind is a line here, and one with its parser in src/clients/kubernetes/resources.ts. */
export type ClusterObjects = {
  readonly Application: ArgoApplication
  readonly InferenceService: InferenceService
  readonly Deployment: Deployment
  readonly StatefulSet: StatefulSet
  readonly Rollout: Rollout
  readonly Revision: Revision
  readonly LLMInferenceService: LlmInferenceService
  readonly Kustomization: ObservedKustomization
  readonly HelmRelease: ObservedHelmRelease
  readonly HelmChart: ObservedHelmChart
  readonly GitRepository: ObservedFluxSource
  readonly OCIRepository: ObservedFluxSource
  readonly GitRepo: ObservedGitRepo
  readonly Bundle: ObservedBundle
}

/** `refused` names the missing right or the missing configuration, or says that the cluster does not answer. */
export type ClusterRead<Observed> =
  | { readonly kind: 'found'; readonly object: Observed }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly reason: string }

/** `conflict`: the patch names a `metadata.resourceVersion` that is no longer the object's. `refused` as for reads, and what the API server found wrong with the patch. */
export type ClusterPatch<Observed> =
  /** As it is afterwards. */
  | { readonly kind: 'patched'; readonly object: Observed }
  | { readonly kind: 'absent' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'refused'; readonly reason: string }

/** Reads and patches of clusters. Never throws for a cluster that is away: a rollout waits for it up to its own deadline. */
export type Cluster = {
  /** Those of a namespace that have all these labels. Their changes wake nobody. */
  list<Kind extends keyof ClusterObjects>(
    kind: Kind,
    among: Omit<ObjectAt, 'name'> & { readonly labels: Readonly<Record<string, string>> },
  ): Promise<
    | { readonly kind: 'listed'; readonly objects: readonly ClusterObjects[Kind][] }
    | { readonly kind: 'refused'; readonly reason: string }
  >
  read<Kind extends keyof ClusterObjects>(kind: Kind, at: ObjectAt): Promise<ClusterRead<ClusterObjects[Kind]>>
  /**
   * A JSON merge patch (RFC 7386): objects merge, null removes. Sent once: after a refusal because the cluster did not
   * answer it may have been taken. `metadata: { resourceVersion }` in it makes it hold for that version only.
   */
  patch<Kind extends keyof ClusterObjects>(
    kind: Kind,
    at: ObjectAt,
    patch: Readonly<Record<string, unknown>>,
  ): Promise<ClusterPatch<ClusterObjects[Kind]>>
  /**
   * The same for one reader, who is woken when an object changes that they have read through it: at once, some times too
   * often, and not at all where the account may not watch. So it saves waiting, and nothing depends on it.
   * A reader of the same name replaces the one before; one who has not read an object for 15 minutes is forgotten there.
   */
  readBy(reader: string, wake: () => void): Cluster
}
