/** Argo CD or KServe changed something: wakes the environments whose rollout is about it. Called by the cluster watch, not by GitHub. */
import type { Promotion } from '../domain/promotion.ts'
import { isMerged } from '../domain/promotion.ts'
import { renderTemplate } from '../domain/template.ts'
import type { Deps } from '../services/deps.ts'
import { knownTarget } from '../services/promotion-context.ts'

export type ClusterChange = {
  readonly kind: 'application' | 'inference-service'
  readonly namespace: string
  readonly name: string
}

export async function rolloutChanged(change: ClusterChange, deps: Deps): Promise<void> {
  for (const promotion of await deps.ledger.activePromotions()) {
    if (!isMerged(promotion) || !(await concerns(promotion, change, deps))) continue
    const { repository, model, environment } = promotion
    await deps.hints.hint({ kind: 'environment', repository, model, environment })
  }
}

async function concerns(promotion: Promotion, change: ClusterChange, deps: Deps): Promise<boolean> {
  const { environment } = await knownTarget(promotion, deps)
  const { argocd } = environment.sync
  const { kserve } = environment.verify
  const [template, namespace] =
    change.kind === 'application' ? [argocd.application, argocd.namespace] : [kserve?.name, kserve?.namespace]
  if (template === undefined || namespace !== change.namespace) return false
  const name = renderTemplate(template, { 'model.name': promotion.model, environment: promotion.environment })
  return name.ok && name.text === change.name
}
