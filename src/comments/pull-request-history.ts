/** What a promotion pull request was before: the releases that newer ones replaced in it, and why its commit was made anew. Part of promotion-pull-request.ts. */
import type { Promotion } from '../domain/promotion.ts'
import { plain, prose } from './markdown.ts'
import { when } from './when.ts'

/** A promotion that had this pull request; `by` is the label of the one that replaced it. */
export type EarlierPromotion = {
  readonly label: string
  /** ISO instant. */
  readonly endedAt: string
  readonly by: string | undefined
}

/** Empty for a pull request that has always been what it is. */
export function renderPullRequestHistory(
  { rebuilt }: Pick<Promotion, 'rebuilt'>,
  earlier: readonly EarlierPromotion[],
): string {
  const lines = [
    rebuilt === undefined
      ? ''
      : `Made anew ${when(rebuilt.at)} on the base branch as it was then: ${prose(rebuilt.because)}. Approvals from before do not count any more.`,
    earlier.length === 0 ? '' : `Earlier in this pull request: ${earlier.map(replaced).join('; ')}.`,
  ]
  return lines.filter((line) => line !== '').join('\n')
}

const replaced = ({ label, endedAt, by }: EarlierPromotion): string =>
  `${plain(label)}, replaced${by === undefined ? '' : ` by ${plain(by)}`} ${when(endedAt)}`
