/** Making, moving and deleting refs. What follows from a move is in push.ts. */
import { type Demand, type OperationContext, requireWrite } from '../access.ts'
import { GitHubFailure, invalid } from '../failure.ts'
import { isAncestor } from '../git-history.ts'
import type { Repository } from '../model.ts'
import { moveRef } from './push.ts'

export const WRITE_CONTENTS: Demand = { permissions: ['contents'], role: 'write' }

/** A ref name that Git accepts below `refs/`. */
const REF_NAME = /^refs\/(?:heads|tags|[\w-]+)\/(?!.*(?:\.\.|\/\/|@\{|\.lock(?:\/|$)))[^\s~^:?*[\\]+(?<![/.])$/

/** Makes `refs/…` at a commit. 422 when it exists, the name is bad or the commit is unknown. */
export function createRef(
  context: OperationContext,
  repository: Repository,
  { ref, sha }: { readonly ref: string; readonly sha: string },
): void {
  requireWrite(context, repository, WRITE_CONTENTS)
  if (!REF_NAME.test(ref)) throw new GitHubFailure(422, `Reference name must start with 'refs/' and be valid: ${ref}`)
  requireCommit(repository, sha)
  if (repository.refs.has(ref)) throw new GitHubFailure(422, 'Reference already exists')
  moveRef(context, repository, { ref, after: sha })
}

/** Moves a ref. 422 when it does not exist, the commit is unknown, or it is no fast-forward and `force` is false. */
export function updateRef(
  context: OperationContext,
  repository: Repository,
  { ref, sha, force = false }: { readonly ref: string; readonly sha: string; readonly force?: boolean },
): void {
  requireWrite(context, repository, WRITE_CONTENTS)
  const tip = repository.refs.get(ref)
  if (tip === undefined) throw new GitHubFailure(422, 'Reference does not exist')
  requireCommit(repository, sha)
  const isForward = isAncestor(repository.objects, tip, sha)
  if (!isForward && !force) throw new GitHubFailure(422, 'Update is not a fast forward')
  requireUnprotected(repository, ref)
  moveRef(context, repository, { ref, after: sha })
}

/** Deletes a ref. 422 when it does not exist; the default branch cannot be deleted. */
export function deleteRef(context: OperationContext, repository: Repository, ref: string): void {
  requireWrite(context, repository, WRITE_CONTENTS)
  if (!repository.refs.has(ref)) throw new GitHubFailure(422, 'Reference does not exist')
  if (ref === `refs/heads/${repository.defaultBranch}`) throw invalid('Reference', 'Cannot delete the default branch')
  requireUnprotected(repository, ref)
  moveRef(context, repository, { ref, after: null })
}

/** Throws 422 when the id names no commit of the repository. */
export function requireCommit(repository: Repository, sha: string): void {
  if (repository.objects.get(sha)?.type !== 'commit') throw new GitHubFailure(422, 'Object does not exist')
}

/** A branch that demands reviews or checks takes commits through pull requests only. */
export function requireUnprotected(repository: Repository, ref: string): void {
  const rules = repository.protection.get(ref.replace(/^refs\/heads\//, ''))
  if (rules !== undefined && ref.startsWith('refs/heads/'))
    throw new GitHubFailure(422, 'Changes must be made through a pull request.')
}
