/** Who is meant by the lists of people in the configuration, and whether a person is one of them. Which list is asked for what: rights.ts. */
import { ownerOf, type RepoName } from './ids.ts'
import type { Principal } from './settings.ts'

/** GitHub's repository permissions, each with all that those before it may. */
export const PERMISSIONS = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const
export type Permission = (typeof PERMISSIONS)[number]

/** What is known of one person: permission and roles per repository, and the teams they are in as `org/slug`. */
export type PersonStanding = {
  readonly login: string
  readonly permissions: ReadonlyMap<RepoName, Permission>
  /** Custom repository roles by their names in lower case; absent where nobody asked. */
  readonly roles?: ReadonlyMap<RepoName, ReadonlySet<string>> | undefined
  readonly teams: ReadonlySet<string>
}

export type Repositories = { readonly model: RepoName; readonly config: RepoName }

/** Who deploys where no list says: `role:write` in both repositories. */
export const WRITERS_OF_BOTH: readonly Principal[] = [{ kind: 'role', role: 'write' }]

/** `org/slug` of a team; teams without an organisation belong to the model repository's owner. */
export const teamKey = (team: Extract<Principal, { kind: 'team' }>, modelRepository: RepoName): string =>
  `${team.organization ?? ownerOf(modelRepository)}/${team.slug}`

/** The principal with its role in one of the repositories only; others as they are. */
export const ofRepository = (principal: Principal, on: 'model' | 'config'): Principal =>
  principal.kind === 'role' ? { ...principal, on } : principal

/** Whether GitHub has to be asked for the names of custom roles, too. */
export const isCustomRole = (principal: Principal): boolean =>
  principal.kind === 'role' && !(PERMISSIONS as readonly string[]).includes(principal.role)

/** A GitHub App's account: people's logins have no brackets. */
const isBot = (login: string): boolean => login.endsWith('[bot]')

/** Has the person, as far as it is known, at least this permission in the repository? Unknown is no. */
export const hasPermission = (person: PersonStanding, repository: RepoName, least: Permission): boolean =>
  PERMISSIONS.indexOf(person.permissions.get(repository) ?? 'none') >= PERMISSIONS.indexOf(least)

/**
 * Is the person one of `principals`? Unknown is no. A name alone is not enough: who was given access to neither repository any more is nobody,
 * except a bot, which has no permission of its own there and could not have commented without an installation.
 */
export function isOneOf(
  person: PersonStanding | undefined,
  principals: readonly Principal[] | undefined,
  repositories: Repositories,
): boolean {
  if (person === undefined) return false
  return (principals ?? WRITERS_OF_BOTH).some((principal) => isMeant(principal, person, repositories))
}

function isMeant(principal: Principal, person: PersonStanding, repositories: Repositories): boolean {
  switch (principal.kind) {
    case 'user':
      return principal.login === person.login.toLowerCase() && hasAccess(person, repositories)
    case 'team':
      return person.teams.has(teamKey(principal, repositories.model))
    case 'role': {
      const { on } = principal
      const where = on === undefined ? [repositories.model, repositories.config] : [repositories[on]]
      return where.every((repository) => hasRole(person, repository, principal.role))
    }
  }
}

/** Whether the person can still be said to belong here: some access to one of the repositories. */
export const hasAccess = (person: PersonStanding, { model, config }: Repositories): boolean =>
  isBot(person.login) || hasPermission(person, model, 'read') || hasPermission(person, config, 'read')

function hasRole(person: PersonStanding, repository: RepoName, role: string): boolean {
  const permission = PERMISSIONS.find((each) => each === role)
  if (permission === 'none') return false
  if (permission !== undefined) return hasPermission(person, repository, permission)
  return person.roles?.get(repository)?.has(role) ?? false
}

/** `team ml-leads, alice` without mentions: for refusals. */
export function describePrincipals(principals: readonly Principal[] | undefined): string {
  if (principals?.length === 0) return 'nobody'
  return (principals ?? WRITERS_OF_BOTH).map(describe).join(', ')
}

function describe(principal: Principal): string {
  switch (principal.kind) {
    case 'user':
      return principal.login
    case 'team':
      return `team ${principal.slug}`
    case 'role': {
      const where = principal.on === undefined ? 'both repositories' : `the ${principal.on} repository`
      const isPermission = !isCustomRole(principal)
      return isPermission
        ? `people with ${principal.role} access to ${where}`
        : `people with the role ${principal.role} in ${where}`
    }
  }
}
