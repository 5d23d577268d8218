/** Parameters of a candidate of several seeds. Used for every source that has runs. */

/** Those that all runs have with the same value: a random seed differs from run to run and is no change of the model. */
export function sharedParams([first, ...rest]: readonly {
  readonly params: ReadonlyMap<string, string>
}[]): ReadonlyMap<string, string> {
  return new Map(
    [...(first?.params ?? [])].filter(([name, value]) => rest.every((run) => run.params.get(name) === value)),
  )
}
