/** Rules that keep a promotion from beginning, as a refusal. Approvals are given later, on its pull request. Used by deploy-release.ts, deploy-head.ts and await-release.ts. */
import { refusalHint } from '../comments/rules.ts'
import { UserError } from '../domain/failure.ts'
import type { Promotion } from '../domain/promotion.ts'
import { type RuleVerdict, stoppingRules } from '../domain/rules.ts'

/** The refusal by all rules that stop it together; undefined when it may begin. */
export function refusalBy(rules: readonly RuleVerdict[], promotion: Promotion): UserError | undefined {
  const stopping = stoppingRules(rules)
  const [first] = stopping
  if (first === undefined) return undefined
  const { model, label, environment, kind } = promotion
  const what =
    kind === 'rollback'
      ? `${model} in ${environment} may not be rolled back now`
      : `${model} ${label} may not go to ${environment} now`
  const message = `${what}: ${stopping.map(({ detail }) => detail).join('; ')}`
  return new UserError(first.code, message, hintOf(stopping, rules, promotion))
}

/** What is not merged yet is mended where it is. */
function hintOf(
  stopping: readonly RuleVerdict[],
  rules: readonly RuleVerdict[],
  { head, environment }: Promotion,
): string {
  const isAboutGates = stopping.some(({ rule }) => rule === 'gates') && !stopping.some(({ rule }) => rule === 'who-may')
  if (head !== undefined && isAboutGates) return `Mend them on the pull request, then \`/deploy ${environment}\` again.`
  return refusalHint(rules)
}
