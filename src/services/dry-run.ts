/** `/deploy --dry-run`, once the rules are judged: what would be written, for those who may read it. Part of deploy-release.ts. */
import { renderDryRun } from '../comments/dry-run.ts'
import type { RepoName } from '../domain/ids.ts'
import type { Promotion } from '../domain/promotion.ts'
import { planDiffs } from '../domain/promotion-diff.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { isHiddenFromAsker, type PromotionContext } from './promotion-context.ts'

type Asked = {
  readonly promotion: Promotion
  readonly rules: readonly RuleVerdict[]
  readonly context: PromotionContext
  /** The repository in which the answer stands. */
  readonly answeredIn: RepoName
}

/** The answer, Markdown. What the editor refuses is a rule, and is not asked for here. */
export function answerDryRun({ promotion, rules, context, answeredIn }: Asked): string {
  const { plan, world, environment } = context
  const isHidden = answeredIn !== environment.repository && isHiddenFromAsker(promotion, context)
  return renderDryRun({
    promotion,
    rules,
    changes: plan.kind === 'planned' ? plan.changes : [],
    diff:
      plan.kind === 'refused'
        ? ''
        : planDiffs(plan, world.config.files)
            .map(({ diff }) => diff)
            .join(''),
    hiddenFrom: isHidden ? environment.repository : undefined,
  })
}
