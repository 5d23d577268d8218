/** Names that people shorten in commands: a unique beginning is enough where a mistake does no harm. Asked by src/services/command-target.ts. */

/** The one name that begins with `typed`, without regard to case; undefined when none or several do, and of single letters. */
export function completed<Name extends string>(typed: string, names: Iterable<Name>): Name | undefined {
  const wanted = typed.toLowerCase()
  const fitting = [...names].filter((name) => name.toLowerCase().startsWith(wanted))
  return wanted.length > 1 && fitting.length === 1 ? fitting[0] : undefined
}

/** A version, a release or a commit is never the beginning of a name. */
export const isReleaseLike = (word: string): boolean => /^(?:v?\d|rel-|(?=.*\d)[0-9a-f]{4,}$)/i.test(word)

/** What tells how much harm a mistake in an environment's name does. */
export type NamedEnvironment = {
  readonly name: string
  readonly approvals: number
  readonly freeze: readonly unknown[]
}

/**
 * Whether whoever changes something there writes its name in full: it is called like production, is the last of some model's environments, or is guarded.
 * `chains`: each model's environments, in order.
 */
export const isDelicate = (
  { name, approvals, freeze }: NamedEnvironment,
  chains: readonly (readonly string[])[],
): boolean =>
  /^(?:prod|live)/i.test(name) || approvals > 0 || freeze.length > 0 || chains.some((chain) => chain.at(-1) === name)
