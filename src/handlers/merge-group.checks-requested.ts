/** `merge_group.checks_requested`: a merge queue waits for the required checks on its head. `destroyed` needs nothing: nobody looks at that commit any more. */
import type { Context } from 'probot'
import { queuedPullRequest } from '../domain/branch-name.ts'
import { parseCommitSha, parseRepoName } from '../domain/ids.ts'
import type { Ears } from './ears.ts'

export async function mergeGroupChecksRequested(
  { payload }: Context<'merge_group.checks_requested'>,
  ears: Ears,
): Promise<void> {
  const repository = parseRepoName(payload.repository?.full_name ?? '')
  const sha = parseCommitSha(payload.merge_group.head_sha)
  if (repository === undefined || sha === undefined) return
  await ears.hint({ kind: 'merge-group', repository, sha, number: queuedPullRequest(payload.merge_group.head_ref) })
}
