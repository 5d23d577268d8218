/** What a rollout is seen by: the cluster, Prometheus, HTTP. */
import type { ObservedApplication } from '../../domain/argocd-readiness.ts'
import type { ObservedDeployment } from '../../domain/deployment-readiness.ts'
import type { ObservedInferenceService } from '../../domain/kserve-readiness.ts'

/** What readiness needs of an Argo CD Application, and what else is told about it. Times are as Argo CD wrote them. */
export type ArgoApplication = ObservedApplication & {
  readonly namespace: string
  readonly name: string
  readonly sources: readonly {
    readonly repoUrl: string
    readonly path: string | undefined
    readonly targetRevision: string | undefined
  }[]
}

/** What readiness needs of an InferenceService, and what else is told about it. */
export type InferenceService = ObservedInferenceService & {
  readonly namespace: string
  readonly generation: number
  readonly url: string | undefined
}

export type Deployment = ObservedDeployment & { readonly namespace: string }

/** Reads of a cluster. `refused` names the missing right or the missing configuration. */
export type Cluster = {
  readApplication(at: {
    readonly namespace: string
    readonly name: string
  }): Promise<
    | { readonly kind: 'found'; readonly application: ArgoApplication }
    | { readonly kind: 'absent' }
    | { readonly kind: 'refused'; readonly reason: string }
  >
  readInferenceService(at: {
    readonly namespace: string
    readonly name: string
  }): Promise<
    | { readonly kind: 'found'; readonly service: InferenceService }
    | { readonly kind: 'absent' }
    | { readonly kind: 'refused'; readonly reason: string }
  >
  readDeployment(at: {
    readonly namespace: string
    readonly name: string
  }): Promise<
    | { readonly kind: 'found'; readonly deployment: Deployment }
    | { readonly kind: 'absent' }
    | { readonly kind: 'refused'; readonly reason: string }
  >
}

/** Instant queries. "No data" is its own answer, never zero. */
export type Prometheus = {
  query(
    server: string,
    query: string,
  ): Promise<
    | { readonly kind: 'value'; readonly value: number }
    | { readonly kind: 'no_data' }
    | { readonly kind: 'failed'; readonly reason: string }
  >
}

/** HTTP checks: no redirects followed, body capped. */
export type HttpProbe = {
  get(url: string): Promise<ProbeAnswer>
  head(url: string): Promise<ProbeAnswer>
}

export type ProbeAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly reason: string }
