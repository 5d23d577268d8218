/** Where a promotion stands, in one sentence, and the evidence behind a verdict: used by replies, threads and reports. */

import { assertNever } from '../domain/ids.ts'
import type { Evidence, Promotion } from '../domain/promotion.ts'
import { requester } from '../domain/promotion-trailers.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { code, plain, table } from './markdown.ts'
import { renderPullRequestLink } from './promotion-pull-request.ts'
import { openRules } from './rules.ts'
import { when } from './when.ts'

/** An icon that says good, bad or under way. */
export function stageIcon({ stage }: Promotion): string {
  switch (stage.at) {
    case 'verified':
      return '✅'
    case 'failed':
    case 'refused':
      return '❌'
    case 'superseded':
    case 'cancelled':
      return '➖'
    default:
      return '⏳'
  }
}

/** One sentence; `rules` are known only while the pull request waits. */
export function stageSentence(promotion: Promotion, rules: readonly RuleVerdict[] = []): string {
  const { stage } = promotion
  const where = renderPullRequestLink(promotion)
  switch (stage.at) {
    case 'proposed':
      return 'its promotion pull request is being opened'
    case 'opened':
      return `${where} is open${rules.length === 0 ? '' : ` and waits: ${openRules(rules)}`}`
    case 'syncing':
      return stage.blocked === undefined
        ? `merged by ${where}, waits for Argo CD to sync ${code(stage.revision.slice(0, 7))}`
        : `merged by ${where}, blocked: ${plain(stage.blocked)}`
    case 'verifying':
      return `synced ${when(stage.syncedAt)}, checks ${stage.holdingSince === undefined ? 'do not hold yet' : `have held since ${when(stage.holdingSince)}`}`
    case 'verified':
      return `verified ${when(stage.verifiedAt)}${where === '' ? '' : ` (${where})`}${stage.alias === undefined ? '' : `, ${plain(stage.alias)}`}`
    case 'failed':
      return `failed ${when(stage.failedAt)}: ${plain(stage.message)}`
    case 'superseded':
      return `replaced ${when(stage.endedAt)}`
    case 'cancelled':
      return `cancelled ${when(stage.endedAt)}: ${plain(stage.reason)}`
    case 'refused':
      return `refused: ${plain(stage.message)}`
    default:
      return assertNever(stage)
  }
}

/** `by automation`, `by alice`, `forced by alice: outage`, `automatic rollback`. */
export function viaWords({ via }: Promotion): string {
  const by = requester(via)
  if (via.kind === 'automatic-rollback') return 'automatic rollback'
  if (via.kind === 'force') return `forced by ${plain(via.by)}: ${plain(via.reason)}`
  return by === undefined ? 'by automation' : `by ${plain(by)}`
}

/** What was looked at, what was seen, what was wanted. Empty without evidence. */
export function renderEvidence(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return ''
  const icons = { holds: '✅', fails: '❌', no_data: '❓' } as const
  const rows = evidence.map(({ verdict, check, seen, wanted }) => [
    icons[verdict],
    code(check, 160),
    code(seen, 200),
    code(wanted),
  ])
  return table(['', 'Check', 'Seen', 'Wanted'], 'llll', rows)
}
