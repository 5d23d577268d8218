/** What is left to do with the pull request of a promotion that it needs no more: to delete its branch, and to say on it why it was given up. Written with everything else that publish-promotion.ts says. */
import { renderPromotionNote } from '../comments/promotion-note.ts'
import { promotionBranch } from '../domain/branch-name.ts'
import { parseRepoName, type RepoName } from '../domain/ids.ts'
import { renderMarker } from '../domain/marker.ts'
import { type OpenedPullRequest, type Promotion, reachedGit } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import { commentWrite, type PlannedWrite } from './publish-comment.ts'

/** The config repository that it was opened in. */
export function repositoryOf({ url }: OpenedPullRequest): RepoName {
  const [owner, name] = new URL(url).pathname.split('/').slice(1)
  const repository = parseRepoName(`${owner}/${name}`)
  if (repository === undefined) throw new Error(`${url} is no pull request`)
  return repository
}

/** What may not be merged any more must not lie there for GitHub or a person to merge. */
export async function closePullRequest(pullRequest: OpenedPullRequest, deps: Deps): Promise<void> {
  const [closed] = await deps.github.write(repositoryOf(pullRequest), [
    { kind: 'close-pull-request', pullRequestId: pullRequest.id },
  ])
  if (closed?.ok === false)
    deps.log.warn(
      { pullRequest: pullRequest.url, reason: closed.message },
      'a promotion pull request could not be closed',
    )
}

/** Once per pull request, and only a branch that is where our commit is: what somebody pushed stays. undefined where there is nothing to delete. */
export async function branchWrite(
  promotion: Promotion,
  { ledger }: Pick<Deps, 'ledger'>,
): Promise<PlannedWrite | undefined> {
  const { pullRequest } = promotion
  const end = endOf(promotion)
  if (pullRequest?.repositoryId === undefined || end === undefined) return undefined
  if (end === 'merged' && pullRequest.deletedByGitHub === true) return undefined
  const key = `branch:${end}:${promotion.id}:${pullRequest.number}`
  if ((await ledger.publication(key)) !== undefined) return undefined
  const branch = promotionBranch(promotion, promotion)
  return {
    repository: repositoryOf(pullRequest),
    write: {
      kind: 'set-refs',
      repositoryId: pullRequest.repositoryId,
      refs: [{ branch, sha: undefined, from: pullRequest.headSha }],
    },
    // Refused: it is gone already, or somebody's work by now. Either way nothing is left to do.
    mayFail: true,
    record: ({ ok }) =>
      ledger.savePublication({ key, nodeId: undefined, hash: ok ? 'deleted' : 'kept', intendedAt: undefined }),
  }
}

/** How its pull request ended; undefined while it is open, or goes on with a newer release. Of a canary the next share's may be open, on the same branch. */
function endOf(promotion: Promotion): 'merged' | 'closed' | undefined {
  const { stage } = promotion
  if (stage.at === 'proposed' || stage.at === 'opened') return undefined
  if (reachedGit(promotion)) return 'merged'
  const isClosed = stage.at === 'refused' || (stage.at === 'cancelled' && stage.act !== 'taken')
  return isClosed ? 'closed' : undefined
}

/** Said on the pull request itself, once: whoever acted on it reads it there. */
export async function noteWrite(promotion: Promotion, deps: Deps): Promise<PlannedWrite | undefined> {
  const { pullRequest, stage } = promotion
  const note = renderPromotionNote(promotion)
  if (pullRequest === undefined || note === undefined || stage.at !== 'cancelled') return undefined
  const fields = { left: promotion.id, at: stage.endedAt }
  const marker = renderMarker('promotion', fields)
  return commentWrite(
    {
      key: `note:${promotion.id}:${stage.endedAt}`,
      repository: repositoryOf(pullRequest),
      number: pullRequest.number,
      subjectId: pullRequest.id,
      marker,
      body: `${marker}\n${note}`,
    },
    deps,
  )
}
