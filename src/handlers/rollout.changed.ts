/** Argo CD or KServe changed something: wakes the environments whose rollout is about it. Called by the cluster watch, not by GitHub. */
import { UserError } from '../domain/failure.ts'
import type { Promotion } from '../domain/promotion.ts'
import { isMerged } from '../domain/promotion.ts'
import { workloadChecks } from '../domain/settings.ts'
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
    if (!isMerged(promotion) || !(await concernsSafely(promotion, change, deps))) continue
    const { repository, model, environment } = promotion
    await deps.hints.hint({ kind: 'environment', repository, model, environment })
  }
}

/** A team whose configuration no longer loads must not keep the others from being woken; its own promotion polls. */
async function concernsSafely(promotion: Promotion, change: ClusterChange, deps: Deps): Promise<boolean> {
  try {
    return await concerns(promotion, change, deps)
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}

async function concerns(promotion: Promotion, change: ClusterChange, deps: Deps): Promise<boolean> {
  const { environment } = await knownTarget(promotion, deps)
  const { argocd } = environment.sync
  const kserve = workloadChecks(environment.verify).find(({ kind }) => kind === 'InferenceService')
  const [template, namespace] =
    change.kind === 'application' ? [argocd?.application, argocd?.namespace] : [kserve?.name, kserve?.namespace]
  if (template === undefined || namespace !== change.namespace) return false
  const name = renderTemplate(template, { 'model.name': promotion.model, environment: promotion.environment })
  return name.ok && name.text === change.name
}
