/** Which of the revisions that an engine names hold our commit: it itself, or a later one on the branch. Asked by every engine of look-at-sync.ts. */
import type { CommitSha } from '../domain/ids.ts'
import type { Deps } from './deps.ts'
import type { Synced } from './look-at-sync.ts'

/** `named`: whole commit ids; what is none is not ours. Asks GitHub only about those that are not our commit itself, one call each. */
export async function revisionsOfOurs(
  named: readonly string[],
  { revision: ours, environment }: Synced,
  { github }: Deps,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const revision of new Set(named)) {
    const isOurs =
      revision === ours ||
      (revision.length === ours.length && (await github.contains(environment.repository, ours, revision as CommitSha)))
    if (isOurs) found.add(revision)
  }
  return found
}
