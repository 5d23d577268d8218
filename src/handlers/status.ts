/** `status`: a CI that reports by commit statuses may have finished training, or a rollout is told of. The event names no pull request: it is known by its head. */
import type { Context } from 'probot'
import { parsePromotionBranch } from '../domain/branch-name.ts'
import { parseRepoName } from '../domain/ids.ts'
import type { Ears } from './ears.ts'

export async function status({ payload }: Context<'status'>, ears: Ears): Promise<void> {
  const repository = parseRepoName(payload.repository.full_name)
  if (repository === undefined) return
  for (const { name } of payload.branches) {
    const promotion = parsePromotionBranch(name)
    if (promotion !== undefined) await ears.hint({ kind: 'environment', ...promotion })
  }
  for (const number of await ears.pullRequestsAt(repository, payload.sha))
    await ears.hint({ kind: 'pull-request', repository, number })
  for (const waiting of await ears.waitingFor(repository, payload.sha)) await ears.hint(waiting)
  for (const followed of await ears.followedByReports(repository)) await ears.hint(followed)
}
