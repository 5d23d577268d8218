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
  [`🔎 ${plain(report.by)} would approve ${what(report)}${where(report)}; nothing was done.`, ...next(report)].join(
    '\n',
  )

function what({ promotion: { model, label, environment, pullRequest } }: ApprovalReport): string {
  const head = pullRequest === undefined ? '' : ` at ${code(pullRequest.headSha.slice(0, 7))}`
  return `${plain(model)} ${plain(label)} → ${plain(environment)}${head}`
}

function where({ promotion }: ApprovalReport): string {
  const link = renderPullRequestLink(promotion)
  return link === '' ? ', whose values are in the files already' : ` (${link})`
}

function next({ promotion, rules, github }: ApprovalReport): readonly string[] {
  if (rules === undefined) return []
  if (!allPass(rules)) return [`Still open: ${openRules(rules)}.`]
  if (github.length > 0) return [`Every rule of Lockkeeper holds; GitHub still wants: ${prose(github.join('; '))}.`]
  return [`Nothing is open any more: it ${promotion.pullRequest === undefined ? 'goes on' : 'is merged'} by itself.`]
}
