/** `GitHub.write`: several writes in one mutation document. GitHub runs them in order and keeps those that worked when another fails. */
import { SystemUnavailable } from '../../domain/failure.ts'
import type { RepoName } from '../../domain/ids.ts'
import type { CheckRunOutput, GitHubWrite, GitHubWriteResult } from '../../services/ports.ts'
import type { Answer } from '../answer.ts'
import type { Caller } from './call.ts'
import { composeMutation } from './documents/compose.ts'
import { ANNOTATIONS_PER_REQUEST, mergedFileAlias, writeAlias, writePart } from './documents/mutations.ts'
import { speaksOfLimit } from './failures.ts'
import type { GraphqlAnswer } from './graphql.ts'
import { commitSha, maybeOid } from './parse.ts'

/**
 * One result per write, in order. One request, and one more per further 50 annotations of a check run.
 * Throws SystemUnavailable when GitHub broke down: what was written is then unknown and must be looked for by name.
 */
export async function write(
  caller: Caller,
  repository: RepoName,
  writes: readonly GitHubWrite[],
): Promise<readonly GitHubWriteResult[]> {
  if (writes.length === 0) return []
  const request = composeMutation('Write', writes.map(writePart))
  const answer = await caller.graphql(repository, request)
  const results = writes.map((each, index) => resultOf(each, writeAlias(index), answer))
  const limit = results.find((result) => !result.ok && speaksOfLimit(result.message))
  if (limit !== undefined && !limit.ok && results.every((result) => !result.ok))
    throw new SystemUnavailable('GitHub', limit.message, { retryAfterSeconds: 60 })
  for (const [index, each] of writes.entries()) await writeFurtherAnnotations(caller, repository, each, results[index])
  return results
}

function resultOf(each: GitHubWrite, alias: string, answer: GraphqlAnswer): GitHubWriteResult {
  const problem = answer.problems.find(({ path }) => path === alias || path.startsWith(`${alias}.`))
  const payload = answer.data.maybe(alias)
  if (problem !== undefined && (payload === undefined || objectOf(each, payload) === undefined))
    return { ok: false, type: problem.type === '' ? 'INTERNAL' : problem.type, message: problem.message }
  if (payload === undefined) {
    const why = answer.problems[0]?.message ?? 'GitHub gave no result'
    return { ok: false, type: 'INTERNAL', message: why }
  }
  const object = objectOf(each, payload)
  return {
    ok: true,
    id: (each.kind === 'commit' ? payload.maybe('ref') : object)?.maybeText('id'),
    number: object?.maybeInteger('number'),
    url: object?.maybeText('url'),
    sha: shaOf(each, object),
    ...(each.kind === 'commit' ? { at: object?.maybeDate('committedDate') } : {}),
    ...(TELLS_MERGED.has(each.kind) ? { wasMerged: object?.raw['merged'] === true } : {}),
    ...(each.kind === 'merge-pull-request' ? { blobs: blobsOf(each.files, object) } : {}),
  }
}

const TELLS_MERGED: ReadonlySet<GitHubWrite['kind']> = new Set(['update-pull-request', 'close-pull-request'])

function blobsOf(paths: readonly string[], pullRequest: Answer | undefined): ReadonlyMap<string, string> {
  const commit = pullRequest?.maybe('mergeCommit')
  return new Map(
    paths.flatMap((path, index) => {
      const oid = commit?.maybe(mergedFileAlias(index))?.maybeText('oid')
      return oid === undefined ? [] : [[path, oid] as const]
    }),
  )
}

const OBJECTS: Readonly<Record<GitHubWrite['kind'], string | undefined>> = {
  'add-comment': 'commentEdge',
  'update-comment': 'issueComment',
  'add-reaction': 'reaction',
  'create-check-run': 'checkRun',
  'update-check-run': 'checkRun',
  'set-refs': undefined,
  commit: 'commit',
  'create-pull-request': 'pullRequest',
  'update-pull-request': 'pullRequest',
  'add-labels': undefined,
  'close-pull-request': 'pullRequest',
  'merge-pull-request': 'pullRequest',
  'enqueue-pull-request': 'mergeQueueEntry',
  'create-issue': 'issue',
  'update-issue': 'issue',
  'close-issue': 'issue',
  'deployment-status': 'deploymentStatus',
}

function objectOf(each: GitHubWrite, payload: Answer): Answer | undefined {
  const key = OBJECTS[each.kind]
  if (key === undefined) return payload
  const object = payload.maybe(key)
  return each.kind === 'add-comment' ? object?.maybe('node') : object
}

function shaOf(each: GitHubWrite, object: Answer | undefined) {
  if (object === undefined) return undefined
  if (each.kind === 'merge-pull-request') return maybeOid(object, 'mergeCommit')
  return each.kind === 'commit' ? commitSha(object, 'oid') : undefined
}

/** Annotations beyond the first 50 are appended by updates of the same check run. */
async function writeFurtherAnnotations(
  caller: Caller,
  repository: RepoName,
  each: GitHubWrite,
  result: GitHubWriteResult | undefined,
): Promise<void> {
  if (each.kind !== 'create-check-run' && each.kind !== 'update-check-run') return
  if (result?.ok !== true || result.id === undefined) return
  const { repositoryId, output } = each
  for (let from = ANNOTATIONS_PER_REQUEST; from < output.annotations.length; from += ANNOTATIONS_PER_REQUEST) {
    const more: CheckRunOutput = { ...output, annotations: output.annotations.slice(from) }
    const update: GitHubWrite = { kind: 'update-check-run', repositoryId, checkRunId: result.id, output: more }
    await caller.graphql(repository, composeMutation('Annotate', [writePart(update, 0)]))
  }
}
