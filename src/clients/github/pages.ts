/** Further pages of connections whose first page came with a larger question. */
import type { CommitSha, RepoName } from '../../domain/ids.ts'
import type { CheckState } from '../../services/ports.ts'
import type { Answer } from '../answer.ts'
import type { Caller } from './call.ts'
import { checksRequest, moreFilesRequest } from './documents/pull-request.ts'
import { contextsOf, newestChecks, nextCursor } from './parse.ts'

/** GitHub lists at most 3,000 files of a pull request; the bound is against an answer whose cursor never ends. */
const MAX_PAGES = 40

/** All paths of a `files` connection; one call per 100 beyond the first. */
export async function allChangedPaths(
  caller: Caller,
  at: { readonly repository: RepoName; readonly number: number },
  first: Answer | undefined,
): Promise<readonly string[]> {
  const paths: string[] = []
  let files = first
  for (let page = 0; page < MAX_PAGES && files !== undefined; page += 1) {
    paths.push(...files.list('nodes').map((file) => file.text('path')))
    const cursor = nextCursor(files)
    if (cursor === undefined) break
    const { data } = await caller.graphql(at.repository, moreFilesRequest(at.repository, at.number, cursor))
    files = data.maybe('repository')?.maybe('pullRequest')?.maybe('files')
  }
  return paths
}

/** All results on the commit, newest per name; one call per 100 beyond the first. */
export async function allChecks(
  caller: Caller,
  at: { readonly repository: RepoName; readonly sha: CommitSha },
  commit: Answer | undefined,
): Promise<readonly CheckState[]> {
  const contexts: Answer[] = []
  let connection = contextsOf(commit)
  for (let page = 0; page < MAX_PAGES && connection !== undefined; page += 1) {
    contexts.push(...connection.list('nodes'))
    const cursor = nextCursor(connection)
    if (cursor === undefined) break
    const { data } = await caller.graphql(at.repository, checksRequest(at.repository, at.sha, cursor))
    connection = contextsOf(data.maybe('repository')?.maybe('object'))
  }
  return newestChecks(contexts)
}

/** `GitHub.readChecks`: results on any commit, in one call for each hundred. A commit that GitHub does not know has none. */
export async function readChecks(caller: Caller, repository: RepoName, sha: CommitSha): Promise<readonly CheckState[]> {
  const { data } = await caller.graphql(repository, checksRequest(repository, sha))
  return allChecks(caller, { repository, sha }, data.maybe('repository')?.maybe('object'))
}
