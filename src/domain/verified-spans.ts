/** For how long a release was verified in an environment: what `after` and `soak` ask. Read from the history of promotion.ts. */
import type { ReleaseId } from './ids.ts'
import { badReleases, type History, verifiedAt } from './promotion.ts'

/** A stretch for which a release was verified and not replaced here; `until` is absent while it lasts. */
export type VerifiedSpan = { readonly since: Date; readonly until: Date | undefined }

/** All such stretches of a release, oldest first. A release that was found bad has none. */
export function verifiedSpans(history: History, release: ReleaseId): readonly VerifiedSpan[] {
  if (badReleases(history).has(release)) return []
  const verified = history
    .filter((promotion) => promotion.stage.at === 'verified')
    .toSorted((a, b) => verifiedAt(a) - verifiedAt(b))
  const spans: { since: Date; until: Date | undefined }[] = []
  for (const promotion of verified) {
    const at = new Date(verifiedAt(promotion))
    const open = spans.at(-1)?.until === undefined ? spans.at(-1) : undefined
    if (promotion.release === release && open === undefined) spans.push({ since: at, until: undefined })
    if (promotion.release !== release && open !== undefined) open.until = at
  }
  return spans
}

/**
 * The stretch that counts for a soak of this length: the first that was long enough (a completed soak stays completed,
 * so that a busy repository does not starve production), else the newest. undefined when it was never verified here.
 */
export function soakedSpan(
  history: History,
  release: ReleaseId,
  { soak, now }: { readonly soak: number; readonly now: Date },
): VerifiedSpan | undefined {
  const spans = verifiedSpans(history, release)
  return spans.find(({ since, until }) => (until ?? now).getTime() - since.getTime() >= soak) ?? spans.at(-1)
}

/** Since when the release is verified here, its newest stretch; undefined when it is not, or was found bad since. */
export function verifiedSince(history: History, release: ReleaseId): Date | undefined {
  return verifiedSpans(history, release).at(-1)?.since
}
