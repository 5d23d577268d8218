/** Names that must not be mixed up, each its own type. Parsers live here; a value of these types has passed one. */

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** `owner/name`, lower-cased: GitHub compares repository names without case. */
export type RepoName = Branded<'RepoName'>
/** A full 40-hex (or SHA-256 64-hex) Git object id, lower case. */
export type CommitSha = Branded<'CommitSha'>
/** A model's key in the configuration: `[a-z0-9._-]`. */
export type ModelName = Branded<'ModelName'>
/** An environment's key in the configuration: `[a-z0-9._-]`. */
export type EnvironmentName = Branded<'EnvironmentName'>
/** `rel-` and 16 hex digits, derived from the release's content (see release.ts). */
export type ReleaseId = Branded<'ReleaseId'>
/** An image digest, `sha256:` and 64 hex digits. */
export type Digest = Branded<'Digest'>

const REPO = /^[a-z0-9][a-z0-9-]{0,38}\/[a-z0-9._-]{1,100}$/
const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const SLUG = /^[a-z0-9][a-z0-9._-]{0,62}$/
const DIGEST = /^sha256:[0-9a-f]{64}$/

const matching =
  <T extends string>(pattern: RegExp) =>
  (text: string): T | undefined =>
    pattern.test(text) ? (text as T) : undefined

/** `Acme/Models` → `acme/models`; undefined when it is not `owner/name`. */
export const parseRepoName = (text: string): RepoName | undefined => matching<RepoName>(REPO)(text.toLowerCase())
/** A full object id, any case; undefined for abbreviations and anything else. */
export const parseCommitSha = (text: string): CommitSha | undefined => matching<CommitSha>(SHA)(text.toLowerCase())
/** A model key; undefined when it has other characters or starts with a dot. */
export const parseModelName = matching<ModelName>(SLUG)
/** An environment key; undefined when it has other characters or starts with a dot. */
export const parseEnvironmentName = matching<EnvironmentName>(SLUG)
/** An image digest; undefined when it is not `sha256:<64 hex>`. */
export const parseDigest = matching<Digest>(DIGEST)

/** The part before the slash. */
export const ownerOf = (repo: RepoName): string => repo.slice(0, repo.indexOf('/'))
/** The part after the slash. */
export const nameOf = (repo: RepoName): string => repo.slice(repo.indexOf('/') + 1)
/** The seven digits that people read. */
export const shortSha = (sha: CommitSha): string => sha.slice(0, 7)

/** Ends an exhaustive `switch`: a new union member fails the type check here. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`)
}
