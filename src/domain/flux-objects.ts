/** What readiness looks at in the objects of Flux. Read by src/clients/kubernetes/parse-flux.ts; the rules are flux-readiness.ts and flux-helm-readiness.ts. */

export type FluxCondition = {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

export type FluxRef = { readonly kind: string; readonly namespace: string; readonly name: string }

/** What all of them have. */
type Reconciled = {
  readonly namespace: string
  readonly name: string
  readonly generation: number
  readonly observedGeneration: number | undefined
  readonly suspended: boolean
  readonly conditions: readonly FluxCondition[]
  /** The last `reconcile.fluxcd.io/requestedAt` that was carried out, and the one that stands. */
  readonly handledRequest: string | undefined
  readonly request: string | undefined
}

/** GitRepository or OCIRepository. */
export type ObservedFluxSource = Reconciled & {
  readonly url: string
  /** Of its artifact: `main@sha1:…`; `latest@sha256:…` of an OCIRepository. */
  readonly revision: string | undefined
  /** Of the commit that an OCI artifact was made of, where it says so. */
  readonly originRevision: string | undefined
}

export type ObservedKustomization = Reconciled & {
  readonly source: FluxRef
  readonly appliedRevision: string | undefined
  readonly appliedOriginRevision: string | undefined
  readonly attemptedRevision: string | undefined
}

export type ObservedHelmChart = Reconciled & {
  /** The version of the chart that was built: `0.1.0+<12 hex>` where it is built anew at every commit. */
  readonly version: string | undefined
  /** The revision of the source that was looked at last, whether or not a chart was built of it. */
  readonly sourceRevision: string | undefined
}

export type ObservedHelmRelease = Reconciled & {
  /** The Kustomization that applied it. */
  readonly appliedBy: { readonly namespace: string; readonly name: string } | undefined
  /** undefined: the chart comes from elsewhere than a source's files, as with `chartRef`. */
  readonly chart:
    | {
        readonly path: string
        readonly valuesFiles: readonly string[]
        readonly source: FluxRef
        /** Built at every commit, instead of when its version changes. */
        readonly everyRevision: boolean
      }
    | undefined
  /** The HelmChart that the controller made of it. */
  readonly helmChart: { readonly namespace: string; readonly name: string } | undefined
  /** Values that stand in other objects, whose changes its generation does not show. */
  readonly hasForeignValues: boolean
  readonly attemptedGeneration: number | undefined
  /** The chart version. */
  readonly attemptedRevision: string | undefined
  readonly attemptedConfigDigest: string | undefined
  /** The newest release in Helm's storage. */
  readonly latest:
    | {
        readonly status: string
        readonly chartVersion: string
        readonly configDigest: string
        readonly version: number
      }
    | undefined
}

/** The whole commit id in a revision: `main@sha1:<40 hex>`, `sha1:<40 hex>`, older `main/<40 hex>`; undefined where there is none, as of an OCI artifact. */
export function commitIn(revision: string | undefined): string | undefined {
  const match = /(?:^|[@/])(?:sha1:)?([0-9a-f]{40})$/.exec(revision ?? '')
  return match?.[1]
}

/** As people write it: `main@3f2a1b0`. */
export function shortRevision(revision: string | undefined): string {
  if (revision === undefined || revision === '') return 'no revision'
  return revision.replace(/(?:^|[@/])(?:sha1:|sha256:)?([0-9a-f]{7})[0-9a-f]{33,}$/, (_, short: string, at: number) =>
    at === 0 ? short : `@${short}`,
  )
}

export const conditionOf = (
  { conditions }: { readonly conditions: readonly FluxCondition[] },
  type: string,
): FluxCondition | undefined => conditions.find((each) => each.type === type)
