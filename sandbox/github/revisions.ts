/** What a name means in a repository: branch, tag, full ref, full or short commit id, `HEAD`, `owner:branch` of a fork. */
import { readCommit } from './git.ts'
import type { Repository } from './model.ts'
import { branchRef } from './pull-request-facts.ts'

const SHORTEST = 7

/** The commit behind a name; undefined when nothing is called so. */
export function resolveCommit(repository: Repository, name: string): string | undefined {
  const { refs, objects } = repository
  if (name === '' || name === 'HEAD') return refs.get(branchRef(repository.defaultBranch))
  const named = refs.get(branchRef(name)) ?? refs.get(`refs/tags/${name}`) ?? refs.get(name) ?? refs.get(`refs/${name}`)
  if (named !== undefined) return named
  if (!/^[0-9a-f]+$/.test(name) || name.length < SHORTEST) return undefined
  if (name.length === 40) return objects.get(name)?.type === 'commit' ? name : undefined
  const matches = [...objects].filter(([oid, { type }]) => type === 'commit' && oid.startsWith(name))
  return matches.length === 1 ? matches[0]?.[0] : undefined
}

/** The tree behind a tree id or anything that names a commit; undefined when nothing does. */
export function resolveTree(repository: Repository, name: string): string | undefined {
  if (repository.objects.get(name)?.type === 'tree') return name
  const commit = resolveCommit(repository, name)
  return commit === undefined ? undefined : readCommit(repository.objects, commit).tree
}
