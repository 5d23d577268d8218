/** An incident: something that is not proven is live, and Lockkeeper has done all that it may. It lasts until something is verified. Told by src/services/tell-incident.ts. */
import { badReleases, type History, type Promotion, verifiedAt } from './promotion.ts'

export type Incident = {
  /** Whose failure opened it; its id names the incident. */
  readonly opening: Promotion
  /** What failed in it, oldest first: what was to be left, and every way back. At least one. */
  readonly failures: readonly Promotion[]
  /** What was verified since; undefined while it lasts. */
  readonly over: Promotion | undefined
}

/** It ended so that nobody but a person mends what is live. */
function needsPerson({ kind, via, stage }: Promotion): boolean {
  if (stage.at === 'failed') return kind === 'rollback' || stage.rollback === 'nowhere'
  return stage.at === 'refused' && via.kind === 'automatic-rollback'
}

/** Oldest first. One that somebody merged after all is watched again, and its incident lasts until it is proven. */
export function incidentsIn(history: History): readonly Incident[] {
  const incidents: Incident[] = []
  let opening: Promotion | undefined
  let failures: Promotion[] = []
  for (const promotion of history.toReversed()) {
    const isNeeded = needsPerson(promotion)
    if (isNeeded || promotion.incident !== undefined) opening ??= promotion
    if (isNeeded || promotion.stage.at === 'failed') failures.push(promotion)
    if (promotion.stage.at !== 'verified') continue
    if (opening !== undefined) incidents.push({ opening, failures, over: promotion })
    opening = undefined
    failures = []
  }
  return opening === undefined ? incidents : [...incidents, { opening, failures, over: undefined }]
}

/** The name of what a rollback was to leave; undefined where the history does not know it. */
export function leftBy({ via, leaves }: Promotion, history: History): string | undefined {
  const isLeft = ({ id, release }: Promotion): boolean =>
    via.kind === 'automatic-rollback' ? id === via.of : leaves !== undefined && release === leaves
  return history.find(isLeft)?.label
}

/** The names of what was verified here and is not bad, besides this release; each once, the newest first. */
export function provenBesides({ release }: Pick<Promotion, 'release'>, history: History): readonly string[] {
  const bad = badReleases(history)
  const proven = history
    .filter((one) => one.stage.at === 'verified' && one.release !== undefined && one.release !== release)
    .filter((one) => one.release !== undefined && !bad.has(one.release))
    .toSorted((a, b) => verifiedAt(b) - verifiedAt(a))
  return [...new Set(proven.map(({ label }) => label))]
}
