/** What Lockkeeper asks Argo CD for: to look at Git now, and where the team wants it (`sync: request`) to sync. When: src/domain/argocd-readiness.ts `requestFor`. Called by look-at-argocd.ts. */
import { syncOperation } from '../domain/argocd-operation.ts'
import { type Readiness, waiting } from '../domain/sync-readiness.ts'
import type { Deps } from './deps.ts'
import type { Synced } from './look-at-sync.ts'
import type { ArgoApplication, ArgoCdAt, ClusterPatch, GitHubReads, ObjectAt } from './ports.ts'

/** `permit`: whether the operator lets this repository start syncs there. */
export type AskApplication = {
  readonly permit: (
    synced: Synced,
  ) => { readonly allowed: true } | { readonly allowed: false; readonly message: string }
  /** undefined: done, or somebody else was faster; else why not. */
  readonly refresh: () => Promise<string | undefined>
  readonly sync: (because: string) => Promise<string | undefined>
}

const REFRESH = 'argocd.argoproj.io/refresh'

/** By patches of the Application: `application` is what was read, and only that version of it gets a sync. */
export function askInCluster(application: ArgoApplication, at: ObjectAt, { cluster, mayUse }: Deps): AskApplication {
  const { resourceVersion } = application
  return {
    permit: ({ promotion }) => {
      const { cluster: name, namespace, name: of } = at
      return mayUse(promotion.repository, { kind: 'argocd', cluster: name, namespace, application: of, sync: true })
    },
    refresh: async () =>
      refusalIn(await cluster.patch('Application', at, { metadata: { annotations: { [REFRESH]: 'normal' } } })),
    sync: async (because) =>
      refusalIn(
        await cluster.patch('Application', at, {
          metadata: { resourceVersion },
          operation: syncOperation(application, because),
        }),
      ),
  }
}

/** By the API of Argo CD, which itself refuses a second sync while one runs. */
export function askByApi(application: ArgoApplication, at: ArgoCdAt, { argocd, mayUse }: Deps): AskApplication {
  const { server, namespace, name } = at
  return {
    permit: ({ promotion }) =>
      mayUse(promotion.repository, { kind: 'argocd', server, namespace, application: name, sync: true }),
    refresh: () => argocd.refresh(at),
    sync: (because) => argocd.sync(at, syncOperation(application, because)),
  }
}

const refusalIn = (answer: ClusterPatch<unknown>): string | undefined =>
  answer.kind === 'refused' ? answer.reason : undefined

type Asking = { readonly synced: Synced; readonly ask: AskApplication; readonly deps: Deps }

/** The readiness once that was asked for. A refresh that is refused costs time, and nothing else: the poll of Argo CD sees the commit, too. */
export async function answerTo(
  wanted: 'refresh' | 'sync',
  readiness: Readiness,
  { synced, ask, deps }: Asking,
): Promise<Readiness> {
  if (wanted === 'refresh') return refreshed(readiness, { synced, ask, deps })
  const permit = ask.permit(synced)
  if (!permit.allowed) return unstarted(permit.message)
  const { promotion } = synced
  const refusal = await ask.sync(`${promotion.label} of ${promotion.model} (${promotion.repository})`)
  if (refusal !== undefined) return unstarted(refusal)
  return waiting('not-synced', 'Lockkeeper has asked Argo CD for its sync')
}

const unstarted = (why: string): Readiness => ({
  kind: 'blocked',
  detail: `auto-sync is off, and Lockkeeper cannot start the sync (${why}): somebody has to press Sync in Argo CD`,
})

type Asked = {
  /** undefined: it was done. */
  readonly refusal: string | undefined
  readonly at: number
}

/** For which merge was asked already; forgotten with the process, since a second refresh harms nobody. */
const asked = new WeakMap<GitHubReads, Map<string, Asked>>()
const MOST = 500
/** What was refused because something was away is asked again. */
const REFUSED_MS = 2 * 60_000

async function refreshed(readiness: Readiness, { synced, ask, deps }: Asking): Promise<Readiness> {
  const known = asked.get(deps.github) ?? new Map<string, Asked>()
  asked.set(deps.github, known)
  // A canary has several merges.
  const key = `${synced.promotion.id}\n${synced.revision}`
  const now = deps.clock.now().getTime()
  const earlier = known.get(key)
  const isDue = earlier === undefined || (earlier.refusal !== undefined && Math.abs(now - earlier.at) >= REFUSED_MS)
  const refusal = isDue ? await ask.refresh() : earlier.refusal
  if (isDue) known.delete(key)
  if (isDue) known.set(key, { refusal, at: now })
  const [oldest] = known.keys()
  if (known.size > MOST && oldest !== undefined) known.delete(oldest)
  if (refusal === undefined || readiness.kind !== 'waiting') return readiness
  return { ...readiness, detail: `${readiness.detail}; it polls Git, since it could not be asked to look (${refusal})` }
}
