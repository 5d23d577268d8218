/** Argo CD through the Kubernetes API: `sync: { argocd }`. The rule is src/domain/argocd-readiness.ts. One of the engines of look-at-sync.ts. */
import { assessApplication } from '../domain/argocd-readiness.ts'
import type { Promotion } from '../domain/promotion.ts'
import type { SyncSettings } from '../domain/settings.ts'
import { renderTemplate } from '../domain/template.ts'
import type { LookAtEngine } from './look-at-sync.ts'
import { overwrittenAt, revisionsOfOurs } from './our-revisions.ts'

/** The Application's name. */
export const applicationOf = (
  { application }: NonNullable<SyncSettings['argocd']>,
  { model, environment }: Pick<Promotion, 'model' | 'environment'>,
): ReturnType<typeof renderTemplate> => renderTemplate(application, { 'model.name': model, environment })

export const lookAtArgoCd: LookAtEngine<'argocd'> = async (synced, argocd, deps) => {
  const { promotion } = synced
  const name = applicationOf(argocd, promotion)
  if (!name.ok) {
    const detail = `\`${argocd.application.source}\` cannot use {{ ${name.missing} }}`
    return { kind: 'failed', because: 'sync-failed', detail }
  }
  const at = { namespace: argocd.namespace, name: name.text }
  const permit = deps.mayUse(promotion.repository, { kind: 'argocd', namespace: at.namespace, application: at.name })
  if (!permit.allowed) return { kind: 'blocked', detail: permit.message }
  const read = await deps.cluster.read('Application', at)
  if (read.kind === 'absent')
    return { kind: 'waiting', because: 'not-seen', detail: `there is no Application ${at.namespace}/${at.name}` }
  if (read.kind === 'refused') return { kind: 'blocked', detail: read.reason }
  const { syncRevisions, operation } = read.object
  const overwritten = await overwrittenAt(syncRevisions, synced, deps)
  if (overwritten !== undefined) return overwritten
  const ours = await revisionsOfOurs([...syncRevisions, ...(operation?.revisions ?? [])], synced, deps)
  return assessApplication(read.object, (at) => ours.has(at))
}
