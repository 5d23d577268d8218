/** A command that came before the events of what it means, as `/deploy` right behind a merge or a push: it waits for them instead of being refused. Found by pin-head.ts and deploy-release.ts, waited for by answer-command.ts. */
import { SystemUnavailable } from '../domain/failure.ts'
import { releaseSubject, type Subject } from '../domain/subject.ts'
import type { CommandPlace } from './command-target.ts'
import type { ReadDeps } from './deps.ts'
import { heardHead } from './heard-head.ts'
import type { CommandRecord, ReleaseRecord } from './ledger.ts'
import type { PullRequestView } from './ports.ts'
import { touchedModels } from './refresh-comparison-settings.ts'

/** Events overtake each other by minutes. Later than this, what is there is the answer. */
const WAIT_MS = 3 * 60_000

export class AheadOfEvents extends SystemUnavailable {
  /** What brings about what is waited for; undefined: time alone. */
  readonly wake: Subject | undefined
  constructor(message: string, wake?: Subject) {
    super('GitHub', message, { retryAfterSeconds: 3 })
    this.wake = wake
  }
}

const isNew = ({ heardAt }: CommandRecord, { clock }: Pick<ReadDeps, 'clock'>): boolean =>
  clock.now().getTime() - Date.parse(heardAt) <= WAIT_MS

/** Throws `AheadOfEvents` where a merged pull request without any release should have made one. */
export function awaitMerge(
  { state, number, mergeCommit: sha, baseRef, defaultBranch, changedPaths }: PullRequestView,
  { command, place }: { readonly command: CommandRecord; readonly place: CommandPlace },
  deps: Pick<ReadDeps, 'clock'>,
): void {
  if (state !== 'merged' || sha === undefined || baseRef !== defaultBranch || !isNew(command, deps)) return
  if (touchedModels(place, { changedPaths }).length === 0) return
  const push = { kind: 'push', repository: place.modelRepository, sha } as const
  throw new AheadOfEvents(`the merge of pull request ${number} was not heard of yet`, push)
}

/** GitHub's reads lag behind its events for no longer. */
const LAG_MS = 60_000

/** Throws `AheadOfEvents` where an event told a moment ago of another head than GitHub shows: right behind a push, what is meant would not be what is read. */
export async function awaitHead(
  { number, headSha }: PullRequestView,
  { command, place }: { readonly command: CommandRecord; readonly place: CommandPlace },
  deps: Pick<ReadDeps, 'clock' | 'ledger'>,
): Promise<void> {
  const repository = place.modelRepository
  const heard = await heardHead({ repository, number }, deps)
  if (heard === undefined || heard.sha === headSha || !isNew(command, deps)) return
  if (deps.clock.now().getTime() - heard.at.getTime() > LAG_MS) return
  throw new AheadOfEvents(`the head of pull request ${number} that was heard of does not show yet`)
}

/** Throws `AheadOfEvents` where a release has begun, and nobody has looked yet whether its artefacts are there. */
export function awaitFirstLook(
  record: ReleaseRecord | undefined,
  command: CommandRecord,
  deps: Pick<ReadDeps, 'clock'>,
): void {
  if (record?.state.kind !== 'pending' || record.state.nextAt !== undefined || !isNew(command, deps)) return
  throw new AheadOfEvents(`the release of ${record.commit.slice(0, 7)} is being made`, releaseSubject(record))
}
