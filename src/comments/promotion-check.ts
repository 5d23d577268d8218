/** The check run `lockkeeper/promotion` on a promotion head: green only while every rule holds, so that GitHub merges nothing that we would not. */
import type { Promotion } from '../domain/promotion.ts'
import { allPass, earliestPass, type RuleVerdict } from '../domain/rules.ts'
import { code, plain, prose, title } from './markdown.ts'
import { renderRules } from './rules.ts'
import { whenFrom } from './when.ts'

type Output = {
  readonly status: 'in_progress' | 'completed'
  readonly conclusion: 'success' | 'failure' | undefined
  readonly title: string
  readonly summary: string
  readonly annotations: readonly never[]
  readonly actions: readonly never[]
  readonly detailsUrl: undefined
}

export type PromotionCheck = {
  readonly promotion: Promotion
  readonly rules: readonly RuleVerdict[]
  /** What the config repository's own rules are known to want still. */
  readonly github: readonly string[]
  /** The branch that it goes to. */
  readonly branch: string
  /** Who lets GitHub merge it by itself although the branch does not demand this check run. */
  readonly mergesAnyway: string | undefined
}

/**
 * In progress while it waits for people or for a soak. Failed where a rule says no or is closed by somebody or by the
 * calendar: a merge queue throws out what is red, and would keep what is in progress. Green when all hold.
 */
export function renderPromotionCheck(check: PromotionCheck): Output {
  const { promotion, rules } = check
  const open = rules.filter(({ state }) => state === 'open' || state === 'refused')
  const isRed = open.some(({ state, rule }) => state === 'refused' || rule === 'freeze' || rule === 'hold')
  const passes = allPass(rules)
  const earliest = earliestPass(rules)
  const what = `${promotion.model} ${promotion.label} → ${promotion.environment}`
  const names = open.map(({ rule }) => rule).join(', ')
  const until = earliest === undefined ? '' : ` until ${whenFrom(earliest)}`
  return {
    status: passes || isRed ? 'completed' : 'in_progress',
    conclusion: passes ? 'success' : isRed ? 'failure' : undefined,
    title: title(passes ? `${what}: every rule holds` : `${what}: ${isRed ? 'stopped' : 'waits'}${until} (${names})`),
    summary: [renderRules(rules), ...githubParts(check)].join('\n\n'),
    annotations: [],
    actions: [],
    detailsUrl: undefined,
  }
}

function githubParts({ github, branch, mergesAnyway }: PromotionCheck): readonly string[] {
  const wants = github.length === 0 ? [] : [`GitHub does not merge it yet: ${prose(github.join('; '))}.`]
  if (mergesAnyway === undefined) return wants
  const warning = `⚠️ ${plain(mergesAnyway)} lets GitHub merge this by itself, and ${code('lockkeeper/promotion')} is not a required check of ${code(branch)}: GitHub merges as soon as its own rules hold, whatever the rules above say.`
  return [...wants, warning]
}
