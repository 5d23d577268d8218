/** Who is asking and what they may: visibility of repositories, roles of people, permissions of installation tokens. Used by REST, GraphQL and every operation. */
import { GitHubFailure, notAccessible, notFound } from './failure.ts'
import { grantsOf } from './grants.ts'
import type { Account, AppRecord, InstallationToken, PermissionLevel, Repository, Role, User } from './model.ts'
import { covers, findRepository, fullName, type GitHubState } from './state.ts'

/** A person, or the App's bot with its installation token. `user` is who comments, commits and merges. */
export type Actor =
  | { readonly kind: 'user'; readonly user: User }
  | {
      readonly kind: 'installation'
      readonly user: User
      readonly app: AppRecord
      readonly token: InstallationToken
    }

/** What every operation takes first. */
export type OperationContext = { readonly state: GitHubState; readonly actor: Actor }

/** Any of `permissions` at the level lets a token do it; `role` (and above) lets a person. */
export type Demand = { readonly permissions: readonly string[]; readonly role: Role }

const ROLES: readonly Role[] = ['read', 'triage', 'write', 'maintain', 'admin']
const LEVELS: readonly PermissionLevel[] = ['read', 'write', 'admin']

/** Whether `role` is `needed` or more. */
export const roleReaches = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed)

/** The highest role of the user in the repository: as owner, collaborator, through teams or the organisation; null when none (the public's reading is not a role). */
export function roleOf(repository: Repository, user: User): Role | null {
  const held = grantsOf(repository, user).map(({ role }) => role)
  return ROLES.findLast((role) => held.includes(role)) ?? null
}

/** Whether the token reaches the repository: its installation does, and its own selection if it has one. */
export const tokenCovers = (token: InstallationToken, repository: Repository): boolean =>
  covers(token.installation, repository) && (token.repositories === null || token.repositories.has(repository))

/** Whether the token has one of the permissions at the level or above. */
export const tokenAllows = (
  token: InstallationToken,
  permissions: readonly string[],
  level: PermissionLevel,
): boolean =>
  permissions.some((name) => {
    const held = token.permissions[name]
    return held !== undefined && LEVELS.indexOf(held) >= LEVELS.indexOf(level)
  })

/** Whether the actor may know that the repository exists. */
export function canSee({ actor }: OperationContext, repository: Repository): boolean {
  if (!repository.private) return true
  return actor.kind === 'user' ? roleOf(repository, actor.user) !== null : tokenCovers(actor.token, repository)
}

/** The repository as the actor sees it. Throws 404 when it does not exist or is private to others. */
export function viewRepository(context: OperationContext, owner: string, name: string): Repository {
  const repository = findRepository(context.state, `${owner}/${name}`)
  if (repository === undefined || !canSee(context, repository)) throw notFound()
  return repository
}

/** Throws unless the actor may read that part of the repository. Public repositories are readable by everybody. */
export function requireRead(context: OperationContext, repository: Repository, permissions: readonly string[]): void {
  if (!canSee(context, repository)) throw notFound()
  const { actor } = context
  if (actor.kind === 'user' || !repository.private) return
  if (!tokenAllows(actor.token, permissions, 'read')) throw notAccessible()
}

/** Throws unless the actor may change that part of the repository: 404 for what it cannot see, else 403. */
export function requireWrite(context: OperationContext, repository: Repository, demand: Demand): void {
  if (context.actor.user.suspended !== null) throw new GitHubFailure(403, 'Sorry. Your account was suspended.')
  if (!canSee(context, repository)) throw notFound()
  const { actor } = context
  if (actor.kind === 'installation') {
    if (!tokenCovers(actor.token, repository) || !tokenAllows(actor.token, demand.permissions, 'write'))
      throw notAccessible()
    return
  }
  const role = roleOf(repository, actor.user) ?? (repository.private ? null : 'read')
  if (role === null || !roleReaches(role, demand.role))
    throw new GitHubFailure(403, `You must have ${demand.role} access to ${fullName(repository)}`)
}

/** The App behind the actor; throws 403 for people (check runs, for example, are only for Apps). */
export function requireApp({ actor }: OperationContext): AppRecord {
  if (actor.kind === 'installation') return actor.app
  throw new GitHubFailure(403, 'You must authenticate via a GitHub App.')
}

/** The App that did it, as `performed_via_github_app` shows it; null for people. */
export const viaApp = ({ actor }: OperationContext): AppRecord | null =>
  actor.kind === 'installation' ? actor.app : null

/** Throws unless the actor may read the organisation's members and teams. */
export function requireMembers({ actor }: OperationContext, organization: Account): void {
  if (actor.kind === 'user') return
  if (actor.token.installation.account !== organization || !tokenAllows(actor.token, ['members'], 'read'))
    throw notAccessible()
}
