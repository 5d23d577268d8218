/** Rules that keep a promotion from beginning, as a refusal. Approvals are given later, on its pull request. Used by deploy-release.ts, deploy-head.ts and await-release.ts. */
import { refusalHint } from '../comments/rules.ts'
import { ERROR_CODES, UserError } from '../domain/failure.ts'
import type { Promotion } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'

/** The refusal by all rules that stop it together; undefined when it may begin. */
export function refusalBy(rules: readonly RuleVerdict[], promotion: Promotion): UserError | undefined {
  const stopping = rules.filter(({ rule, state }) => state === 'refused' || (state === 'open' && rule !== 'approvals'))
  const first = stopping[0]
  if (first === undefined) return undefined
  const { model, label, environment } = promotion
  return new UserError(
    ERROR_CODES.find((code) => code === first.code) ?? 'internal',
    `${model} ${label} may not go to ${environment} now: ${stopping.map(({ detail }) => detail).join('; ')}`,
    hintOf(stopping, rules, promotion),
  )
}

/** What is not merged yet is mended where it is. */
function hintOf(
  stopping: readonly RuleVerdict[],
  rules: readonly RuleVerdict[],
  { head, environment }: Promotion,
): string {
  const isAboutGates = stopping.some(({ rule }) => rule === 'gates') && !stopping.some(({ rule }) => rule === 'who-may')
  if (head !== undefined && isAboutGates) return `Mend them on the pull request, then \`/deploy ${environment}\` again.`
  return refusalHint(rules, environment)
}
