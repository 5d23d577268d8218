/** What gives people access: membership of teams, child teams included, and the roles that each source grants in a repository. Used by access.ts and by what is shown of it. */
import type { Grant, Organization, Repository, Role, Team, User } from './model.ts'
import { fullName } from './state.ts'

/** One reason for which somebody has access. `name` is the role's own: a custom role has one besides the built-in role that it extends. */
export type GrantedRole = {
  readonly source: Organization | Repository | Team
  readonly role: Role
  readonly name: string
}

/** The built-in role that a grant amounts to. */
export const baseOf = (grant: Grant): Role => (typeof grant === 'string' ? grant : grant.base)

const nameOf = (grant: Grant): string => (typeof grant === 'string' ? grant : grant.name)

/** A team's child teams and theirs, itself first. */
function withDescendants(team: Team): readonly Team[] {
  const children = [...team.organization.teams.values()].filter(({ parent }) => parent === team)
  return [team, ...children.flatMap(withDescendants)]
}

export type TeamRole = 'maintainer' | 'member'

/** Whose members are asked for: everybody's, as GitHub answers unless it is told otherwise, those of the team itself, or those of its child teams. */
export type Membership = 'ALL' | 'IMMEDIATE' | 'CHILD_TEAM'

/** Members by lower-case login. Those of a child team are members of its parents, never the other way round. */
export function teamMembers(team: Team, membership: Membership = 'ALL'): ReadonlyMap<string, TeamRole> {
  const teams = withDescendants(team).filter((each) =>
    membership === 'ALL' ? true : (each === team) === (membership === 'IMMEDIATE'),
  )
  const logins = teams.flatMap((each) => [...each.members.keys()])
  return new Map(logins.map((login) => [login, team.members.get(login) ?? 'member']))
}

/** Every grant that the user has in the repository; none for the public's reading, and none for an account that was suspended. */
export function grantsOf(repository: Repository, user: User): readonly GrantedRole[] {
  if (user.suspended?.isHidden === true) return []
  const { owner } = repository
  const login = user.login.toLowerCase()
  const granted = (source: GrantedRole['source'], grant: Grant | undefined): readonly GrantedRole[] =>
    grant === undefined ? [] : [{ source, role: baseOf(grant), name: nameOf(grant) }]
  if (owner === user) return granted(repository, 'admin')
  const direct = granted(repository, repository.collaborators.get(login))
  if (owner.kind === 'User') return direct
  const membership = owner.members.get(login)
  const name = fullName(repository).toLowerCase()
  return [
    ...direct,
    ...granted(owner, membership && (membership === 'admin' ? 'admin' : 'read')),
    ...[...owner.teams.values()]
      .filter((team) => teamMembers(team).has(login))
      .flatMap((team) => granted(team, team.repositories.get(name))),
  ]
}
