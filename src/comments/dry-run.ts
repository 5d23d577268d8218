/** The answer to `/deploy … --dry-run`: what the command would do now. Asked by src/services/deploy-release.ts. */
import type { Change, Promotion } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { code, codeBlock, details, plain } from './markdown.ts'
import { renderChanges } from './promotion-pull-request.ts'
import { openRules } from './rules.ts'

export type DryRun = {
  readonly promotion: Promotion
  readonly rules: readonly RuleVerdict[]
  /** Empty where every value is in the files already. */
  readonly changes: readonly Change[]
  /** The same as a unified diff, three lines of context around each change. */
  readonly diff: string
  /** The config repository, where more people can read the answer than that; its values are then not said. */
  readonly hiddenFrom: string | undefined
}

const ROWS = 40
/** A longer one is for a terminal. */
const DIFF_LENGTH = 20_000

/** What would happen, and to which values. The rules are told behind it. */
export function renderDryRun({ promotion, rules, changes, diff, hiddenFrom }: DryRun): string {
  const open = openRules(rules)
  const may =
    open === ''
      ? 'it may go there now: every rule holds'
      : `it may be opened now; before the merge it still waits for this: ${open}`
  return [
    heading(promotion, may),
    ...(hiddenFrom === undefined ? whatChanges(changes, diff) : [hiddenWords(changes, hiddenFrom)]),
  ].join('\n\n')
}

/** The same of a head whose release is not made yet. */
export const renderAwaited = (promotion: Promotion): string =>
  heading(promotion, 'its release would be made, and promoted once it is there; what that changes is known then')

function heading({ model, label, environment, via }: Promotion, what: string): string {
  const skips =
    via.kind === 'force' && via.rules.length > 0 ? ` It would not be asked: ${plain(via.rules.join(', '))}.` : ''
  const todo = code(`/deploy ${environment}${via.kind === 'force' ? ' --force "…"' : ''}`)
  return `🔎 **Dry run of ${plain(model)} ${plain(label)} → ${plain(environment)}**, nothing was done: ${what}.${skips}\nTo do it: ${todo}.`
}

function whatChanges(changes: readonly Change[], diff: string): readonly string[] {
  if (changes.length === 0) return ['It would change no file: every value is there already.']
  const shown =
    diff.length <= DIFF_LENGTH
      ? details('With the lines around', codeBlock(diff, 'diff'))
      : `The diff is too long for a comment; ${code('lockkeeper plan')} prints it.`
  return [renderChanges(changes, ROWS), shown]
}

function hiddenWords(changes: readonly Change[], repository: string): string {
  const files = new Set(changes.map(({ file }) => file)).size
  if (files === 0) return 'It would change no file: every value is there already.'
  const count = (many: number, noun: string) => `${many} ${noun}${many === 1 ? '' : 's'}`
  return `It would change ${count(changes.length, 'value')} in ${count(files, 'file')} of ${code(repository)}. They are not shown: not everybody who reads this can read that repository.`
}
