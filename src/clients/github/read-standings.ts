/** `GitHub.readStandings`: what people may do. Unknown is "no": a person whose standing cannot be read has none. Documents: documents/standings.ts. */
import { ownerOf, type RepoName } from '../../domain/ids.ts'
import type { Permission, Standing, StandingQuestion } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import type { Caller } from './call.ts'
import { composeQuery, type DocumentPart } from './documents/compose.ts'
import { collaboratorPart, personAlias, repositoryAlias, teamAlias, teamPart } from './documents/standings.ts'
import { GitHubRefused } from './failures.ts'
import type { GraphqlAnswer } from './graphql.ts'
import { parsePermission } from './parse.ts'

/** The document's parts that one owner's installation can answer. */
export function standingParts(question: StandingQuestion, owner: string): readonly DocumentPart[] {
  if (question.logins.length === 0) return []
  return [
    ...question.repositories.flatMap((repository, index) =>
      ownerOf(repository) === owner ? [collaboratorPart(index, repository, question)] : [],
    ),
    ...question.teams.flatMap((team, index) =>
      team.organization.toLowerCase() === owner ? [teamPart(index, team, question.logins)] : [],
    ),
  ]
}

/** Whose installations have to be asked. */
export const ownersOfStandings = (question: StandingQuestion): readonly string[] =>
  question.logins.length === 0
    ? []
    : [
        ...new Set([
          ...question.repositories.map((repository) => ownerOf(repository)),
          ...question.teams.map((team) => team.organization.toLowerCase()),
        ]),
      ]

/** One call per owner of the repositories and teams asked for; keys of the map are the logins as given. */
export async function readStandings(
  caller: Caller,
  question: StandingQuestion,
): Promise<ReadonlyMap<string, Standing>> {
  const answers = new Map<string, GraphqlAnswer>()
  for (const owner of ownersOfStandings(question)) {
    const answer = await askOwner(caller, question, owner)
    if (answer !== undefined) answers.set(owner, answer)
  }
  return standingsFrom(caller, question, answers)
}

/** One owner's answer; undefined, and logged, when the App is not installed there. */
export async function askOwner(
  caller: Caller,
  question: StandingQuestion,
  owner: string,
): Promise<GraphqlAnswer | undefined> {
  const request = composeQuery('ReadStandings', standingParts(question, owner))
  const repository = question.repositories.find((each) => ownerOf(each) === owner)
  try {
    return await (repository === undefined
      ? caller.graphqlForOwner(owner, request)
      : caller.graphql(repository, request))
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'UserError') throw error
    caller.log.warn({ owner }, 'standing unknown: the App is not installed there')
    return undefined
  }
}

/** Reads the standings out of the answers per owner; asks REST where GraphQL refused. */
export async function standingsFrom(
  caller: Caller,
  question: StandingQuestion,
  answers: ReadonlyMap<string, GraphqlAnswer>,
): Promise<ReadonlyMap<string, Standing>> {
  const standings = new Map<string, Standing>()
  for (const [person, login] of question.logins.entries()) {
    const permissions = new Map<RepoName, Permission>()
    const roles = new Map<RepoName, ReadonlySet<string>>()
    for (const [index, repository] of question.repositories.entries()) {
      const answer = answers.get(ownerOf(repository))
      const access = await accessOf(caller, { repository, login, person, index }, answer)
      permissions.set(repository, access.permission)
      roles.set(repository, access.roles)
    }
    const teams = new Set<string>()
    for (const [index, team] of question.teams.entries()) {
      const answer = answers.get(team.organization.toLowerCase())
      if (await isMember(caller, { team, login, person, index }, answer)) teams.add(`${team.organization}/${team.slug}`)
    }
    standings.set(login, await unlessSuspended(caller, question, { login, permissions, roles, teams }))
  }
  return standings
}

/** One call for each person who may do anything at all, and only on an Enterprise Server. GraphQL knows suspensions there, too, but tells site administrators only. */
async function unlessSuspended(
  caller: Caller,
  { repositories }: StandingQuestion,
  person: Standing,
): Promise<Standing> {
  const holds = [...person.permissions.values()].some((permission) => permission !== 'none') || person.teams.size > 0
  if (!caller.listsSuspended || !holds || !(await isSuspended(caller, person.login, repositories))) return person
  const none = new Map(repositories.map((repository) => [repository, 'none' as const]))
  return { login: person.login, permissions: none, roles: new Map(), teams: new Set() }
}

async function isSuspended(caller: Caller, login: string, [repository]: readonly RepoName[]): Promise<boolean> {
  if (repository === undefined) return false
  try {
    const { data } = await caller.restForOwner(ownerOf(repository), 'GET /users/{username}', { username: login })
    return answerOf('GitHub', data).has('suspended_at')
  } catch (error) {
    if (!(error instanceof GitHubRefused)) throw error
    caller.log.warn({ login, status: error.status }, 'account unknown: GitHub refused to tell')
    return true
  }
}

