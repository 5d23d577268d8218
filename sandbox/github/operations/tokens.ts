/** Installation tokens: made by the App for an installation, narrowed to repositories and permissions, one hour of machine time. */
import { randomBytes } from 'node:crypto'
import { type Actor, tokenAllows } from '../access.ts'
import { GitHubFailure } from '../failure.ts'
import type { Installation, InstallationToken, Permissions, Repository } from '../model.ts'
import { installationRepositories } from '../serialise/repository.ts'
import type { GitHubState } from '../state.ts'

const LIFETIME_MS = 3_600_000

export type TokenInput = {
  /** Names without owner. */
  readonly names?: readonly string[] | undefined
  readonly ids?: readonly number[] | undefined
  readonly permissions?: Permissions | undefined
}

/** Makes a token. 422 for repositories outside the installation and permissions that it was not granted. */
export function createInstallationToken(
  state: GitHubState,
  installation: Installation,
  { names, ids, permissions }: TokenInput,
): InstallationToken {
  const reached = installationRepositories(state, installation)
  const wanted = [
    ...(names ?? []).map((name) => reached.find((each) => each.name.toLowerCase() === name.toLowerCase())),
    ...(ids ?? []).map((id) => reached.find((each) => each.id === id)),
  ]
  if (wanted.includes(undefined))
    throw new GitHubFailure(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    )
  const held: InstallationToken = {
    token: `ghs_${randomBytes(27).toString('base64url').replaceAll(/[-_]/g, 'x')}`,
    installation,
    repositories: names === undefined && ids === undefined ? null : new Set(wanted.filter(isRepository)),
    permissions: permissions === undefined ? installation.permissions : { metadata: 'read', ...permissions },
    expiresAtMs: Date.now() + LIFETIME_MS,
  }
  const parent = { ...held, permissions: installation.permissions }
  for (const [name, level] of Object.entries(held.permissions))
    if (!tokenAllows(parent, [name], level))
      throw new GitHubFailure(422, 'The permissions requested are not granted to this installation.')
  state.tokens.set(held.token, held)
  return held
}

const isRepository = (value: Repository | undefined): value is Repository => value !== undefined

/** Ends the actor's token. */
export function revokeToken(state: GitHubState, actor: Actor): void {
  if (actor.kind === 'installation') state.tokens.delete(actor.token.token)
}
