/** What a reply says of holds in hidden markers, right below its own: from these and from what failed the holds are known again when the database is lost. */
import type { Hold } from './hold.ts'
import type { EnvironmentName, ModelName, RepoName } from './ids.ts'
import { type Marker, renderMarker } from './marker.ts'

/** Of a hold that the command placed. Times in milliseconds. */
export function heldMark(hold: Hold): string {
  const { id, repository, environment, model, kind, by, reason, since, until, confinedTo } = hold
  return renderMarker('held', {
    ...{ id, repository, kind, by, reason, since: since.getTime() },
    ...(environment !== undefined && { environment }),
    ...(model !== undefined && { model }),
    ...(until !== undefined && { until: until.getTime() }),
    ...(confinedTo !== undefined && { confined_to: confinedTo }),
  })
}

/** Of a hold that the command lifted. */
export const liftedMark = ({ id }: Pick<Hold, 'id'>, cause: string): string => renderMarker('lifted', { id, cause })

/** The hold of such a marker; undefined where it is none. */
export function heldHold({ kind: marker, fields }: Marker): Hold | undefined {
  const { id, repository, kind, by, reason, since } = fields
  if (marker !== 'held' || id === undefined || repository === undefined || by === undefined) return undefined
  if (kind !== 'lock' && kind !== 'rollback') return undefined
  return {
    id,
    repository: repository as RepoName,
    environment: fields['environment'] as EnvironmentName | undefined,
    model: fields['model'] as ModelName | undefined,
    kind,
    by,
    reason: reason ?? '',
    since: new Date(Number(since)),
    until: fields['until'] === undefined ? undefined : new Date(Number(fields['until'])),
    confinedTo: fields['confined_to'] as RepoName | undefined,
  }
}
