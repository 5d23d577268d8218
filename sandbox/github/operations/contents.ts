/** The contents API's writes: one file, one commit, guarded by the old blob's id. */
import type { OperationContext } from '../access.ts'
import { GitHubFailure } from '../failure.ts'
import { commitFiles, type Signature } from '../git.ts'
import type { Repository } from '../model.ts'
import { branchRef } from '../pull-request-facts.ts'
import { commitOnBranch } from './commits.ts'

export type FileWrite = {
  readonly path: string
  readonly message: string
  /** Null deletes the file. */
  readonly content: Buffer | null
  /** The blob that is replaced; needed when the file exists. */
  readonly sha?: string | undefined
  readonly branch?: string | undefined
  readonly author?: Partial<Signature> | undefined
  readonly committer?: Partial<Signature> | undefined
}

/** Writes or deletes one file. 404 unknown branch or file, 409 when `sha` is not the file's, 422 when it is missing. Gives the commit and whether the file is new. */
export function writeFile(
  context: OperationContext,
  repository: Repository,
  input: FileWrite,
): { readonly commit: string; readonly created: boolean } {
  const branch = input.branch ?? repository.defaultBranch
  const tip = repository.refs.get(branchRef(branch))
  if (tip === undefined) throw new GitHubFailure(404, `Branch ${branch} not found`)
  const old = commitFiles(repository.objects, tip).get(input.path)
  if (old === undefined && input.content === null) throw new GitHubFailure(404, 'Not Found')
  if (old !== undefined && input.sha === undefined)
    throw new GitHubFailure(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
  if (old !== undefined && input.sha !== old.oid)
    throw new GitHubFailure(409, `${input.path} does not match ${input.sha}`)
  const commit = commitOnBranch(context, repository, {
    branch,
    message: input.message,
    files: { [input.path]: input.content },
    author: input.author,
    committer: input.committer,
  })
  return { commit, created: old === undefined }
}
