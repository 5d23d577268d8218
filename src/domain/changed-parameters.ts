/** Parameters that differ between the sides of a comparison. A side of several runs has only those that its runs share. */

export type ChangedParameter = {
  readonly name: string
  readonly before: string | undefined
  readonly after: string | undefined
}

type Parameters = ReadonlyMap<string, string>

/** `seed`, `random_state`, `train.random-seed`, `np_seed`. */
const RANDOM = /(?:^|[^a-z])(?:seed|random_?state|rng)$/i

/**
 * By name. A seed that only one side has is no change: on the other side it differs from run to run, or nobody logged it.
 * Two single runs of different seeds do differ.
 */
export function changedParameters(before: Parameters, after: Parameters): readonly ChangedParameter[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .filter((name) => !RANDOM.test(name) || (before.has(name) && after.has(name)))
    .toSorted()
    .map((name) => ({ name, before: before.get(name), after: after.get(name) }))
}
