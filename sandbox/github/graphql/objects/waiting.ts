/** What a pull request waits for on its way into the base, as GraphQL shows it: conversations, merge queue, merging by itself. */
import { bypasses, protectionOf } from '../../branch-rules.ts'
import type { PullRequest } from '../../model.ts'
import { queueOf } from '../../operations/merge-queue.ts'
import { connection, type PageArguments } from '../connection.ts'
import { type Fields, Unmodelled, type View, type ViewContext } from '../view.ts'
import { presentMergeQueue } from './branch-rules.ts'

type TimelineArguments = PageArguments & { readonly itemTypes?: readonly string[] | null }

/** Fields of a pull request. */
export function waitingFields(context: ViewContext, record: PullRequest): Fields {
  const entry = () => queueOf(record).find(({ pullRequest }) => pullRequest === record)
  return {
    isInMergeQueue: () => entry() !== undefined,
    isMergeQueueEnabled: protectionOf(record)?.mergeQueue !== undefined,
    mergeQueue: () => presentMergeQueue(record.repository, record.base.ref),
    mergeQueueEntry: () => presentEntry(context, record),
    autoMergeRequest: () => presentAutoMerge(context, record),
    viewerCanMergeAsAdmin: () => bypasses(record, context.actor),
    reviewThreads: (bounds: PageArguments, info: never) =>
      connection(bounds, info, {
        items: record.conversations,
        key: ({ nodeId }) => nodeId,
        view: ({ nodeId, resolved }): View => ({
          __typename: 'PullRequestReviewThread',
          id: nodeId,
          isResolved: resolved,
          isOutdated: false,
        }),
      }),
    timelineItems: (given: TimelineArguments, info: never) => {
      if (given.itemTypes?.join() !== 'REMOVED_FROM_MERGE_QUEUE_EVENT')
        throw new Unmodelled('timeline items but removals from a merge queue')
      return connection(given, info, {
        items: record.dequeued === null ? [] : [record.dequeued],
        key: ({ at }) => at,
        view: ({ reason, at }): View => ({ __typename: 'RemovedFromMergeQueueEvent', reason, createdAt: at }),
      })
    },
  }
}

/** Null while it is in no queue. */
export function presentEntry(context: ViewContext, record: PullRequest): View | null {
  const queue = queueOf(record)
  const index = queue.findIndex(({ pullRequest }) => pullRequest === record)
  const entry = queue[index]
  if (entry === undefined) return null
  return {
    __typename: 'MergeQueueEntry',
    id: `MQE_${Buffer.from(`${record.id}`).toString('base64url')}`,
    position: index + 1,
    state: 'AWAITING_CHECKS',
    enqueuer: () => context.present(entry.by),
    pullRequest: () => context.present(record),
  }
}

function presentAutoMerge(context: ViewContext, { autoMerge: setting }: PullRequest): View | null {
  if (setting === null) return null
  return {
    __typename: 'AutoMergeRequest',
    enabledAt: setting.at,
    mergeMethod: setting.method.toUpperCase(),
    enabledBy: () => context.present(setting.by),
  }
}
