/** The answer to `/cancel`: what will not happen now, and how to have it all the same. Decided by src/services/cancel-promotion.ts. */
import type { Promotion } from '../domain/promotion.ts'
import { code, plain, prose } from './markdown.ts'
import { renderPullRequestLink } from './promotion-link.ts'

export type CancellationReport = {
  readonly promotion: Promotion
  /** Something holds the environment, which stays. */
  readonly isHeld: boolean
  /** Why its pull request is open still, in GitHub's words; absent: it is closed, or there was none. */
  readonly stillOpen?: { readonly code: 'not_allowed' | 'system_unavailable'; readonly message: string } | undefined
}

export function renderCancellation(report: CancellationReport): string {
  const { promotion, stillOpen } = report
  const link = renderPullRequestLink(promotion)
  const closed = link === '' ? '' : stillOpen === undefined ? `; ${link} is closed` : ''
  const open =
    stillOpen === undefined
      ? []
      : [`${link} could not be closed (\`${stillOpen.code}\`: ${prose(stillOpen.message)}): close it by hand.`]
  return [`🛑 **Cancelled: ${what(promotion)}**${closed}. Nothing of it went live.`, ...open, after(report)].join('\n')
}

/** The same before it is done. */
export const renderWouldCancel = (report: CancellationReport): string =>
  [`🔎 **Dry run**, nothing was done: ${what(report.promotion)} would be cancelled.`, after(report)].join('\n')

const what = ({ kind, model, label, environment }: Promotion): string =>
  kind === 'rollback'
    ? `the rollback of ${plain(model)} in ${plain(environment)} to ${plain(label)}`
    : `${plain(model)} ${plain(label)} → ${plain(environment)}`

function after({ promotion: { kind, environment, model, stage }, isHeld }: CancellationReport): string {
  const names = `${environment} ${model}`
  if (kind === 'rollback') {
    const held = isHeld ? `, and ${code(environment)} stays held until ${code(`/unlock ${names}`)}` : ''
    return `What it was to leave is live still${held}. To go back all the same: ${code(`/rollback ${names}`)}.`
  }
  if (stage.at === 'awaiting') return `Its release is made all the same. To have it there: ${code(`/deploy ${names}`)}.`
  return `It is not proposed there again by itself; a newer release is. To have it: ${code(`/deploy ${names}`)}.`
}
