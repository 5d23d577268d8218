/** Organisations, teams, members, users. */
import { requireMembers } from '../../access.ts'
import { notFound } from '../../failure.ts'
import { teamMembers } from '../../grants.ts'
import type { Account, Organization, Team } from '../../model.ts'
import {
  fullOrganization,
  fullTeam,
  publicUser,
  simpleOrganization,
  simpleUser,
  team,
} from '../../serialise/accounts.ts'
import { findOrganization, findUser } from '../../state.ts'
import { type Call, get, list, noContent, ok, param, type Route } from '../call.ts'

export const organisationRoutes: readonly Route[] = [
  get('/users/{username}', (call) => {
    const account = call.state.accounts.get(param(call, 'username').toLowerCase())
    if (account === undefined || isHidden(account)) throw notFound()
    return ok(publicUser(call.state, account))
  }),
  get('/orgs/{org}', (call) => ok(fullOrganization(call.state, organizationOf(call)))),
  get('/orgs/{org}/members/{username}', (call) => {
    const organization = membersOf(call)
    if (!organization.members.has(param(call, 'username').toLowerCase())) throw notFound()
    return noContent()
  }),
  get('/orgs/{org}/memberships/{username}', (call) => {
    const organization = membersOf(call)
    const user = findUser(call.state, param(call, 'username'))
    const role = user && organization.members.get(user.login.toLowerCase())
    if (user === undefined || role === undefined) throw notFound()
    const url = `${call.state.urls.rest}/orgs/${organization.login}`
    return ok({
      url: `${url}/memberships/${user.login}`,
      state: 'active',
      role,
      organization_url: url,
      organization: simpleOrganization(call.state, organization),
      user: simpleUser(call.state, user),
    })
  }),
  get('/orgs/{org}/teams', (call) => list(call, [...membersOf(call).teams.values()], (each) => team(call.state, each))),
  get('/orgs/{org}/teams/{slug}', (call) => ok(fullTeam(call.state, teamOf(call)))),
  get('/orgs/{org}/teams/{slug}/members', (call) => {
    const members = [...teamMembers(teamOf(call)).keys()].flatMap((login) => findUser(call.state, login) ?? [])
    return list(call, members, (each) => simpleUser(call.state, each))
  }),
  get('/orgs/{org}/teams/{slug}/memberships/{username}', (call) => {
    const record = teamOf(call)
    const login = param(call, 'username')
    const role = teamMembers(record).get(login.toLowerCase())
    if (role === undefined || findUser(call.state, login)?.suspended?.isHidden === true) throw notFound()
    const { rest } = call.state.urls
    const url = `${rest}/organizations/${record.organization.id}/team/${record.id}/memberships/${login}`
    return ok({ url, role, state: 'active' })
  }),
]

const isHidden = (account: Account): boolean => account.kind === 'User' && account.suspended?.isHidden === true

function organizationOf(call: Call): Organization {
  const found = findOrganization(call.state, param(call, 'org'))
  if (found === undefined) throw notFound()
  return found
}

function membersOf(call: Call): Organization {
  const organization = organizationOf(call)
  requireMembers(call.context, organization)
  return organization
}

function teamOf(call: Call): Team {
  const found = membersOf(call).teams.get(param(call, 'slug').toLowerCase())
  if (found === undefined) throw notFound()
  return found
}
