/** Which releases automation would put into an environment: never one that was tried or found bad there. Proposed by src/services/propose-by-automation.ts. */
import { badReleases, cameTooLate, type History, livePromotion } from './promotion.ts'
import type { Release } from './release.ts'

/** A complete release of the default branch. `sequence`: later there is higher. */
export type Candidate<Wanted extends Pick<Release, 'id' | 'gates'>> = {
  readonly release: Wanted
  readonly sequence: number
}

/** Newest first, as they come: what is newer than all that is live or was ever tried here. What a person deploys is no matter of this. */
export function wantedReleases<Wanted extends Pick<Release, 'id' | 'gates'>>(
  complete: readonly Candidate<Wanted>[],
  history: History,
): readonly Wanted[] {
  const bad = badReleases(history)
  const tried = new Set(history.flatMap((promotion) => (cameTooLate(promotion) ? [] : [promotion.release])))
  const live = livePromotion(history)?.release
  const liveSequence = complete.find(({ release }) => release.id === live)?.sequence ?? -1
  const passing = complete.filter(({ release }) => release.gates.verdict !== 'fail')
  const end = passing.findIndex(
    ({ release, sequence }) => sequence <= liveSequence || tried.has(release.id) || bad.has(release.id),
  )
  return (end < 0 ? passing : passing.slice(0, end)).map(({ release }) => release)
}
