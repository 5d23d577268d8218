/** A repository as GraphQL shows it: its settings, its Git objects and its lists. */
import { requireRead, roleOf, tokenAllows, tokenCovers } from '../../access.ts'
import { findEnvironment } from '../../environment-model.ts'
import { type GrantedRole, grantsOf, teamMembers } from '../../grants.ts'
import type { Repository, User } from '../../model.ts'
import { repositoryPage } from '../../serialise/accounts.ts'
import { findUser, fullName } from '../../state.ts'
import { connection, type PageArguments } from '../connection.ts'
import { type DeploymentArguments, listDeployments } from '../deployment-list.ts'
import { GraphqlRefusal } from '../errors.ts'
import { type IssueQuestion, listIssues } from '../issue-list.ts'
import { listPullRequests, type PullRequestFilter } from '../pull-request-list.ts'
import { gitNode, pathOf, resolveExpression, resolveRefName } from '../revision.ts'
import type { Fields, View, ViewContext } from '../view.ts'
import { matches } from './account.ts'
import { presentMergeQueue } from './branch-rules.ts'
import { presentEnvironment } from './environment.ts'
import { presentTree } from './git-file.ts'

export function presentRepository(context: ViewContext, repository: Repository): View {
  const { settings, owner } = repository
  const name = fullName(repository)
  return {
    __typename: 'Repository',
    id: repository.nodeId,
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: name,
    description: repository.description,
    isPrivate: repository.private,
    isArchived: false,
    isDisabled: false,
    isLocked: false,
    isEmpty: repository.refs.size === 0,
    isFork: repository.parent !== null,
    isInOrganization: owner.kind === 'Organization',
    visibility: repository.private ? 'PRIVATE' : 'PUBLIC',
    url: repositoryPage(context.state, repository),
    resourcePath: `/${name}`,
    createdAt: repository.createdAt,
    updatedAt: repository.updatedAt,
    pushedAt: repository.pushedAt,
    mergeCommitAllowed: settings.allowMergeCommit,
    squashMergeAllowed: settings.allowSquashMerge,
    rebaseMergeAllowed: settings.allowRebaseMerge,
    autoMergeAllowed: settings.allowAutoMerge,
    deleteBranchOnMerge: settings.deleteBranchOnMerge,
    squashMergeCommitMessage: settings.squashMessage,
    owner: () => context.present(owner),
    parent: () => (repository.parent === null ? null : context.present(repository.parent)),
    viewerPermission: () => viewerPermission(context, repository),
    ...gitFields(context, repository),
    ...threadFields(context, repository),
    collaborators: (given: CollaboratorArguments, info: never) => collaborators(context, repository, { given, info }),
    environment: ({ name }: { name: string }) => {
      requireRead(context, repository, ['actions'])
      const found = findEnvironment(repository, name)
      return found === undefined ? null : presentEnvironment(context, found)
    },
    deployments: (given: DeploymentArguments, info: never) => listDeployments(context, repository, { given, info }),
  }
}

/** An App has no role; GitHub shows what its contents permission amounts to. */
function viewerPermission({ actor }: ViewContext, repository: Repository): string | null {
  if (actor.kind === 'user')
    return (roleOf(repository, actor.user) ?? (repository.private ? null : 'read'))?.toUpperCase() ?? null
  if (!tokenCovers(actor.token, repository)) return repository.private ? null : 'READ'
  return tokenAllows(actor.token, ['contents'], 'write') ? 'WRITE' : 'READ'
}

type RefsArguments = PageArguments & { readonly refPrefix: string; readonly query?: string | null }

function gitFields(context: ViewContext, repository: Repository): Fields {
  const presentRef = (name: string | undefined) =>
    name === undefined || !repository.refs.has(name) ? null : context.present({ kind: 'Ref', repository, name })
  const readable = () => requireRead(context, repository, ['contents'])
  return {
    defaultBranchRef: () => {
      readable()
      return presentRef(`refs/heads/${repository.defaultBranch}`)
    },
    mergeQueue: ({ branch }: { branch?: string | null }) =>
      presentMergeQueue(repository, branch ?? repository.defaultBranch),
    ref: ({ qualifiedName }: { qualifiedName: string }) => {
      readable()
      return presentRef(resolveRefName(repository, qualifiedName))
    },
    refs: (given: RefsArguments, info: never) => {
      readable()
      const { refPrefix, query } = given
      const names = [...repository.refs.keys()].filter((name) => name.startsWith(refPrefix)).sort()
      return connection(given, info, {
        items: names.filter((name) => query == null || name.slice(refPrefix.length).includes(query)),
        key: (name) => name,
        view: presentRef,
      })
    },
    object: ({ expression, oid }: { expression?: string | null; oid?: string | null }) => {
      readable()
      if (expression == null && oid == null)
        throw new GraphqlRefusal('ARGUMENT_ERROR', 'Missing argument: one of expression or oid is required.')
      const found = oid == null ? resolveExpression(repository, expression ?? '') : gitNode(repository, oid)
      if (found?.kind === 'Tree')
        return presentTree(context, repository, { oid: found.oid, path: pathOf(expression ?? '') })
      return found === undefined ? null : context.present(found)
    },
  }
}

