/** The answer to `/approve`: what was approved, and what is open still. Decided by src/services/approve-promotion.ts. */
import type { Promotion } from '../domain/promotion.ts'
import { allPass, type RuleVerdict } from '../domain/rules.ts'
import { code, plain, prose } from './markdown.ts'
import { renderPullRequestLink } from './promotion-link.ts'
import { openRules } from './rules.ts'

export type ApprovalReport = {
  readonly promotion: Promotion
  readonly by: string
  /** As judged with this approval; undefined: they were not judged again. */
  readonly rules: readonly RuleVerdict[] | undefined
  /** What GitHub still wants by the rules of the config repository's branch. */
  readonly github: readonly string[]
}

export const renderApproval = (report: ApprovalReport): string =>
  [`✅ **${plain(report.by)} approved ${what(report)}**${where(report)}.`, ...next(report)].join('\n')

/** The same before it is done. */
export const renderWouldApprove = (report: ApprovalReport): string =>
  [
    `🔎 **Dry run**, nothing was done: ${plain(report.by)} would approve ${what(report)}${where(report)}.`,
    ...next(report, 'would'),
  ].join('\n')

function what({ promotion: { model, label, environment, pullRequest } }: ApprovalReport): string {
  const head = pullRequest === undefined ? '' : ` at ${code(pullRequest.headSha.slice(0, 7))}`
  return `${plain(model)} ${plain(label)} → ${plain(environment)}${head}`
}

function where({ promotion }: ApprovalReport): string {
  const link = renderPullRequestLink(promotion)
  return link === '' ? ', whose values are in the files already' : ` (${link})`
}

function next({ promotion, rules, github }: ApprovalReport, mood: 'is' | 'would' = 'is'): readonly string[] {
  if (rules === undefined) return []
  if (!allPass(rules)) return [`${mood === 'is' ? 'Still open' : 'Open even then'}: ${openRules(rules)}.`]
  if (github.length > 0) return [`Every rule of Lockkeeper holds; GitHub still wants: ${prose(github.join('; '))}.`]
  const isOpened = promotion.pullRequest !== undefined
  return mood === 'is'
    ? [`Nothing is open any more: it ${isOpened ? 'is merged' : 'goes on'} by itself.`]
    : [`Nothing would be open any more: it would ${isOpened ? 'be merged' : 'go on'} by itself.`]
}
