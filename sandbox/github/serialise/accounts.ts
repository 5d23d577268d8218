/** Users, organisations, teams and Apps as GitHub's REST API and webhooks print them. Records are in ../model.ts. */
import { roleOf } from '../access.ts'
import { teamMembers } from '../grants.ts'
import type { Account, AppRecord, Organization, PullRequest, Repository, Team, User } from '../model.ts'
import { fullName, type GitHubState } from '../state.ts'

export type Json = Readonly<Record<string, unknown>>

/** `simple-user`: what stands wherever somebody is mentioned (organisations as owners too). */
export function simpleUser(state: GitHubState, account: Account): Json {
  const { web, rest } = state.urls
  const login = encodeURIComponent(account.login)
  const url = `${rest}/users/${login}`
  return {
    login: account.login,
    id: account.id,
    node_id: account.nodeId,
    avatar_url: `${web}/avatars/${login}`,
    gravatar_id: '',
    url,
    html_url: `${web}/${account.login.endsWith('[bot]') ? `apps/${account.login.slice(0, -5)}` : login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.kind === 'User' ? account.type : 'Organization',
    user_view_type: 'public',
    site_admin: false,
  }
}

/** `simple-user` or null. */
export const nullableUser = (state: GitHubState, account: Account | null): Json | null =>
  account === null ? null : simpleUser(state, account)

/** `public-user`: the answer of `GET /users/{username}`. */
export function publicUser(state: GitHubState, account: Account): Json {
  return {
    ...simpleUser(state, account),
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: ownedBy(state, account).filter((each) => !each.private).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt,
    updated_at: account.createdAt,
    ...(account.kind === 'User' && account.suspended !== null ? { suspended_at: account.suspended.at } : {}),
  }
}

const ownedBy = (state: GitHubState, account: Account): Repository[] =>
  [...state.repositories.values()].filter(({ owner }) => owner === account)

/** `organization-simple`, as in webhooks. */
export function simpleOrganization(state: GitHubState, organization: Organization): Json {
  const url = `${state.urls.rest}/orgs/${organization.login}`
  return {
    login: organization.login,
    id: organization.id,
    node_id: organization.nodeId,
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${state.urls.web}/avatars/${organization.login}`,
    description: null,
  }
}

/** `organization-full`: the answer of `GET /orgs/{org}`. */
export function fullOrganization(state: GitHubState, organization: Organization): Json {
  return {
    ...simpleOrganization(state, organization),
    html_url: `${state.urls.web}/${organization.login}`,
    has_organization_projects: true,
    has_repository_projects: true,
    public_repos: ownedBy(state, organization).filter((each) => !each.private).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    type: 'Organization',
    created_at: organization.createdAt,
    updated_at: organization.createdAt,
    archived_at: null,
  }
}

/** `team`, as lists print it. */
export function team(state: GitHubState, record: Team): Json {
  const url = `${state.urls.rest}/organizations/${record.organization.id}/team/${record.id}`
  return {
    id: record.id,
    node_id: record.nodeId,
    name: record.name,
    slug: record.slug,
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    type: 'organization',
    organization_id: record.organization.id,
    url,
    html_url: `${state.urls.web}/orgs/${record.organization.login}/teams/${record.slug}`,
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    parent: record.parent === null ? null : team(state, { ...record.parent, parent: null }),
  }
}

/** `team-full`: the answer of `GET /orgs/{org}/teams/{team_slug}`. */
export function fullTeam(state: GitHubState, record: Team): Json {
  const { createdAt } = record.organization
  return {
    ...team(state, record),
    members_count: teamMembers(record).size,
    repos_count: record.repositories.size,
    created_at: createdAt,
    updated_at: createdAt,
    organization: fullOrganization(state, record.organization),
  }
}

/** `integration`: an App, wherever it is mentioned. */
export function integration(state: GitHubState, app: AppRecord): Json {
  return {
    id: app.id,
    slug: app.slug,
    client_id: app.clientId,
    node_id: app.nodeId,
    owner: simpleUser(state, app.owner),
    name: app.name,
    description: null,
    external_url: `${state.urls.web}/apps/${app.slug}`,
    html_url: `${state.urls.web}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  }
}

/** `integration` or null, as in `performed_via_github_app`. */
export const nullableIntegration = (state: GitHubState, app: AppRecord | null): Json | null =>
  app === null ? null : integration(state, app)

/** What the author is to the repository. `COLLABORATOR` also for bots with an installation there is not GitHub's way: they are `NONE` or `CONTRIBUTOR`. */
export function authorAssociation(repository: Repository, user: User): string {
  if (repository.owner === user) return 'OWNER'
  if (repository.owner.kind === 'Organization' && repository.owner.members.has(user.login.toLowerCase()))
    return 'MEMBER'
  if (roleOf(repository, user) !== null) return 'COLLABORATOR'
  const isMergedBy = (thread: PullRequest) => thread.merged && thread.author === user
  const contributed = [...repository.threads.values()].some(
    (thread) => thread.kind === 'PullRequest' && isMergedBy(thread),
  )
  return contributed ? 'CONTRIBUTOR' : 'NONE'
}

/** `…/repos/owner/name`, the base of a repository's REST addresses. */
export const repositoryUrl = (state: GitHubState, repository: Repository): string =>
  `${state.urls.rest}/repos/${fullName(repository)}`

/** `…/owner/name`, the base of a repository's pages. */
export const repositoryPage = (state: GitHubState, repository: Repository): string =>
  `${state.urls.web}/${fullName(repository)}`
