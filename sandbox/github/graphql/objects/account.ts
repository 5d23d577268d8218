/** Users, bots, organisations, teams and Apps as GraphQL shows them. REST's view of them is in ../../serialise/. */
import { requireMembers } from '../../access.ts'
import { type Membership, teamMembers } from '../../grants.ts'
import type { AppRecord, Organization, Team, User } from '../../model.ts'
import { findUser, type GitHubState } from '../../state.ts'
import { connection, type PageArguments } from '../connection.ts'
import type { Fields, View, ViewContext } from '../view.ts'

/** A person or a bot. A bot's login has no `[bot]` here, unlike in REST. */
export function presentUser({ state }: ViewContext, user: User): View {
  const isBot = user.type === 'Bot'
  const login = isBot ? user.login.replace(/\[bot\]$/, '') : user.login
  const shared = {
    id: user.nodeId,
    databaseId: user.id,
    login,
    createdAt: user.createdAt,
    avatarUrl: `${state.urls.web}/avatars/${login}`,
    url: isBot ? `${state.urls.web}/apps/${login}` : `${state.urls.web}/${login}`,
    resourcePath: isBot ? `/apps/${login}` : `/${login}`,
  }
  return isBot ? { __typename: 'Bot', ...shared } : { __typename: 'User', ...shared, name: user.name }
}

/** The user where the schema has room for people only: null for bots, as on GitHub. */
export const presentPerson = (context: ViewContext, user: User | undefined): View | null =>
  user === undefined || user.type === 'Bot' ? null : presentUser(context, user)

export function presentOrganization(context: ViewContext, organization: Organization): View {
  const { login, teams } = organization
  return {
    __typename: 'Organization',
    id: organization.nodeId,
    databaseId: organization.id,
    login,
    name: organization.name,
    createdAt: organization.createdAt,
    url: `${context.state.urls.web}/${login}`,
    resourcePath: `/${login}`,
    team: ({ slug }: { slug: string }) => {
      requireMembers(context, organization)
      const team = teams.get(slug)
      return team === undefined ? null : context.present(team)
    },
  }
}

type MemberArguments = PageArguments & {
  readonly query?: string | null
  readonly membership?: Membership
}

export function presentTeam(context: ViewContext, team: Team): View {
  const { organization, slug } = team
  return {
    __typename: 'Team',
    id: team.nodeId,
    databaseId: team.id,
    slug,
    name: team.name,
    combinedSlug: `${organization.login}/${slug}`,
    organization: () => context.present(organization),
    members: (given: MemberArguments, info: never) => {
      requireMembers(context, organization)
      const members = teamMembers(team, given.membership ?? 'ALL')
      return connection(given, info, {
        items: membersOf(context.state, [...members.keys()], given.query ?? ''),
        key: (user) => user.nodeId,
        view: (user) => context.present(user),
        edge: (user): Fields => ({ role: members.get(user.login.toLowerCase())?.toUpperCase() }),
      })
    },
  }
}

/** GitHub's `query` is a search, not a look-up: everybody whose login or name contains the text. */
function membersOf(state: GitHubState, logins: readonly string[], query: string): User[] {
  return logins
    .map((login) => findUser(state, login))
    .filter((user) => user !== undefined)
    .filter((user) => user.suspended?.isHidden !== true)
    .filter((user) => matches(user, query))
    .sort((a, b) => (a.login < b.login ? -1 : 1))
}

/** Whether a search for people finds the user. */
export function matches(user: User, query: string): boolean {
  const text = query.toLowerCase()
  return user.login.toLowerCase().includes(text) || (user.name ?? '').toLowerCase().includes(text)
}

export function presentApp({ state }: ViewContext, app: AppRecord): View {
  return {
    __typename: 'App',
    id: app.nodeId,
    databaseId: app.id,
    slug: app.slug,
    name: app.name,
    clientId: app.clientId,
    createdAt: app.createdAt,
    url: `${state.urls.web}/apps/${app.slug}`,
  }
}
