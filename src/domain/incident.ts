/** An incident: something that is not proven is live, and Lockkeeper has done all that it may. From one to the next verified promotion. Told by src/services/tell-incident.ts. */
import type { History, Promotion } from './promotion.ts'

export type Incident = {
  /** Whose failure opened it; its id names the incident. */
  readonly opening: Promotion
  /** What failed last in it. */
  readonly newest: Promotion
  /** What was verified since; undefined while it lasts. */
  readonly over: Promotion | undefined
}

/** It ended so that nothing but a person mends what is live. */
export function needsPerson({ kind, via, stage }: Promotion): boolean {
  if (stage.at === 'failed') return kind === 'rollback' || stage.rollback === 'nowhere'
  return stage.at === 'refused' && via.kind === 'automatic-rollback'
}

/** Oldest first. */
export function incidentsIn(history: History): readonly Incident[] {
  const incidents: Incident[] = []
  let current: Incident | undefined
  for (const promotion of history.toReversed()) {
    const isNeeded = needsPerson(promotion)
    // One that somebody merged after all is watched again, and its incident lasts until it is proven.
    if (isNeeded || promotion.incident !== undefined) {
      const newest = isNeeded ? promotion : (current?.newest ?? promotion)
      current = { opening: current?.opening ?? promotion, newest, over: undefined }
    }
    if (promotion.stage.at === 'verified' && current !== undefined) {
      incidents.push({ ...current, over: promotion })
      current = undefined
    }
  }
  return current === undefined ? incidents : [...incidents, current]
}
