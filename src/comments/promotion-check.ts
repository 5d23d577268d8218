/** The check run `lockkeeper/promotion` on a promotion head: green only while every rule holds, so that GitHub merges nothing that we would not. */
import type { Promotion } from '../domain/promotion.ts'
import { allPass, type RuleVerdict } from '../domain/rules.ts'
import { title } from './markdown.ts'
import { renderRules } from './rules.ts'

type Output = {
  readonly status: 'in_progress' | 'completed'
  readonly conclusion: 'success' | 'failure' | undefined
  readonly title: string
  readonly summary: string
  readonly annotations: readonly never[]
  readonly actions: readonly never[]
  readonly detailsUrl: undefined
}

/** In progress while it waits for people or time, failed when a rule says no, green when all hold. */
export function renderPromotionCheck({
  promotion,
  rules,
}: {
  readonly promotion: Promotion
  readonly rules: readonly RuleVerdict[]
}): Output {
  const refused = rules.some(({ state }) => state === 'refused')
  const passes = allPass(rules)
  const open = rules.filter(({ state }) => state === 'open' || state === 'refused').map(({ rule }) => rule)
  const what = `${promotion.model} ${promotion.label} → ${promotion.environment}`
  return {
    status: passes || refused ? 'completed' : 'in_progress',
    conclusion: passes ? 'success' : refused ? 'failure' : undefined,
    title: title(
      passes ? `${what}: every rule holds` : `${what}: ${refused ? 'refused' : 'waits'} (${open.join(', ')})`,
    ),
    summary: renderRules(rules),
    annotations: [],
    actions: [],
    detailsUrl: undefined,
  }
}
