/** Renaming and transferring repositories. The old name leads to the new one until another repository takes it. */
import { type OperationContext, requireWrite } from '../access.ts'
import { emitRepositoryEvent } from '../events.ts'
import { GitHubFailure } from '../failure.ts'
import type { Account, Repository } from '../model.ts'
import { simpleOrganization, simpleUser } from '../serialise/accounts.ts'
import { findRepository, fullName, type GitHubState } from '../state.ts'

const ADMINISTER = { permissions: ['administration'], role: 'admin' } as const

/** Gives a repository another name; emits `repository.renamed`. */
export function renameRepository(context: OperationContext, repository: Repository, name: string): void {
  requireWrite(context, repository, ADMINISTER)
  const from = repository.name
  move(context.state, repository, { owner: repository.owner, name })
  emitRepositoryEvent(context.state, {
    event: 'repository',
    action: 'renamed',
    repository,
    sender: context.actor.user,
    body: { changes: { repository: { name: { from } } } },
  })
}

/** Gives a repository to another account. Teams and installations of the old owner reach it no more; emits `repository.transferred`. */
export function transferRepository(context: OperationContext, repository: Repository, owner: Account): void {
  requireWrite(context, repository, ADMINISTER)
  const { state, actor } = context
  const from = repository.owner
  if (from.kind === 'Organization')
    for (const { repositories } of from.teams.values()) repositories.delete(fullName(repository).toLowerCase())
  for (const { repositories } of state.installations.values()) repositories.delete(repository)
  move(state, repository, { owner, name: repository.name })
  const was =
    from.kind === 'User' ? { user: simpleUser(state, from) } : { organization: simpleOrganization(state, from) }
  emitRepositoryEvent(state, {
    event: 'repository',
    action: 'transferred',
    repository,
    sender: actor.user,
    body: { changes: { owner: { from: was } } },
  })
}

function move(state: GitHubState, repository: Repository, to: Pick<Repository, 'owner' | 'name'>): void {
  const before = fullName(repository).toLowerCase()
  const after = `${to.owner.login}/${to.name}`.toLowerCase()
  if (findRepository(state, after) !== undefined) throw new GitHubFailure(422, 'The repository already exists.')
  state.repositories.delete(before)
  Object.assign(repository, to)
  state.repositories.set(after, repository)
  state.redirects.delete(after)
  state.redirects.set(before, repository)
  if (to.owner.kind !== 'Organization') return
  for (const { repositories } of to.owner.teams.values()) {
    const grant = repositories.get(before)
    repositories.delete(before)
    if (grant !== undefined) repositories.set(after, grant)
  }
}
