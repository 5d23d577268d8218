/** GitHub's reads lag behind its webhooks: the head that an event named, and whether it is open, until that can be read. Part of refresh-comparison.ts; heard by handlers/pull-request.changed.ts. */
import { type CommitSha, parseCommitSha, type RepoName } from '../domain/ids.ts'
import type { Subject } from '../domain/subject.ts'
import type { Deps, ReadDeps } from './deps.ts'
import { intendedNow, lookAfter } from './listed-yet.ts'
import type { PullRequestView } from './ports.ts'

/** Later than this, whoever pushed has pushed again. */
const LOOKS_MS = [3000, 15_000, 60_000] as const

const keyOf = (repository: RepoName, number: number): string => `heard-head ${repository}#${number}`

/** `repositoryId` is the repository's node id, with which something can be said there before anything was read. */
export type HeardHead = {
  readonly repository: RepoName
  readonly number: number
  readonly sha: CommitSha
  readonly repositoryId?: string | undefined
  /** As the event has it; closed: merged or not. */
  readonly state?: 'closed' | 'open' | undefined
}

/** An event says that this is the head of the pull request. */
export async function rememberHead(
  { repository, number, sha, repositoryId, state }: HeardHead,
  { ledger, clock }: Pick<Deps, 'ledger' | 'clock'>,
): Promise<void> {
  const intendedAt = intendedNow(clock)
  const hash = state === undefined ? sha : `${sha} ${state}`
  await ledger.savePublication({ key: keyOf(repository, number), nodeId: repositoryId, hash, intendedAt })
}

/** The newest head that was heard of, and when; undefined where none was. */
export async function heardHead(
  { repository, number }: Pick<HeardHead, 'repository' | 'number'>,
  { ledger }: Pick<ReadDeps, 'ledger'>,
): Promise<(HeardHead & { readonly at: Date }) | undefined> {
  const heard = await ledger.publication(keyOf(repository, number))
  const sha = parseCommitSha(heard?.hash?.split(' ')[0] ?? '')
  return sha && { repository, number, sha, repositoryId: heard?.nodeId, at: new Date(heard?.intendedAt ?? 0) }
}

/** Looks again where something else was read than was heard of: no later event need come. What is heard out of order costs three reads of each replica; it may have been another one that heard of it, by a clock of its own. */
export async function lookForHead(
  subject: Extract<Subject, { kind: 'pull-request' }>,
  view: PullRequestView | undefined,
  { ledger, clock, hints }: Pick<Deps, 'ledger' | 'clock' | 'hints'>,
): Promise<void> {
  const heard = await ledger.publication(keyOf(subject.repository, subject.number))
  if (heard?.intendedAt === undefined || isShown(heard.hash, view)) return
  const next = lookAfter(heard.intendedAt, LOOKS_MS, clock)
  if (next !== undefined) await hints.wakeAt(subject, next)
}

function isShown(heard: string | undefined, view: PullRequestView | undefined): boolean {
  const [sha, state] = heard?.split(' ') ?? []
  const shown = view?.state === 'open' ? 'open' : 'closed'
  return sha === view?.headSha && (state === undefined || state === shown)
}
