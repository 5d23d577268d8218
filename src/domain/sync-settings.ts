/** What teams configure about their GitOps engine: part of settings.ts, with which a promotion keeps it. Parsed by src/config/sync-schema.ts. */
import type { Template } from './template.ts'

/** What brings the merged commit into the cluster: exactly one engine, under its own key (src/services/look-at-sync.ts). */
export type SyncSettings = {
  readonly argocd?:
    | {
        readonly application: Template
        readonly namespace: string
        /** By its name in the policy. Absent: the one that the server itself is set up for. */
        readonly cluster?: string | undefined
        /** The Argo CD whose API is asked, by its name in the policy. Absent: the Application is read in the cluster. */
        readonly server?: string | undefined
        readonly sync: 'auto' | 'request' | 'manual'
      }
    | undefined
  readonly flux?:
    | {
        readonly kind: 'Kustomization' | 'HelmRelease'
        readonly name: Template
        readonly namespace: string
        readonly cluster?: string | undefined
        readonly reconcile: 'auto' | 'request'
      }
    | undefined
  readonly fleet?:
    | { readonly gitRepo: Template; readonly namespace: string; readonly cluster?: string | undefined }
    | undefined
  /** Statuses on the config repository's commits; needs no access to a cluster. */
  readonly reported?:
    | {
        readonly kind: 'commit_status' | 'deployment'
        /** Of the context, or of the GitHub environment. */
        readonly name: Template
        /** The only login whose reports count, `argocd[bot]` for an App. */
        readonly by: string
      }
    | undefined
  /** From merge to synced, at most, in milliseconds. Default 30m. */
  readonly within: number
}

/** What people call it in a sentence; unknown where a promotion is not merged yet, or only its reports are seen. */
export function engineName(sync: SyncSettings | undefined): string {
  if (sync?.argocd !== undefined) return 'Argo CD'
  if (sync?.flux !== undefined) return 'Flux'
  if (sync?.fleet !== undefined) return 'Fleet'
  return 'the GitOps engine'
}
