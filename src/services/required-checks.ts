/** The check runs that branch rules may demand of every pull request, and what keeps `lockkeeper/promotion` from holding up those that are no promotion. */
import { renderUnconcerned } from '../comments/merge-group-check.ts'
import type { RepoName } from '../domain/ids.ts'
import type { CheckName } from '../domain/merge-group.ts'
import type { Deps } from './deps.ts'
import type { PullRequestView } from './ports.ts'
import { checkWrite, type Publishing, promotionCheckKey, recordCheck } from './publish-check.ts'
import { writeAll } from './publish-comment.ts'
import type { Configuration } from './refresh-comparison-settings.ts'

type InForce = Pick<Configuration, 'settings' | 'invalid'>

/** By what the repository is for. Where its configuration does not load, nobody can tell: both. */
export function requiredChecks({ settings, invalid }: InForce): ReadonlySet<CheckName> {
  const required = new Set<CheckName>()
  if (invalid !== undefined || (settings?.models.size ?? 0) > 0) required.add('lockkeeper')
  if (invalid !== undefined || (settings?.accepts.length ?? 0) > 0) required.add('lockkeeper/promotion')
  return required
}

/** Says on a pull request that people made in a config repository that it is no promotion. One write per head. */
export async function excuseFromPromotion(
  { headSha, repositoryId, url }: PullRequestView,
  { repository, configuration }: { readonly repository: RepoName; readonly configuration: InForce },
  deps: Pick<Deps, 'ledger' | 'github' | 'clock'>,
): Promise<void> {
  const name: CheckName = 'lockkeeper/promotion'
  if (!requiredChecks(configuration).has(name)) return
  const output = renderUnconcerned('no-promotion', url)
  const key = promotionCheckKey(headSha)
  // A promotion may have spoken for this commit: that another pull request has it, too, opens no rule.
  if ((await deps.ledger.publication(key))?.hash !== undefined) return
  const publishing: Publishing = { key, repository, repositoryId, headSha, name, output }
  const [write] = await checkWrite(publishing, deps)
  await writeAll([write && { repository, write, record: (result) => recordCheck(publishing, result, deps) }], deps)
}