function threadFields(context: ViewContext, repository: Repository): Fields {
  const thread = (kind: 'Issue' | 'PullRequest', number: number): View => {
    const found = repository.threads.get(number)
    if (found?.kind === kind) return context.present(found)
    const article = kind === 'Issue' ? 'an' : 'a'
    throw new GraphqlRefusal('NOT_FOUND', `Could not resolve to ${article} ${kind} with the number of ${number}.`)
  }
  return {
    pullRequest: ({ number }: { number: number }) => {
      requireRead(context, repository, ['pull_requests'])
      return thread('PullRequest', number)
    },
    issueOrPullRequest: ({ number }: { number: number }) => {
      const found = repository.threads.get(number)
      requireRead(context, repository, found?.kind === 'PullRequest' ? ['issues', 'pull_requests'] : ['issues'])
      if (found !== undefined) return context.present(found)
      const message = `Could not resolve to an issue or pull request with the number of ${number}.`
      throw new GraphqlRefusal('NOT_FOUND', message)
    },
    issue: ({ number }: { number: number }) => {
      requireRead(context, repository, ['issues'])
      return thread('Issue', number)
    },
    issues: (given: PageArguments & IssueQuestion, info: never) => {
      requireRead(context, repository, ['issues'])
      return connection(given, info, {
        items: listIssues(context.state, repository, given),
        key: (issue) => issue.nodeId,
        view: (issue) => context.present(issue),
      })
    },
    pullRequests: (given: PageArguments & PullRequestFilter, info: never) => {
      requireRead(context, repository, ['pull_requests'])
      return connection(given, info, {
        items: listPullRequests(context.state, repository, given),
        key: (pullRequest) => pullRequest.nodeId,
        view: (pullRequest) => context.present(pullRequest),
      })
    },
    label: ({ name }: { name: string }) => {
      const found = [...repository.labels.values()].find((each) => each.name.toLowerCase() === name.toLowerCase())
      return found === undefined ? null : context.present(found)
    },
    labels: (bounds: PageArguments, info: never) =>
      connection(bounds, info, {
        items: [...repository.labels.values()],
        key: (label) => label.nodeId,
        view: (label) => context.present(label),
      }),
  }
}

type Asked<Given> = { readonly given: Given; readonly info: never }

type CollaboratorArguments = PageArguments & { readonly query?: string | null; readonly login?: string | null }

/** `query` is a search that finds more than the one; `login` finds exactly one. */
function collaborators(
  context: ViewContext,
  repository: Repository,
  { given, info }: Asked<CollaboratorArguments>,
): Fields {
  requireRead(context, repository, ['metadata'])
  const { query, login } = given
  return connection(given, info, {
    items: peopleWithRole(context, repository)
      .filter((user) => login == null || user.login.toLowerCase() === login.toLowerCase())
      .filter((user) => query == null || matches(user, query)),
    key: (user) => user.nodeId,
    view: (user) => context.present(user),
    edge: (user) => ({
      permission: roleOf(repository, user)?.toUpperCase() ?? 'READ',
      permissionSources: () => grantsOf(repository, user).map((granted) => presentSource(context, granted)),
    }),
  })
}

/** A source knows four levels of access only; its role has a name of its own. */
const presentSource = (context: ViewContext, { source, role, name }: GrantedRole): View => ({
  __typename: 'PermissionSource',
  permission: { read: 'READ', triage: 'READ', write: 'WRITE', maintain: 'WRITE', admin: 'ADMIN' }[role],
  roleName: name,
  source: () => context.present(source),
})

function peopleWithRole({ state }: ViewContext, repository: Repository): User[] {
  const { owner } = repository
  const logins = owner.kind === 'Organization' ? [...owner.members.keys()] : [owner.login]
  if (owner.kind === 'Organization') for (const team of owner.teams.values()) logins.push(...teamMembers(team).keys())
  return [...new Set([...logins, ...repository.collaborators.keys()].map((login) => login.toLowerCase()))]
    .map((login) => findUser(state, login))
    .filter((user) => user !== undefined)
    .filter((user) => user.type === 'User' && roleOf(repository, user) !== null)
    .sort((a, b) => (a.login < b.login ? -1 : 1))
}
