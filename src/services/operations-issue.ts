/** Commands on issues: heard where the repository has opted in by a label, and run only where the answer could be written. Part of answer-command.ts. */
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import type { Deps, ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import type { GitHubWrite, GitHubWriteResult } from './ports.ts'
import { type PlannedWrite, writeAll } from './publish-comment.ts'
import { knownSettings } from './repo-settings.ts'

/** By the settings as last read. Whatever is wrong with them, everybody's issues are not the place to say so. */
export async function isForOperations({ repository, issue }: CommandRecord, deps: ReadDeps): Promise<boolean> {
  try {
    const wanted = (await knownSettings(repository, deps)).operations?.label.toLowerCase()
    return issue?.labels.some((label) => label.toLowerCase() === wanted) === true
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return false
  }
}

/** Writes the acknowledgement. False: the App may not, or the issue is gone: nothing is to be run whose end nobody would hear of. */
export async function acknowledged(
  command: CommandRecord,
  planned: readonly PlannedWrite[],
  deps: Pick<Deps, 'github' | 'log' | 'clock'>,
): Promise<boolean> {
  const results: GitHubWriteResult[] = []
  const missing: GitHubWrite['kind'][] = []
  const tried = planned.map(
    (one): PlannedWrite => ({
      ...one,
      mayFail: true,
      record: async (result) => {
        results.push(result)
        if (!result.ok && result.type === 'NOT_FOUND') missing.push(one.write.kind)
        await one.record(result)
      },
    }),
  )
  await writeAll(tried, deps)
  const failures = results.flatMap((result) => (result.ok ? [] : [result]))
  const forbidden = failures.find(({ type }) => type === 'FORBIDDEN')
  if (forbidden !== undefined) {
    const { repository, pullRequestNumber: issue } = command
    const remedy = 'grant the App the permission `issues: write`: docs/guides/operations-issues.md'
    deps.log.warn({ repository, issue, reason: forbidden.message, remedy }, 'a command on an issue cannot be answered')
    return false
  }
  const [failure] = failures.filter(({ type }) => type !== 'NOT_FOUND')
  if (failure !== undefined)
    throw new SystemUnavailable('GitHub', `did not take the acknowledgement: ${failure.type}: ${failure.message}`)
  return !missing.includes('add-comment') || refuseGone(command, deps)
}

/** GitHub's answers may lag behind its events; an issue that is not there for so long was deleted, or is another repository's now. */
const LAG_MS = 60_000

function refuseGone(
  { repository, pullRequestNumber: issue, heardAt }: CommandRecord,
  { clock, log }: Pick<Deps, 'clock' | 'log'>,
): false {
  if (clock.now().getTime() < Date.parse(heardAt) + LAG_MS)
    throw new SystemUnavailable('GitHub', `issue ${issue} of ${repository} is not there yet`, { retryAfterSeconds: 10 })
  log.warn({ repository, issue }, 'the issue of a command is gone: the command is not run')
  return false
}
