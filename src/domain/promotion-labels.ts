/** The labels of a promotion pull request, for people and their automations to find it by. */
import type { Promotion } from './promotion.ts'

/** GitHub's limit, in characters. */
const LONGEST = 50

/** `lockkeeper`, `model: churn`, `environment: prod`, and `rollback` on one. Names too long for a label are cut. */
export function promotionLabels({
  kind,
  model,
  environment,
}: Pick<Promotion, 'kind' | 'model' | 'environment'>): readonly string[] {
  const labels = ['lockkeeper', `model: ${model}`, `environment: ${environment}`]
  return [...labels, ...(kind === 'rollback' ? ['rollback'] : [])].map(cut)
}

const cut = (label: string): string => (label.length <= LONGEST ? label : `${label.slice(0, LONGEST - 1)}…`)
