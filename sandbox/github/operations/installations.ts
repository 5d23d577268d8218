/** Installing the App on an account, and changing what an installation reaches or may do. */
import { emitInstallationCreated } from '../events.ts'
import type { Account, Installation, Permissions, Repository } from '../model.ts'
import { type GitHubState, timestamp } from '../state.ts'

export type InstallationInput = {
  /** `all` covers what is created later, too. */
  readonly repositories: readonly Repository[] | 'all'
  readonly permissions?: Permissions | undefined
  readonly events?: readonly string[] | undefined
  /** Who clicked. */
  readonly by: Account
}

/** Installs the App under test; emits `installation.created`. */
export function installApp(state: GitHubState, account: Account, input: InstallationInput): Installation {
  const id = state.nextId()
  const now = timestamp(state)
  const installation: Installation = {
    kind: 'Installation',
    id,
    nodeId: Buffer.from(`Integration:Installation${id}`).toString('base64'),
    app: state.app,
    account,
    repositorySelection: input.repositories === 'all' ? 'all' : 'selected',
    repositories: new Set(input.repositories === 'all' ? [] : input.repositories),
    permissions: { metadata: 'read', ...(input.permissions ?? state.app.permissions) },
    events: input.events ?? state.app.events,
    createdAt: now,
    updatedAt: now,
  }
  state.installations.set(id, installation)
  emitInstallationCreated(state, installation, input.by)
  return installation
}
