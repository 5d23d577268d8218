/** `/deploy` behind a merge that no event has told of yet: the release is begun, and the command waits for it instead of being refused. Found by pin-head.ts, waited for by answer-command.ts. */
import { SystemUnavailable } from '../domain/failure.ts'
import type { CommitSha, RepoName } from '../domain/ids.ts'
import type { Subject } from '../domain/subject.ts'
import type { CommandPlace } from './command-target.ts'
import type { ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import type { PullRequestView } from './ports.ts'
import { touchedModels } from './refresh-comparison-settings.ts'

/** Events overtake each other by minutes. Later than this the merge made no release, and that is the answer. */
const WAIT_MS = 3 * 60_000

/** What the merge of a pull request began is not there yet. */
export class UnheardMerge extends SystemUnavailable {
  /** What begins it. */
  readonly push: Subject
  constructor(repository: RepoName, number: number, sha: CommitSha) {
    super('GitHub', `the merge of pull request ${number} was not heard of yet`, { retryAfterSeconds: 3 })
    this.push = { kind: 'push', repository, sha }
  }
}

/** Throws `UnheardMerge` where a merged pull request without any release should have made one, for a while. */
export function awaitMerge(
  { state, number, mergeCommit, baseRef, defaultBranch, changedPaths }: PullRequestView,
  { command, place }: { readonly command: CommandRecord; readonly place: CommandPlace },
  { clock }: Pick<ReadDeps, 'clock'>,
): void {
  if (state !== 'merged' || mergeCommit === undefined || baseRef !== defaultBranch) return
  if (touchedModels(place, { changedPaths }).length === 0) return
  if (clock.now().getTime() - Date.parse(command.heardAt) > WAIT_MS) return
  throw new UnheardMerge(place.modelRepository, number, mergeCommit)
}
