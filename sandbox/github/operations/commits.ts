/** Writing blobs, trees and commits, and commits straight onto a branch (contents API, `createCommitOnBranch`, pushes of people). */
import { type OperationContext, requireWrite } from '../access.ts'
import { GitHubFailure, invalid } from '../failure.ts'
import {
  commitFiles,
  DIRECTORY_MODE,
  FILE_MODE,
  type FileEntry,
  listFiles,
  type Signature,
  writeBlob,
  writeCommit,
  writeFiles,
} from '../git.ts'
import type { Repository } from '../model.ts'
import { branchRef } from '../pull-request-facts.ts'
import { commitTime, GITHUB_IDENTITY, identityOf, signByGitHub } from '../signatures.ts'
import { moveRef } from './push.ts'
import { requireUnprotected, WRITE_CONTENTS } from './refs.ts'

/** Writes a blob; gives its id. */
export function createBlob(context: OperationContext, repository: Repository, data: Buffer): string {
  requireWrite(context, repository, WRITE_CONTENTS)
  return writeBlob(repository.objects, data)
}

export type TreeChange = {
  readonly path: string
  readonly mode: string
  /** Null removes the path. */
  readonly sha: string | null
}

/** Writes a tree from changes to another tree; gives its id. 422 when an object is unknown or a path is bad. */
export function createTree(
  context: OperationContext,
  repository: Repository,
  { base, changes }: { readonly base: string | undefined; readonly changes: readonly TreeChange[] },
): string {
  requireWrite(context, repository, WRITE_CONTENTS)
  const { objects } = repository
  if (base !== undefined && objects.get(base)?.type !== 'tree')
    throw new GitHubFailure(422, `Tree SHA does not exist or is not a tree object: ${base}`)
  const files = base === undefined ? new Map<string, FileEntry>() : listFiles(objects, base)
  for (const { path, mode, sha } of changes) {
    requirePath(path)
    removeBelow(files, path)
    if (sha === null) continue
    if (!objects.has(sha)) throw new GitHubFailure(422, `tree.sha ${sha} is not a valid blob`)
    if (mode === '040000' || mode === DIRECTORY_MODE)
      for (const [inner, entry] of listFiles(objects, sha)) files.set(`${path}/${inner}`, entry)
    else files.set(path, { mode, oid: sha })
  }
  return writeTreeOf(repository, files)
}

function removeBelow(files: Map<string, FileEntry>, path: string): void {
  for (const known of [...files.keys()]) if (known === path || known.startsWith(`${path}/`)) files.delete(known)
}

function requirePath(path: string): void {
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git'))
    throw new GitHubFailure(422, 'tree.path contains a malformed path component')
}

function writeTreeOf({ objects }: Repository, files: ReadonlyMap<string, FileEntry>): string {
  try {
    return writeFiles(objects, files)
  } catch (error) {
    throw invalid('Tree', String(error))
  }
}

export type CommitInput = {
  readonly message: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author?: Partial<Signature> | undefined
  readonly committer?: Partial<Signature> | undefined
}

/** Writes a commit; gives its id. An App's commit with neither author nor committer given is signed, so `verified`. */
export function createCommit(context: OperationContext, repository: Repository, input: CommitInput): string {
  requireWrite(context, repository, WRITE_CONTENTS)
  const { state, actor } = context
  const { objects } = repository
  if (objects.get(input.tree)?.type !== 'tree') throw new GitHubFailure(422, 'Tree SHA does not exist')
  for (const parent of input.parents)
    if (objects.get(parent)?.type !== 'commit')
      throw new GitHubFailure(422, 'Parent SHA does not exist or is not a commit object')
  const self = { ...identityOf(state, actor.user), at: commitTime(state) }
  const author = { ...self, ...input.author }
  const commit = {
    tree: input.tree,
    parents: input.parents,
    author,
    committer: { ...author, ...input.committer },
    message: input.message,
  }
  const isOwn = actor.kind === 'installation' && input.author === undefined && input.committer === undefined
  return writeCommit(objects, isOwn ? signByGitHub(commit) : commit)
}

export type BranchCommit = {
  /** Short name of an existing branch. */
  readonly branch: string
  readonly message: string
  /** Contents by path; null deletes. New contents get mode 100644, whatever the file had: so does GitHub's mutation. */
  readonly files: Readonly<Record<string, Buffer | null>>
  /** Refuses with `STALE_DATA` unless the branch is there. */
  readonly expectedHead?: string | undefined
  readonly author?: Partial<Signature> | undefined
  readonly committer?: Partial<Signature> | undefined
}

/** Commits onto a branch's tip, committed and signed by GitHub; gives the commit's id. */
export function commitOnBranch(context: OperationContext, repository: Repository, input: BranchCommit): string {
  requireWrite(context, repository, WRITE_CONTENTS)
  const { state, actor } = context
  const ref = branchRef(input.branch)
  const tip = repository.refs.get(ref)
  if (tip === undefined) throw new GitHubFailure(404, `Branch ${input.branch} not found`)
  if (input.expectedHead !== undefined && input.expectedHead !== tip)
    throw new GitHubFailure(
      409,
      `Expected branch to point to "${input.expectedHead}" but it did not. Pull and try again.`,
      {
        type: 'STALE_DATA',
      },
    )
  requireUnprotected(repository, ref)
  const files = commitFiles(repository.objects, tip)
  for (const [path, data] of Object.entries(input.files)) {
    requirePath(path)
    if (data === null && !files.delete(path))
      throw new GitHubFailure(
        422,
        `A path was requested for deletion which does not exist as of commit oid \`${tip}\`: ${path}`,
      )
    if (data !== null) files.set(path, { mode: FILE_MODE, oid: writeBlob(repository.objects, data) })
  }
  const at = commitTime(state)
  const commit = {
    tree: writeTreeOf(repository, files),
    parents: [tip],
    author: { ...identityOf(state, actor.user), at, ...input.author },
    committer: { ...GITHUB_IDENTITY, at, ...input.committer },
    message: input.message,
  }
  const oid = writeCommit(repository.objects, input.committer === undefined ? signByGitHub(commit) : commit)
  moveRef(context, repository, { ref, after: oid })
  return oid
}
