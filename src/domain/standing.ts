/** Who is meant by `deployers`, `approvers` and `force.by`, and whether a person is one of them. */
import { ownerOf, type RepoName } from './ids.ts'
import type { Principal } from './settings.ts'

type Permission = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin'

/** What is known of one person: permission per repository, and the teams they are in as `org/slug`. */
export type PersonStanding = {
  readonly login: string
  readonly permissions: ReadonlyMap<RepoName, Permission>
  readonly teams: ReadonlySet<string>
}

const CAN_WRITE: readonly Permission[] = ['write', 'maintain', 'admin']

/** `org/slug` of a team; teams without an organisation belong to the model repository's owner. */
export const teamKey = (team: Extract<Principal, { kind: 'team' }>, modelRepository: RepoName): string =>
  `${team.organization ?? ownerOf(modelRepository)}/${team.slug}`

/** Is the person one of `principals`? Without principals: write on both repositories. Unknown is no. */
export function isOneOf(
  person: PersonStanding | undefined,
  principals: readonly Principal[] | undefined,
  repositories: { readonly model: RepoName; readonly config: RepoName },
): boolean {
  if (person === undefined) return false
  if (principals === undefined) {
    return [repositories.model, repositories.config].every((repo) =>
      CAN_WRITE.includes(person.permissions.get(repo) ?? 'none'),
    )
  }
  return principals.some((principal) =>
    principal.kind === 'user'
      ? principal.login === person.login.toLowerCase()
      : person.teams.has(teamKey(principal, repositories.model)),
  )
}

/** `team ml-leads, @alice` without mentions: for refusals. */
export function describePrincipals(principals: readonly Principal[] | undefined): string {
  if (principals === undefined) return 'people with write access to both repositories'
  if (principals.length === 0) return 'nobody'
  return principals
    .map((principal) => (principal.kind === 'user' ? principal.login : `team ${principal.slug}`))
    .join(', ')
}
