/** What `/compare … with <word>` may mean. Pure; what each meaning is compared with: services/other-baseline.ts. */
import { type EnvironmentName, parseEnvironmentName } from './ids.ts'

export type AskedBaseline =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'alias'; readonly alias: string }
  | { readonly kind: 'environment'; readonly environment: EnvironmentName }
  /** The whole id of a commit, or at least seven digits of it; lower case. */
  | { readonly kind: 'commit'; readonly digits: string }

/** The names that a model has. */
export type BaselineNames = {
  readonly environments: readonly EnvironmentName[]
  /** Those that the configuration speaks of; the registry may have more. */
  readonly aliases: readonly string[]
}

const ALIAS = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/
const VERSION = /^[1-9]\d{0,17}$/

/** Every meaning, so that nobody has to guess; none: it can mean nothing. `v12`, `@champion` and `env:prod` have one. */
export function baselinesMeant(word: string, { environments, aliases }: BaselineNames): readonly AskedBaseline[] {
  if (word.startsWith('@')) return aliasNamed(word.slice(1))
  const prefixed = /^env(?:ironment)?:(.*)$/i.exec(word)?.[1]
  if (prefixed !== undefined) return environmentNamed(prefixed, environments)
  const version = /^v(\d+)$/i.exec(word)?.[1]
  if (version !== undefined) return versionNumbered(version)
  const meant = [
    ...environmentNamed(word, environments),
    ...(aliases.includes(word) ? aliasNamed(word) : []),
    ...versionNumbered(word),
    ...(/^[0-9a-f]{7,40}$/i.test(word) ? [{ kind: 'commit', digits: word.toLowerCase() } as const] : []),
  ]
  return meant.length > 0 || /^\d+$/.test(word) ? meant : aliasNamed(word)
}

const aliasNamed = (alias: string): readonly AskedBaseline[] => (ALIAS.test(alias) ? [{ kind: 'alias', alias }] : [])

const versionNumbered = (version: string): readonly AskedBaseline[] =>
  VERSION.test(version) ? [{ kind: 'version', version }] : []

function environmentNamed(word: string, environments: readonly EnvironmentName[]): readonly AskedBaseline[] {
  const environment = parseEnvironmentName(word)
  return environment !== undefined && environments.includes(environment) ? [{ kind: 'environment', environment }] : []
}

/** How it is written so that it means nothing else. */
export function unmistakably(asked: AskedBaseline): string {
  switch (asked.kind) {
    case 'version':
      return `v${asked.version}`
    case 'alias':
      return `@${asked.alias}`
    case 'environment':
      return `env:${asked.environment}`
    case 'commit':
      return asked.digits
  }
}
