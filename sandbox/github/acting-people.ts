/** What happens to people: they join and leave teams, lose their access, and are suspended. Part of the acting side (acting.ts); making them is in people.ts. */
import type { Grant } from './model.ts'
import { asUser, organizationNamed, repositoryNamed, teamNamed } from './people.ts'
import { fullName, type GitHubState, timestamp } from './state.ts'

export const peopleActs = (state: GitHubState) => ({
  addTeamMember: (organization: string, slug: string, login: string): void => {
    const owner = organizationNamed(state, organization)
    const member = asUser(state, login).actor.user.login.toLowerCase()
    if (!owner.members.has(member)) owner.members.set(member, 'member')
    teamNamed(owner, slug).members.set(member, 'member')
  },
  /** Who is in a child team besides stays a member through that. */
  removeTeamMember: (organization: string, slug: string, login: string): void => {
    teamNamed(organizationNamed(state, organization), slug).members.delete(login.toLowerCase())
  },
  /** Takes somebody out of the organisation, of all its teams, and of its repositories. */
  removeOrganizationMember: (organization: string, login: string): void => {
    const owner = organizationNamed(state, organization)
    const member = login.toLowerCase()
    owner.members.delete(member)
    for (const team of owner.teams.values()) team.members.delete(member)
    for (const repository of state.repositories.values())
      if (repository.owner === owner) repository.collaborators.delete(member)
  },
  /** Gives a team a role in a repository, or takes it away with null. */
  setTeamRole: (
    team: { readonly organization: string; readonly slug: string },
    name: string,
    grant: Grant | null,
  ): void => {
    const { repositories } = teamNamed(organizationNamed(state, team.organization), team.slug)
    const key = fullName(repositoryNamed(state, name)).toLowerCase()
    if (grant === null) repositories.delete(key)
    else repositories.set(key, grant)
  },
  /** Suspends an account: github.com hides it then; an Enterprise Server goes on listing it among members and collaborators (`listed`). */
  suspendUser: (login: string, { listed = false }: { readonly listed?: boolean } = {}): void => {
    asUser(state, login).actor.user.suspended = { at: timestamp(state), isHidden: !listed }
  },
  unsuspendUser: (login: string): void => {
    asUser(state, login).actor.user.suspended = null
  },
})
