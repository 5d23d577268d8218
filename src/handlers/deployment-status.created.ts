/** `deployment_status.created`: whoever deploys from the config repository may have told how a rollout stands. */
import type { Context } from 'probot'
import { parseRepoName } from '../domain/ids.ts'
import type { Ears } from './ears.ts'

export async function deploymentStatusCreated({ payload }: Context<'deployment_status'>, ears: Ears): Promise<void> {
  const repository = parseRepoName(payload.repository.full_name)
  if (repository === undefined || payload.deployment_status.creator?.login === ears.appLogin) return
  for (const followed of await ears.followedByReports(repository)) await ears.hint(followed)
}
