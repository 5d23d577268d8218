/**
 * A config repository may be pushed to every minute, and begins no release: its pushes are followed without asking GitHub. What a commit's configuration
 * holds never changes, and a push that leaves the file alone has what the commit before it has, whatever order events come in.
 */
import { type CommitSha, parseCommitSha, type RepoName } from '../domain/ids.ts'
import type { Deps } from './deps.ts'
import { CONFIG_FILE } from './repo-settings.ts'

/** A push to the default branch, as its event tells it. */
export type FollowedPush = {
  readonly repository: RepoName
  readonly before: CommitSha | undefined
  readonly sha: CommitSha
  /** What it changed; undefined when GitHub did not list all of it. */
  readonly paths: ReadonlySet<string> | undefined
}

type At = { readonly repository: RepoName; readonly sha: CommitSha }

/** In the place of the commit that it has its configuration from. */
const NONE = 'none'
/** Events that come in the wrong order come close together. */
const MOST_STEPS = 100

/** Longer than any event is late, and than most repositories are silent. After that one push is read. */
const KEPT_MS = 7 * 86_400_000

/** Drops what nobody will ask for any more: a config repository may be pushed to every minute, for years. */
export async function forgetOldPushes({ ledger, clock }: Pick<Deps, 'ledger' | 'clock'>): Promise<void> {
  await ledger.forgetPushes(new Date(clock.now().getTime() - KEPT_MS))
}

const keyOf = ({ repository, sha }: At): string => `models at ${repository} ${sha}`

/** At this commit the repository has no models. */
export async function rememberWithoutModels(at: At, deps: Pick<Deps, 'ledger' | 'clock'>): Promise<void> {
  await remember(at, NONE, deps)
}

/** Where this push has its configuration from. Not remembered of repositories that have models: what was pushed there is read. */
export async function followPush(
  { repository, before, sha, paths }: FollowedPush,
  deps: Pick<Deps, 'ledger' | 'clock' | 'parseConfig'>,
): Promise<void> {
  if (before === undefined || paths === undefined || paths.has(CONFIG_FILE)) return
  const known = await deps.ledger.knownFile(repository, CONFIG_FILE)
  const parsed = known && deps.parseConfig(known.text, { file: CONFIG_FILE })
  if (parsed?.ok === true && parsed.settings.models.size > 0) return
  if ((await deps.ledger.publication(keyOf({ repository, sha }))) === undefined)
    await remember({ repository, sha }, before, deps)
}

/** Whether it is known of this commit that the repository has no models there. */
export async function isWithoutModels({ repository, sha }: At, deps: Pick<Deps, 'ledger' | 'clock'>): Promise<boolean> {
  const walked: CommitSha[] = []
  for (let at: CommitSha | undefined = sha; at !== undefined && walked.length < MOST_STEPS; ) {
    const from: string | undefined = (await deps.ledger.publication(keyOf({ repository, sha: at })))?.hash
    if (from === NONE) {
      for (const each of walked) await remember({ repository, sha: each }, NONE, deps)
      return true
    }
    walked.push(at)
    at = parseCommitSha(from ?? '')
  }
  return false
}

const remember = (at: At, hash: string, { ledger, clock }: Pick<Deps, 'ledger' | 'clock'>): Promise<void> =>
  ledger.savePublication({ key: keyOf(at), nodeId: undefined, hash, intendedAt: clock.now().toISOString() })
