/** The beginning of a merge queue's work on one pull request. The rest of the queue is not modelled. */
import { type OperationContext, requireWrite } from '../access.ts'
import { emitRepositoryEvent } from '../events.ts'
import { GitHubFailure } from '../failure.ts'
import type { PullRequest } from '../model.ts'
import { baseTip, branchRef, testMergeOf } from '../pull-request-facts.ts'
import { simpleCommit } from '../serialise/commits.ts'
import { MERGE } from './merge.ts'
import { moveRef } from './push.ts'

/** Puts the merged commit on a branch of the queue and asks for checks on it; gives the commit's id. 405 on a conflict. */
export function requestMergeGroup(context: OperationContext, record: PullRequest): string {
  const { repository, base, number } = record
  requireWrite(context, repository, MERGE)
  const { sha } = testMergeOf(context.state, record)
  if (sha === null) throw new GitHubFailure(405, 'Pull Request is not mergeable')
  const baseSha = baseTip(record)
  const ref = branchRef(`gh-readonly-queue/${base.ref}/pr-${number}-${baseSha}`)
  moveRef(context, repository, { ref, after: sha })
  emitRepositoryEvent(context.state, {
    event: 'merge_group',
    action: 'checks_requested',
    repository,
    sender: context.actor.user,
    body: {
      merge_group: {
        head_sha: sha,
        head_ref: ref,
        base_sha: baseSha,
        base_ref: branchRef(base.ref),
        head_commit: simpleCommit(repository, sha),
      },
    },
  })
  return sha
}
