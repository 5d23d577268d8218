/** The answer to `/deploy … --dry-run`: what the command would do now. Asked by src/services/deploy-release.ts. */
import type { Change, Promotion } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { code, plain } from './markdown.ts'
import { renderChanges } from './promotion-pull-request.ts'
import { openRules, renderRules } from './rules.ts'

/** `changes` is empty where every value is in the files already. */
export function renderDryRun({
  promotion,
  rules,
  changes,
}: {
  readonly promotion: Promotion
  readonly rules: readonly RuleVerdict[]
  readonly changes: readonly Change[]
}): string {
  const { model, label, environment } = promotion
  const open = openRules(rules)
  const may =
    open === ''
      ? 'may go there now: every rule holds'
      : `may be opened now; before the merge it still waits for this: ${open}`
  return [
    `🔎 **Dry run of ${plain(model)} ${plain(label)} → ${plain(environment)}**, nothing was done: it ${may}.\nTo do it: ${code(`/deploy ${environment}`)}.`,
    changes.length === 0 ? 'It would change no file: every value is there already.' : renderChanges(changes),
    renderRules(rules),
  ].join('\n\n')
}
