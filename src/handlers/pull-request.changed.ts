/** `pull_request.opened`, `reopened`, `synchronize`, `ready_for_review`, `edited`, `closed`: compare the model; a merge begins releases; a promotion's own pull request wakes its environment. */
import type { Context } from 'probot'
import { parsePromotionBranch } from '../domain/branch-name.ts'
import { parseCommitSha, parseRepoName } from '../domain/ids.ts'
import type { Ears } from './ears.ts'

export async function pullRequestChanged({ payload }: Context<'pull_request'>, ears: Ears): Promise<void> {
  const repository = parseRepoName(payload.repository.full_name)
  if (repository === undefined) return
  const { pull_request: pullRequest, sender } = payload
  const promotion = parsePromotionBranch(pullRequest.head.ref)
  // Anybody may call a branch so: only a pull request of ours is a promotion.
  if (promotion !== undefined && pullRequest.user?.login === ears.appLogin) {
    if (sender?.login !== ears.appLogin) await ears.hint({ kind: 'environment', ...promotion })
    return
  }
  const { number } = pullRequest
  const head = parseCommitSha(pullRequest.head.sha)
  const state = pullRequest.state === 'closed' ? 'closed' : 'open'
  if (head !== undefined)
    await ears.heardHead({ repository, number, sha: head, repositoryId: payload.repository.node_id, state })
  await ears.hint({ kind: 'pull-request', repository, number })
  const merged = payload.action === 'closed' && pullRequest.merged === true
  const sha = merged ? parseCommitSha(pullRequest.merge_commit_sha ?? '') : undefined
  if (sha === undefined) return
  await ears.hint({ kind: 'push', repository, sha })
  // Last, since it is needed from the second look on: what it takes would part this hint from that of the push, and its models would be told one by one.
  if (pullRequest.base.ref === payload.repository.default_branch) await ears.heardMerge({ repository, number, sha })
}
