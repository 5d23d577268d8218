/** Commit statuses: written by anybody with the right, never changed, the newest of a context counts. */
import { type OperationContext, requireWrite } from '../access.ts'
import { emitRepositoryEvent } from '../events.ts'
import { GitHubFailure, invalid } from '../failure.ts'
import { isAncestor } from '../git-history.ts'
import type { CommitState, CommitStatus, Repository } from '../model.ts'
import { repositoryUrl } from '../serialise/accounts.ts'
import { commit as serialiseCommit } from '../serialise/commits.ts'
import { bornNow, fullName, identify, register, timestamp } from '../state.ts'
import { advanceAutoMerges } from './auto-merge.ts'
import { advanceQueues } from './merge-queue.ts'
import { requireCommit } from './refs.ts'

const MAX_DESCRIPTION = 140
const MAX_PER_CONTEXT = 1000

export type StatusInput = {
  readonly sha: string
  readonly state: CommitState
  readonly context?: string | undefined
  readonly description?: string | null | undefined
  readonly targetUrl?: string | null | undefined
}

/** Writes a status. 422: unknown commit, description over 140 characters, more than 1,000 per commit and context. */
export function createStatus(context: OperationContext, repository: Repository, input: StatusInput): CommitStatus {
  requireWrite(context, repository, { permissions: ['statuses'], role: 'write' })
  requireCommit(repository, input.sha)
  if ([...(input.description ?? '')].length > MAX_DESCRIPTION)
    throw invalid('Status', `description is too long (maximum is ${MAX_DESCRIPTION} characters)`, 'description')
  const name = input.context ?? 'default'
  const written = repository.statuses.filter((each) => each.sha === input.sha && each.context === name)
  if (written.length >= MAX_PER_CONTEXT)
    throw new GitHubFailure(422, 'This SHA and context has reached the maximum number of statuses.')
  const { state, actor } = context
  const status: CommitStatus = register(state, {
    ...identify(state, 'StatusContext'),
    repository,
    sha: input.sha,
    state: input.state,
    context: name,
    description: input.description ?? null,
    targetUrl: input.targetUrl ?? null,
    creator: actor.user,
    createdAt: timestamp(state),
    born: bornNow(state),
  })
  repository.statuses.push(status)
  emit(context, status)
  advanceQueues(state, repository)
  advanceAutoMerges(state, repository)
  return status
}

function emit({ state, actor }: OperationContext, record: CommitStatus): void {
  const { repository, sha } = record
  const containing = [...repository.refs].filter(
    ([ref, tip]) => ref.startsWith('refs/heads/') && isAncestor(repository.objects, sha, tip),
  )
  emitRepositoryEvent(state, {
    event: 'status',
    repository,
    sender: actor.user,
    body: {
      id: record.id,
      sha,
      name: fullName(repository),
      avatar_url: `${state.urls.web}/avatars/${encodeURIComponent(record.creator.login)}`,
      target_url: record.targetUrl,
      context: record.context,
      description: record.description,
      state: record.state,
      commit: serialiseCommit(state, repository, sha),
      branches: containing.map(([ref, tip]) => ({
        name: ref.replace('refs/heads/', ''),
        commit: { sha: tip, url: `${repositoryUrl(state, repository)}/commits/${tip}` },
        protected: repository.protection.has(ref.replace('refs/heads/', '')),
      })),
      created_at: record.createdAt,
      updated_at: record.createdAt,
    },
  })
}
