/** The sync that Lockkeeper asks Argo CD for: the `operation` of an Application, or the body of its API. Sent by src/services/ask-argocd.ts. */

/** What the Application's own `syncPolicy` says about syncs. */
export type SyncPolicy = {
  readonly prune: boolean
  readonly options: readonly string[]
  /** As it is written there; undefined: nothing is. */
  readonly retry: Readonly<Record<string, unknown>> | undefined
}

/** As auto-sync does it where the Application says nothing: five more times, with growing pauses. */
const RETRY = { limit: 5 }

/**
 * A sync of exactly what was compared, in Argo CD's terms: somebody's later commit must not be undone by it. `because` is
 * shown in Argo CD. Argo CD itself tries it again, within the limit, so that nobody else need count.
 */
export function syncOperation(
  { syncRevisions, syncPolicy }: { readonly syncRevisions: readonly string[]; readonly syncPolicy: SyncPolicy },
  because: string,
): Readonly<Record<string, unknown>> {
  const { prune, options, retry } = syncPolicy
  const [revision = ''] = syncRevisions
  return {
    initiatedBy: { username: 'lockkeeper' },
    info: [{ name: 'Reason', value: because }],
    retry: retry ?? RETRY,
    sync: {
      ...(syncRevisions.length > 1 ? { revisions: [...syncRevisions] } : { revision }),
      prune,
      ...(options.length > 0 && { syncOptions: [...options] }),
      syncStrategy: { hook: {} },
    },
  }
}
