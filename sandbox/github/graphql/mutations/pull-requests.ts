/** Mutations of pull requests. The changes are made by ../../operations/pull-requests.ts and merge.ts. */
import type {
  ClosePullRequestInput,
  CreatePullRequestInput,
  EnablePullRequestAutoMergeInput,
  EnqueuePullRequestInput,
  MergePullRequestInput,
  ReopenPullRequestInput,
  UpdatePullRequestInput,
} from '@octokit/graphql-schema'
import { GitHubFailure } from '../../failure.ts'
import type { MergeMethod, PullRequest } from '../../model.ts'
import { enableAutoMerge } from '../../operations/auto-merge.ts'
import { merge } from '../../operations/merge.ts'
import { enqueue } from '../../operations/merge-queue.ts'
import { openPullRequest, updatePullRequest } from '../../operations/pull-requests.ts'
import { branchRef } from '../../pull-request-facts.ts'
import { requireNode } from '../nodes.ts'
import { presentEntry } from '../objects/waiting.ts'
import type { Fields, ViewContext } from '../view.ts'
import { given, payload } from './payload.ts'

const METHODS: Readonly<Record<string, MergeMethod>> = { MERGE: 'merge', SQUASH: 'squash', REBASE: 'rebase' }

export function pullRequestMutations(context: ViewContext): Fields {
  const find = (id: string): PullRequest => requireNode(context, id, ['PullRequest'])
  const after = (record: PullRequest): Fields => ({
    pullRequest: () => context.present(record),
    actor: () => context.present(context.actor.user),
  })
  const setState = (input: ClosePullRequestInput | ReopenPullRequestInput, state: 'open' | 'closed'): Fields => {
    const record = find(input.pullRequestId)
    updatePullRequest(context, record, { state })
    return payload(input, after(record))
  }
  return {
    createPullRequest: ({ input }: { input: CreatePullRequestInput }) =>
      payload(input, { pullRequest: presentNew(context, create(context, input)) }),
    updatePullRequest: ({ input }: { input: UpdatePullRequestInput }) => {
      const record = find(input.pullRequestId)
      updatePullRequest(context, record, {
        title: given(input.title),
        body: given(input.body),
        base: given(input.baseRefName),
        state: input.state == null ? undefined : input.state === 'OPEN' ? 'open' : 'closed',
      })
      return payload(input, after(record))
    },
    closePullRequest: ({ input }: { input: ClosePullRequestInput }) => setState(input, 'closed'),
    reopenPullRequest: ({ input }: { input: ReopenPullRequestInput }) => setState(input, 'open'),
    mergePullRequest: ({ input }: { input: MergePullRequestInput }) => {
      const record = find(input.pullRequestId)
      merge(context, record, {
        method: METHODS[input.mergeMethod ?? 'MERGE'],
        sha: given(input.expectedHeadOid),
        title: given(input.commitHeadline),
        message: given(input.commitBody),
      })
      return payload(input, after(record))
    },
    enqueuePullRequest: ({ input }: { input: EnqueuePullRequestInput }) => {
      const record = find(input.pullRequestId)
      enqueue(context, record, { sha: given(input.expectedHeadOid), jump: given(input.jump) })
      return payload(input, { mergeQueueEntry: () => presentEntry(context, record) })
    },
    enablePullRequestAutoMerge: ({ input }: { input: EnablePullRequestAutoMergeInput }) => {
      const record = find(input.pullRequestId)
      enableAutoMerge(context, record, METHODS[input.mergeMethod ?? 'MERGE'] ?? 'merge')
      return payload(input, after(record))
    },
  }
}

const presentNew = (context: ViewContext, record: PullRequest) => () => context.present(record)

function create(context: ViewContext, input: CreatePullRequestInput): PullRequest {
  const repository = requireNode(context, input.repositoryId, ['Repository'])
  const from =
    input.headRepositoryId == null ? repository : requireNode(context, input.headRepositoryId, ['Repository'])
  const { headRefName, baseRefName } = input
  if (!headRefName.includes(':') && !from.refs.has(branchRef(headRefName)))
    throw new GitHubFailure(422, "Head sha can't be blank, Base sha can't be blank, Head ref must be a branch")
  if (!repository.refs.has(branchRef(baseRefName))) throw new GitHubFailure(422, 'Base ref must be a branch')
  return openPullRequest(context, repository, {
    title: input.title,
    body: input.body ?? null,
    head: headRefName.includes(':') ? headRefName : `${from.owner.login}:${headRefName}`,
    base: baseRefName,
    draft: input.draft ?? false,
    maintainerCanModify: input.maintainerCanModify ?? true,
  })
}
