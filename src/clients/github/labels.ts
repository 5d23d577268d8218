/** Labels of a pull request. REST, which takes names; GraphQL wants ids, and cannot make a label that is missing. */
import type { RepoName } from '../../domain/ids.ts'
import type { Caller } from './call.ts'

/** `GitHub.addLabels`. Throws GitHubRefused for a missing permission. */
export async function addLabels(
  caller: Caller,
  repository: RepoName,
  { number, labels }: { readonly number: number; readonly labels: readonly string[] },
): Promise<void> {
  await caller.rest(repository, 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
    issue_number: number,
    labels,
  })
}