type PersonInRepository = {
  readonly repository: RepoName
  readonly login: string
  readonly person: number
  readonly index: number
}

type Access = { readonly permission: Permission; readonly roles: ReadonlySet<string> }

const NO_ACCESS: Access = { permission: 'none', roles: new Set() }

async function accessOf(caller: Caller, at: PersonInRepository, answer: GraphqlAnswer | undefined): Promise<Access> {
  if (answer === undefined) return NO_ACCESS
  const path = `${repositoryAlias(at.index)}.${personAlias(at.person)}`
  if (wasRefused(answer, path)) return accessByRest(caller, at.repository, at.login)
  const collaborators = answer.data.maybe(repositoryAlias(at.index))?.maybe(personAlias(at.person))
  const edge = collaborators?.list('edges').find((each) => isLogin(each.maybe('node'), at.login))
  const permission = parsePermission(edge?.maybeText('permission'))
  if (edge === undefined || permission === undefined) return NO_ACCESS
  return accessAs(permission, ...edge.list('permissionSources').map((source) => source.maybeText('roleName')))
}

const accessAs = (permission: Permission, ...names: readonly (string | undefined)[]): Access =>
  permission === 'none'
    ? NO_ACCESS
    : { permission, roles: new Set([permission, ...names.flatMap((name) => name?.toLowerCase() ?? [])]) }

const wasRefused = (answer: GraphqlAnswer, path: string): boolean =>
  answer.problems.some(
    (problem) => problem.type !== 'NOT_FOUND' && (problem.path === path || problem.path.startsWith(`${path}.`)),
  )

async function accessByRest(caller: Caller, repository: RepoName, login: string): Promise<Access> {
  try {
    const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission'
    const { data } = await caller.rest(repository, route, { username: login })
    const answer = answerOf('GitHub', data)
    // Custom roles have names of their own; `permission` is then the built-in role that they extend.
    const role = answer.maybeText('role_name')
    const permission = parsePermission(role) ?? parsePermission(answer.maybeText('permission'))
    if (permission === undefined) return NO_ACCESS
    // What is public everybody may read: that alone was given to nobody.
    const isEverybodys = permission === 'read' && (role ?? 'read') === 'read'
    return isEverybodys && !(await isCollaborator(caller, repository, login)) ? NO_ACCESS : accessAs(permission, role)
  } catch (error) {
    if (!(error instanceof GitHubRefused)) throw error
    caller.log.warn({ repository, login, status: error.status }, 'permission unknown: GitHub refused to tell')
    return NO_ACCESS
  }
}

/** 404 means no. */
async function isCollaborator(caller: Caller, repository: RepoName, login: string): Promise<boolean> {
  try {
    await caller.rest(repository, 'GET /repos/{owner}/{repo}/collaborators/{username}', { username: login })
    return true
  } catch (error) {
    if (error instanceof GitHubRefused) return false
    throw error
  }
}

type PersonInTeam = {
  readonly team: StandingQuestion['teams'][number]
  readonly login: string
  readonly person: number
  readonly index: number
}

async function isMember(caller: Caller, at: PersonInTeam, answer: GraphqlAnswer | undefined): Promise<boolean> {
  if (answer === undefined) return false
  const alias = teamAlias(at.index)
  if (wasRefused(answer, alias)) {
    const { organization, slug } = at.team
    caller.log.warn({ organization, slug }, 'team members unknown: the App needs "Members: read" in the organisation')
    return false
  }
  const members = answer.data.maybe(alias)?.maybe('team')?.maybe(personAlias(at.person))
  if (members === undefined) return false
  if (members.list('nodes').some((node) => isLogin(node, at.login))) return true
  return members.maybe('pageInfo')?.raw['hasNextPage'] === true && isMemberByRest(caller, at)
}

/** More than 100 members resemble the login: REST asks for exactly one. */
async function isMemberByRest(caller: Caller, at: PersonInTeam): Promise<boolean> {
  const { organization, slug } = at.team
  try {
    const route = 'GET /orgs/{org}/teams/{team_slug}/memberships/{username}'
    const parameters = { org: organization, team_slug: slug, username: at.login }
    const { data } = await caller.restForOwner(organization.toLowerCase(), route, parameters)
    return answerOf('GitHub', data).text('state') === 'active'
  } catch (error) {
    if (error instanceof GitHubRefused) return false
    throw error
  }
}

const isLogin = (node: Answer | undefined, login: string): boolean =>
  node?.maybeText('login')?.toLowerCase() === login.toLowerCase()
