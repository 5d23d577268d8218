/** How other comments name a promotion pull request. Its own text: promotion-pull-request.ts. */
import type { Promotion } from '../domain/promotion.ts'
import { link } from './markdown.ts'

/** `promotion PR 7`, linked, without a cross-reference; empty while there is none. */
export function renderPullRequestLink({ pullRequest }: Pick<Promotion, 'pullRequest'>): string {
  return pullRequest === undefined ? '' : link(`promotion PR ${pullRequest.number}`, pullRequest.url)
}
