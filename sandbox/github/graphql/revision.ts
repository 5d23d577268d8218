/** What a revision expression of Git (`HEAD:path`, `branch`, `<oid>:path`) names in a repository. Used by objects/repository.ts. */
import { entryAt, readCommit } from '../git.ts'
import type { Repository } from '../model.ts'
import type { GitNode } from '../state.ts'
import { Unmodelled } from './view.ts'

const HEADS = 'refs/heads/'

/** The object, or undefined when the expression names none. `<revision>~n` is known; throws `Unmodelled` for Git's other operators (`^`, `@{…}`). */
export function resolveExpression(repository: Repository, expression: string): GitNode | undefined {
  const colon = expression.indexOf(':')
  const revision = colon < 0 ? expression : expression.slice(0, colon)
  const oid = resolveRevision(repository, revision)
  if (oid === undefined) return undefined
  if (colon < 0) return gitNode(repository, oid)
  const object = repository.objects.get(oid)
  if (object === undefined || object.type === 'blob') return undefined
  const tree = object.type === 'tree' ? oid : readCommit(repository.objects, oid).tree
  const entry = entryAt(repository.objects, tree, pathOf(expression))
  return entry === undefined ? undefined : gitNode(repository, entry.oid)
}

/** The path in an expression, without slashes at its ends; empty when it names a commit. */
export function pathOf(expression: string): string {
  const colon = expression.indexOf(':')
  return colon < 0 ? '' : expression.slice(colon + 1).replace(/^\/+|\/+$/g, '')
}

/** The object with that id; undefined when the repository has none. */
export function gitNode(repository: Repository, oid: string): GitNode | undefined {
  const type = repository.objects.get(oid)?.type
  if (type === undefined) return undefined
  return { kind: type === 'commit' ? 'Commit' : type === 'tree' ? 'Tree' : 'Blob', repository, oid }
}

/** The full name of a ref given in full or short (`main`); undefined when there is none. */
export function resolveRefName(repository: Repository, name: string): string | undefined {
  return [name, `refs/${name}`, `${HEADS}${name}`, `refs/tags/${name}`].find(
    (candidate) => candidate.startsWith('refs/') && repository.refs.has(candidate),
  )
}

function resolveRevision(repository: Repository, revision: string): string | undefined {
  const ancestor = /^([^~^]+)~(\d+)$/.exec(revision)
  if (ancestor !== null)
    return ancestorOf(repository, resolveRevision(repository, ancestor[1] ?? ''), Number(ancestor[2]))
  if (/[~^]|@\{/.test(revision)) throw new Unmodelled(`the revision ${revision}`)
  if (revision === 'HEAD') return repository.refs.get(`${HEADS}${repository.defaultBranch}`)
  if (/^[0-9a-f]{40}$/.test(revision)) return repository.objects.has(revision) ? revision : undefined
  const name = resolveRefName(repository, revision)
  return name === undefined ? undefined : repository.refs.get(name)
}

/** `commit~n`: the first parent, n times. */
function ancestorOf(repository: Repository, oid: string | undefined, generations: number): string | undefined {
  let at = oid
  for (let step = 0; step < generations && at !== undefined; step += 1)
    at = readCommit(repository.objects, at).parents[0]
  return at
}
