/** One comment in the thread of a merged model pull request that tells what became of its releases, environment by environment. */
import { renderThread } from '../comments/thread.ts'
import type { RepoName } from '../domain/ids.ts'
import { renderMarker } from '../domain/marker.ts'
import type { Deps } from './deps.ts'
import { commentWrite, type PlannedWrite, writeAll } from './publish-comment.ts'

/** undefined when there is nothing new to tell, or no pull request to tell it on. */
export async function threadWrite(
  repository: RepoName,
  number: number | undefined,
  deps: Deps,
): Promise<PlannedWrite | undefined> {
  if (number === undefined) return undefined
  const releases = await deps.ledger.releasesOf({ repository, pullRequest: number })
  const subjectId = releases[0]?.pullRequest?.id
  if (subjectId === undefined) return undefined
  const promotions = await deps.ledger.promotionsOfThread(repository, number)
  const body = renderThread({ releases, promotions })
  if (body === undefined) return undefined
  const marker = renderMarker('thread', { pull_request: number })
  return commentWrite(
    { key: `thread:${repository}#${number}`, repository, number, subjectId, marker, body: `${marker}\n${body}` },
    deps,
  )
}

/** Brings the thread up to date by itself. */
export async function publishThread(repository: RepoName, number: number | undefined, deps: Deps): Promise<void> {
  await writeAll([await threadWrite(repository, number, deps)], deps)
}
