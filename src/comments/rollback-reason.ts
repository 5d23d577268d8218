/** Why a rollback is made and where it goes, for its pull request. The report of a failure on the model pull request: failure-report.ts. */
import type { Promotion } from '../domain/promotion.ts'
import { plain, prose } from './markdown.ts'
import { renderEvidence } from './rollout.ts'
import { when } from './when.ts'

/** The two ends of a rollback. */
export type Way = {
  /** What it leaves; undefined where the ledger has it no more. */
  readonly from: Promotion | undefined
  /** When what it goes back to was last verified here, an ISO instant; undefined for values found before the first promotion. */
  readonly verifiedAt: string | undefined
}

/** What is left and why, then where it goes. `isPublic`: more people can read this than what was seen; only that it failed is said. */
export function renderRollbackReason(
  { label, release }: Promotion,
  { from, verifiedAt }: Way,
  isPublic: boolean,
): string {
  const back =
    release === undefined
      ? 'the values found before the first promotion, which nothing ever verified'
      : `${plain(label)}${verifiedAt === undefined ? '' : `, last verified here ${when(verifiedAt)}`}`
  const seen = from?.stage.at === 'failed' && !isPublic ? renderEvidence(from.stage.evidence) : ''
  return [`#### Why\n\n${leftWords(from, isPublic)}It goes back to ${back}.`, seen]
    .filter((part) => part !== '')
    .join('\n\n')
}

function leftWords(from: Promotion | undefined, isPublic: boolean): string {
  if (from === undefined) return ''
  const { label, stage } = from
  if (stage.at !== 'failed') return `It leaves ${plain(label)}. `
  const why = isPublic ? '' : `: ${prose(stage.message, 600)}`
  return `It leaves ${plain(label)}, which failed ${when(stage.failedAt)}${why}. `
}
