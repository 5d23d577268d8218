/** What a plan changes, as `git diff` shows it: for `/deploy --dry-run` and `lockkeeper plan`. */
import { unifiedDiff } from './manifest/unified-diff.ts'
import type { Plan } from './promotion-plan.ts'

/** One unified diff per file that changes, in the plan's order; none where nothing would. */
export function planDiffs(
  plan: Plan,
  files: ReadonlyMap<string, { readonly text: string }>,
): readonly { readonly path: string; readonly diff: string }[] {
  if (plan.kind !== 'planned') return []
  return plan.files.map(({ path, text }) => ({ path, diff: unifiedDiff(path, files.get(path)?.text ?? '', text) }))
}
