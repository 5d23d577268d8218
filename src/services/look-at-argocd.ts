/** Argo CD through the Kubernetes API: `sync: { argocd }`. The rule is src/domain/argocd-readiness.ts, what is asked of Argo CD ask-argocd.ts. One of the engines of look-at-sync.ts. */
import type { ObservedApplication } from '../domain/argocd-application.ts'
import { assessApplication, requestFor, type Sought } from '../domain/argocd-readiness.ts'
import { revisionsThere } from '../domain/argocd-source.ts'
import type { Promotion } from '../domain/promotion.ts'
import { type Readiness, waiting } from '../domain/sync-readiness.ts'
import type { SyncSettings } from '../domain/sync-settings.ts'
import { renderTemplate } from '../domain/template.ts'
import { type AskApplication, answerTo, askByApi, askInCluster } from './ask-argocd.ts'
import type { Deps } from './deps.ts'
import type { LookAtEngine, Synced } from './look-at-sync.ts'
import { isAfter, overwrittenAt, revisionsOfOurs } from './our-revisions.ts'
import type { ArgoCdAt } from './ports.ts'

type ArgoCdSettings = NonNullable<SyncSettings['argocd']>

/** The Application's name. */
export const applicationOf = (
  { application }: Pick<ArgoCdSettings, 'application'>,
  { model, environment }: Pick<Promotion, 'model' | 'environment'>,
): ReturnType<typeof renderTemplate> => renderTemplate(application, { 'model.name': model, environment })

export const lookAtArgoCd: LookAtEngine<'argocd'> = async (synced, argocd, deps) => {
  const { promotion } = synced
  const name = applicationOf(argocd, promotion)
  if (!name.ok) {
    const detail = `\`${argocd.application.source}\` cannot use {{ ${name.missing} }}`
    return { kind: 'failed', because: 'sync-failed', detail }
  }
  if (argocd.server !== undefined)
    return lookByApi(
      { server: argocd.server, namespace: argocd.namespace, name: name.text },
      { synced, sync: argocd.sync },
      deps,
    )
  const at = { cluster: argocd.cluster, namespace: argocd.namespace, name: name.text }
  const need = { kind: 'argocd', cluster: at.cluster, namespace: at.namespace, application: at.name } as const
  const permit = deps.mayUse(promotion.repository, need)
  if (!permit.allowed) return { kind: 'blocked', detail: permit.message }
  const read = await deps.cluster.read('Application', at)
  if (read.kind === 'absent')
    return { kind: 'waiting', because: 'not-seen', detail: `there is no Application ${at.namespace}/${at.name}` }
  if (read.kind === 'refused') return { kind: 'blocked', detail: read.reason }
  return judgeApplication(read.object, { synced, sync: argocd.sync, ask: askInCluster(read.object, at, deps) }, deps)
}

/** The same, asked of Argo CD itself. */
async function lookByApi(at: ArgoCdAt, { synced, sync }: Omit<Judging, 'ask'>, deps: Deps): Promise<Readiness> {
  const { server, namespace, name: application } = at
  const permit = deps.mayUse(synced.promotion.repository, { kind: 'argocd', server, namespace, application })
  if (!permit.allowed) return { kind: 'blocked', detail: permit.message }
  const read = await deps.argocd.read(at)
  if (read.kind === 'absent') return waiting('not-seen', `there is no Application ${namespace}/${application}`)
  if (read.kind === 'refused') return { kind: 'blocked', detail: read.reason }
  return judgeApplication(read.object, { synced, sync, ask: askByApi(read.object, at, deps) }, deps)
}

type Judging = {
  readonly synced: Synced
  readonly sync: ArgoCdSettings['sync']
  /** How this Argo CD is asked for something. */
  readonly ask: AskApplication
}

/** How an Application stands to our commit, wherever it was read; asks Argo CD for what is ours to ask for. */
async function judgeApplication(
  application: ObservedApplication,
  { synced, sync, ask }: Judging,
  deps: Deps,
): Promise<Readiness> {
  const { promotion, environment, mergedAt } = synced
  const written = { repository: environment.repository, branch: promotion.pullRequest?.branch }
  const { syncRevisions, operation, hydration, sources } = application
  const compared = revisionsThere(syncRevisions, sources, written)
  const overwritten = await overwrittenAt(hydration === undefined ? compared : [hydration.drySha ?? ''], synced, deps)
  if (overwritten !== undefined) return overwritten
  const done = revisionsThere(operation?.revisions ?? [], sources, written)
  const ours =
    hydration === undefined
      ? await revisionsOfOurs([...compared, ...done], synced, deps)
      : await hydratedOfOurs(hydration, [...compared, ...done], { synced, deps })
  const sought: Sought = { ...written, isOurs: (revision) => ours.has(revision), mergedAt: new Date(mergedAt), sync }
  const readiness = assessApplication(application, sought)
  const wanted = requestFor(application, sought)
  return wanted === undefined ? readiness : answerTo(wanted, readiness, { synced, ask, deps })
}

type Hydrated = { readonly synced: Synced; readonly deps: Deps }

/** What our commit became: the commit that it was rendered into, and those after it, since Applications may share that branch. */
async function hydratedOfOurs(
  { drySha, hydratedSha }: NonNullable<ObservedApplication['hydration']>,
  revisions: readonly string[],
  { synced, deps }: Hydrated,
): Promise<ReadonlySet<string>> {
  const ours = new Set(drySha === undefined ? [] : await revisionsOfOurs([drySha], synced, deps))
  if (ours.size === 0 || hydratedSha === undefined) return ours
  for (const revision of new Set(revisions)) if (await isAfter(hydratedSha, revision, synced, deps)) ours.add(revision)
  return ours
}
