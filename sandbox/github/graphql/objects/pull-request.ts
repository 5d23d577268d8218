/** A pull request as GraphQL shows it. What is derived (files, commits, mergeability, decision) comes from ../../pull-request-facts.ts. */
import { requireRead } from '../../access.ts'
import { mergeableState, reviewDecision } from '../../branch-rules.ts'
import type { FileChange } from '../../git-diff.ts'
import type { PullRequest, Repository } from '../../model.ts'
import {
  baseTip,
  branchRef,
  pullRequestChanges,
  pullRequestCommits,
  readMergeability,
  testMergeOf,
} from '../../pull-request-facts.ts'
import { connection, type PageArguments } from '../connection.ts'
import { stateOf } from '../pull-request-list.ts'
import type { Fields, View, ViewContext } from '../view.ts'
import { presentRollup } from './commit-checks.ts'
import { reviewFields } from './review.ts'
import { threadFields } from './thread.ts'
import { waitingFields } from './waiting.ts'

const CHANGE_TYPES: Readonly<Record<FileChange['status'], string>> = {
  added: 'ADDED',
  removed: 'DELETED',
  modified: 'MODIFIED',
  renamed: 'RENAMED',
}

export function presentPullRequest(context: ViewContext, record: PullRequest): View {
  const actor = (user: PullRequest['mergedBy']) => (user === null ? null : context.present(user))
  return {
    __typename: 'PullRequest',
    ...threadFields(context, record),
    fullDatabaseId: String(record.id),
    state: stateOf(record),
    isDraft: record.draft,
    merged: record.merged,
    mergedAt: record.mergedAt,
    mergedBy: () => actor(record.mergedBy),
    maintainerCanModify: record.maintainerCanModify,
    lastEditedAt: record.lastEditedAt,
    totalCommentsCount: record.comments.length,
    ...waitingFields(context, record),
    ...branchFields(context, record),
    ...mergeFields(context, record),
    ...contentFields(context, record),
    ...reviewFields(context, record),
  }
}

function branchFields(context: ViewContext, record: PullRequest): Fields {
  const { head, base, repository } = record
  const ref = (owner: Repository | null, name: string) =>
    owner?.refs.has(branchRef(name)) ? context.present({ kind: 'Ref', repository: owner, name: branchRef(name) }) : null
  return {
    isCrossRepository: head.repository !== repository,
    baseRefName: base.ref,
    baseRefOid: baseTip(record),
    baseRef: () => ref(repository, base.ref),
    baseRepository: () => context.present(repository),
    headRefName: head.ref,
    headRefOid: head.sha,
    headRef: () => ref(head.repository, head.ref),
    headRepository: () => (head.repository === null ? null : context.present(head.repository)),
    headRepositoryOwner: () => (head.repository === null ? null : context.present(head.repository.owner)),
  }
}

/** Mergeability is worked out after the first question for it: with a lag, that one is answered `UNKNOWN`. */
function mergeFields(context: ViewContext, record: PullRequest): Fields {
  const { repository, mergeCommitSha } = record
  let known: ReturnType<typeof readMergeability> | undefined
  const mergeability = () => {
    known ??= readMergeability(context.state, record)
    return known
  }
  const commit = (oid: string | null) => (oid === null ? null : context.present({ kind: 'Commit', repository, oid }))
  return {
    mergeable: () => mergeability().toUpperCase(),
    mergeStateStatus: () => mergeableState(record, mergeability()).toUpperCase(),
    mergeCommit: () => commit(record.merged ? mergeCommitSha : null),
    potentialMergeCommit: () => commit(mergeability() === 'mergeable' ? testMergeOf(context.state, record).sha : null),
    reviewDecision: () => reviewDecision(record),
    statusCheckRollup: () => presentRollup(context, repository, record.head.sha),
  }
}

function contentFields(context: ViewContext, record: PullRequest): Fields {
  const { repository } = record
  const changes = () => pullRequestChanges(record)
  return {
    changedFiles: () => changes().length,
    additions: () => changes().reduce((sum, change) => sum + change.additions, 0),
    deletions: () => changes().reduce((sum, change) => sum + change.deletions, 0),
    files: (bounds: PageArguments, info: never) =>
      connection(bounds, info, { items: changes(), key: ({ path }) => path, view: presentChange }),
    commits: (bounds: PageArguments, info: never) => {
      requireRead(context, repository, ['contents', 'pull_requests'])
      return connection(bounds, info, {
        items: pullRequestCommits(record),
        key: (oid) => oid,
        view: (oid) => presentOwnCommit(context, record, oid),
      })
    },
  }
}

const presentChange = ({ path, status, additions, deletions }: FileChange): View => ({
  __typename: 'PullRequestChangedFile',
  path,
  additions,
  deletions,
  changeType: CHANGE_TYPES[status],
})

const presentOwnCommit = (context: ViewContext, record: PullRequest, oid: string): View => ({
  __typename: 'PullRequestCommit',
  id: `PURC_${Buffer.from(`${record.id}:${oid}`).toString('base64url')}`,
  commit: () => context.present({ kind: 'Commit', repository: record.repository, oid }),
  pullRequest: () => context.present(record),
})
