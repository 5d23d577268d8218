/** The comment on a promotion pull request that Lockkeeper manages no more, because of what a person did: what that means, and how to have it again. */
import type { Promotion } from '../domain/promotion.ts'
import { code, plain } from './markdown.ts'

/** undefined where nobody did anything to it. */
export function renderPromotionNote({ stage, kind, model, environment, label }: Promotion): string | undefined {
  if (stage.at !== 'cancelled' || stage.act === undefined || stage.act === 'left') return undefined
  const what = `${plain(model)} ${plain(label)}`
  const deploy = code(`/deploy ${environment}`)
  if (stage.act === 'closed')
    return [
      `➖ **Closed: ${what} is not promoted to ${plain(environment)}**, and not proposed there again by itself.`,
      `To have it again: reopen this pull request as it is (GitHub restores its branch), or ${deploy} for a new one. A newer release is proposed all the same.`,
    ].join('\n')
  if (stage.act === 'command')
    return kind === 'rollback'
      ? `➖ **Closed: ${plain(model)} does not go back to ${plain(label)} in ${plain(environment)}**: ${plain(stage.reason)}. To go back all the same: ${code(`/rollback ${environment}`)}.`
      : [
          `➖ **Closed: ${what} is not promoted to ${plain(environment)}**, and not proposed there again by itself: ${plain(stage.reason)}.`,
          `To have it again: ${deploy}. A newer release is proposed all the same.`,
        ].join('\n')
  return [
    `➖ **This pull request is yours now**: ${plain(stage.reason.replace(/; it is theirs now$/, ''))}, so that Lockkeeper neither changes nor merges it.`,
    `Merge it, and what it changes is watched like any other promotion; or close it. Until then the next promotion of ${plain(model)} to ${plain(environment)} waits; a ${code(`/rollback ${environment}`)} does not.`,
  ].join('\n')
}
