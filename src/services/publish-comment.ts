/** Keeps one comment current: written only when its content changed, found again by its marker after a crash between creating and recording. */
import { SystemUnavailable } from '../domain/failure.ts'
import { ownerOf, type RepoName } from '../domain/ids.ts'
import type { Deps } from './deps.ts'
import { intendedNow, requireListed } from './listed-yet.ts'
import type { GitHubWrite, GitHubWriteResult } from './ports.ts'
import { hashOf } from './publish-check.ts'

/** `subjectId` is the node id of the pull request; `marker` stands in `body` and is its alone. */
export type CommentPublishing = {
  readonly key: string
  readonly repository: RepoName
  readonly number: number
  readonly subjectId: string
  readonly marker: string
  readonly body: string
  /** Another text that changes only where the body says something new; default: the body. */
  readonly gist?: string
}

/** A write together with what to remember once it is done. */
export type PlannedWrite = {
  readonly repository: RepoName
  readonly write: GitHubWrite
  record(result: GitHubWriteResult): Promise<void>
  /** Nothing depends on it: its failure is recorded, and no reason to repeat the run; or only that GitHub does not let the App do it is none. */
  readonly mayFail?: true | 'for want of the right'
  /** Called in place of failing when GitHub does not find what it is written on. True: somebody deleted it, and repeating finds no more; false: it is there all the same. */
  readonly gone?: () => Promise<boolean>
}

type Needs = Pick<Deps, 'ledger' | 'github' | 'clock'>

/** The write that makes the comment say this; undefined when it does already. */
export async function commentWrite(publishing: CommentPublishing, deps: Needs): Promise<PlannedWrite | undefined> {
  const { key, repository, number, subjectId, marker, body, gist = body } = publishing
  const { ledger, github, clock } = deps
  const known = await ledger.publication(key)
  const hash = hashOf(gist)
  if (known?.hash === hash) return undefined
  const lost = known?.nodeId === undefined ? known?.intendedAt : undefined
  const found = lost === undefined ? undefined : await github.findComment(repository, number, marker)
  if (lost !== undefined && found === undefined) requireListed(lost, clock)
  const commentId = known?.nodeId ?? found?.id
  const record = async (result: GitHubWriteResult): Promise<void> => {
    if (result.ok) await ledger.savePublication({ key, nodeId: result.id ?? commentId, hash, intendedAt: undefined })
    // Somebody deleted the comment, or GitHub does not see it just now: the repetition looks for it, and makes it anew where it is gone.
    else if (result.type === 'NOT_FOUND' && commentId !== undefined)
      await ledger.savePublication({ key, nodeId: undefined, hash: undefined, intendedAt: intendedNow(clock) })
  }
  if (commentId !== undefined) return { repository, write: { kind: 'update-comment', commentId, body }, record }
  await ledger.savePublication({ key, nodeId: undefined, hash: undefined, intendedAt: intendedNow(clock) })
  return { repository, write: { kind: 'add-comment', subjectId, body }, record }
}

/** One request per owner, each write recorded by its own result. Throws when one failed, after the others were recorded, so that the run is repeated. */
export async function writeAll(
  planned: readonly (PlannedWrite | undefined)[],
  { github }: Pick<Deps, 'github'>,
): Promise<void> {
  const present = planned.filter((one) => one !== undefined)
  const failures: string[] = []
  for (const group of Map.groupBy(present, ({ repository }) => ownerOf(repository)).values()) {
    const [first] = group
    if (first === undefined) continue
    const results = await github.write(
      first.repository,
      group.map(({ write }) => write),
    )
    const answered = group.flatMap((one, index) => {
      const result = results[index]
      return result === undefined ? [] : [{ one, result }]
    })
    for (const { one, result } of answered) await one.record(result)
    // Asks GitHub: only once everything else is kept.
    for (const { one, result } of answered) {
      if (result.ok || (result.type === 'NOT_FOUND' && (await isGone(one, failures)))) continue
      if (!isBorne(one, result.type)) failures.push(`${one.write.kind}: ${result.type}: ${result.message}`)
    }
  }
  if (failures.length > 0) throw new SystemUnavailable('GitHub', `did not take ${failures.join('; ')}`)
}

async function isGone({ write, gone }: PlannedWrite, failures: string[]): Promise<boolean> {
  try {
    return (await gone?.()) === true
  } catch (error) {
    if (!(error instanceof SystemUnavailable)) throw error
    failures.push(`${write.kind}: ${error.message}`)
    return false
  }
}

const isBorne = ({ mayFail }: PlannedWrite, type: string): boolean =>
  mayFail === true || (mayFail !== undefined && type === 'FORBIDDEN')
