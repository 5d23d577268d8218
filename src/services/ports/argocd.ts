/** Argo CD by its API, for installations that give Lockkeeper no access to the cluster. Implemented in src/clients/argocd-api.ts. */
import type { ArgoApplication, ClusterRead } from './rollout.ts'

/** `server`: its name in the operator's policy. */
export type ArgoCdAt = { readonly server: string; readonly namespace: string; readonly name: string }

/** Never throws for a server that is away or says no: a rollout waits for it up to its own deadline. */
export type ArgoCdServers = {
  /** `refused` also where there is no such Application: Argo CD does not tell the two apart. */
  read(at: ArgoCdAt): Promise<ClusterRead<ArgoApplication>>
  /** Asks it to compare with Git now. undefined: done, or on its way; else why not. */
  refresh(at: ArgoCdAt): Promise<string | undefined>
  /** Starts an operation as `syncOperation` gives it. undefined: begun; else why not. */
  sync(at: ArgoCdAt, operation: Readonly<Record<string, unknown>>): Promise<string | undefined>
  /** The same for one reader, who is woken when an Application changes that they have read through it: as `Cluster.readBy`. */
  readBy(reader: string, wake: () => void): ArgoCdServers
}
