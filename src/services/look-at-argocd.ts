/** Argo CD through the Kubernetes API: `sync: { argocd }`. The rule is src/domain/argocd-readiness.ts. One of the engines of look-at-sync.ts. */
import { assessApplication } from '../domain/argocd-readiness.ts'
import { renderTemplate } from '../domain/template.ts'
import type { LookAtEngine } from './look-at-sync.ts'
import { revisionsOfOurs } from './our-revisions.ts'

export const lookAtArgoCd: LookAtEngine<'argocd'> = async (synced, argocd, deps) => {
  const { promotion } = synced
  const name = renderTemplate(argocd.application, { 'model.name': promotion.model, environment: promotion.environment })
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
  const ours = await revisionsOfOurs([...syncRevisions, ...(operation?.revisions ?? [])], synced, deps)
  return assessApplication(read.object, (at) => ours.has(at))
}
