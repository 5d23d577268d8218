/** Bringing a pull request's branch up to date: the base merged into the head. */
import { type OperationContext, requireWrite } from '../access.ts'
import { GitHubFailure } from '../failure.ts'
import { writeCommit } from '../git.ts'
import { isAncestor } from '../git-history.ts'
import { mergeCommits } from '../git-merge.ts'
import type { PullRequest } from '../model.ts'
import { baseTip, branchRef } from '../pull-request-facts.ts'
import { commitTime, GITHUB_IDENTITY, identityOf, signByGitHub } from '../signatures.ts'
import { moveRef } from './push.ts'
import { WRITE_CONTENTS } from './refs.ts'

/** Merges the base branch into the head branch. 422: the head is elsewhere, up to date, in conflict or gone. */
export function updateBranch(context: OperationContext, record: PullRequest, expectedHead: string | undefined): string {
  requireWrite(context, record.repository, WRITE_CONTENTS)
  const { head } = record
  if (head.repository === null || record.state === 'closed') throw new GitHubFailure(422, 'The head branch is gone.')
  if (expectedHead !== undefined && expectedHead !== head.sha)
    throw new GitHubFailure(422, `expected head sha didn't match current head ref.`)
  const { objects } = head.repository
  const base = baseTip(record)
  if (isAncestor(objects, base, head.sha)) throw new GitHubFailure(422, 'There are no new commits on the base branch.')
  const merged = mergeCommits(objects, head.sha, base)
  if (!merged.clean) throw new GitHubFailure(422, 'merge conflict between base and head')
  const at = commitTime(context.state)
  const oid = writeCommit(
    objects,
    signByGitHub({
      tree: merged.tree,
      parents: [head.sha, base],
      author: { ...identityOf(context.state, context.actor.user), at },
      committer: { ...GITHUB_IDENTITY, at },
      message: `Merge branch '${record.base.ref}' into ${head.ref}`,
    }),
  )
  moveRef(context, head.repository, { ref: branchRef(head.ref), after: oid })
  return oid
}
