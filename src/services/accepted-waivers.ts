/** A release as one environment takes it: gates that were waived by people who are none of its overriders fail there. Part of judge-promotion.ts; given by `/override`. */
import type { Release } from '../domain/release.ts'
import { type SceneOf, waiversNotAccepted } from '../domain/rights.ts'
import type { PersonStanding } from '../domain/standing.ts'

/** Whose standing decides about the waivers of a release: each once. */
export const waiversAuthors = (release: Pick<Release, 'gates'> | undefined): readonly string[] => [
  ...new Set((release?.gates.waivers ?? []).map(({ by }) => by)),
]

export type Accepting = SceneOf<'accept-waiver'> & { readonly standings: ReadonlyMap<string, PersonStanding> }

/** The release with the verdict that its gates have there. */
export function withAcceptedWaivers(release: Release, { standings, ...scene }: Accepting): Release {
  const { waivers = [], waived = [], failing } = release.gates
  const refused = waiversNotAccepted(waivers, standings, scene)
  if (refused.length === 0) return release
  const names = new Set(refused.map(({ gate }) => gate))
  const told = refused.map(
    ({ gate, by }) => `${gate} (waived by ${by}, who is not among the overriders of ${scene.environment.name})`,
  )
  const gates = {
    verdict: 'fail',
    failing: [...failing, ...told],
    waived: waived.filter((name) => !names.has(name)),
  } as const
  return { ...release, gates }
}
