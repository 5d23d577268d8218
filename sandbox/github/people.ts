/** The people's side: makes accounts and repositories, and acts as a person through the same operations as REST and GraphQL. */
import type { OperationContext } from './access.ts'
import { createObjectStore, FILE_MODE, writeBlob, writeCommit, writeFiles } from './git.ts'
import type { AppRecord, Grant, Organization, Repository, RepositorySettings, Team, User } from './model.ts'
import { branchRef } from './pull-request-facts.ts'
import { commitTime, identityOf } from './signatures.ts'
import {
  findMoved,
  findOrganization,
  findRepository,
  findUser,
  type GitHubState,
  identify,
  register,
  timestamp,
} from './state.ts'

/** The context for what a person does. Throws when there is no such user: a story must create its people. */
export function asUser(state: GitHubState, login: string): OperationContext {
  const user = findUser(state, login)
  if (user === undefined) throw new Error(`there is no user ${login} in the stand-in`)
  return { state, actor: { kind: 'user', user } }
}

/** The repository by `owner/name`, or by a name that it had: people, Git and Argo CD are led on as well. Throws when there is none. */
export function repositoryNamed(state: GitHubState, name: string): Repository {
  const repository = findRepository(state, name) ?? findMoved(state, name)
  if (repository === undefined) throw new Error(`there is no repository ${name} in the stand-in`)
  return repository
}

function requireFree(state: GitHubState, login: string): void {
  if (state.accounts.has(login.toLowerCase())) throw new Error(`${login} exists already`)
}

/** Creates a person (or a bot that is no App). */
export function createUser(
  state: GitHubState,
  login: string,
  { type = 'User', name }: { readonly type?: User['type'] | undefined; readonly name?: string | undefined } = {},
): User {
  requireFree(state, login)
  const user: User = register(state, {
    ...identify(state, 'User'),
    login,
    type,
    name: name ?? null,
    createdAt: timestamp(state),
    suspended: null,
  })
  state.accounts.set(login.toLowerCase(), user)
  return user
}

/** Creates an organisation without members. */
export function createOrganization(state: GitHubState, login: string): Organization {
  requireFree(state, login)
  const organization: Organization = register(state, {
    ...identify(state, 'Organization'),
    login,
    name: null,
    createdAt: timestamp(state),
    members: new Map(),
    teams: new Map(),
  })
  state.accounts.set(login.toLowerCase(), organization)
  return organization
}

/** The team by slug; throws when there is none. */
export function teamNamed({ login, teams }: Organization, slug: string): Team {
  const team = teams.get(slug.toLowerCase())
  if (team === undefined) throw new Error(`there is no team ${login}/${slug} in the stand-in`)
  return team
}

/** The organisation by login; throws when there is none. */
export function organizationNamed(state: GitHubState, login: string): Organization {
  const organization = findOrganization(state, login)
  if (organization === undefined) throw new Error(`there is no organisation ${login} in the stand-in`)
  return organization
}

export type TeamInput = {
  readonly members: readonly string[]
  /** Slug of the team that it is a child of: its members are members of that one, too, and have what that one has. */
  readonly parent?: string
  /** Roles by `owner/name`. */
  readonly repositories?: Readonly<Record<string, Grant>>
}

/** Creates a team; its members become members of the organisation. */
export function createTeam(
  state: GitHubState,
  organization: string,
  input: TeamInput & { readonly slug: string },
): Team {
  const owner = organizationNamed(state, organization)
  const logins = input.members.map((login) => asUser(state, login).actor.user.login.toLowerCase())
  for (const login of logins) if (!owner.members.has(login)) owner.members.set(login, 'member')
  const team: Team = register(state, {
    ...identify(state, 'Team'),
    organization: owner,
    slug: input.slug,
    name: input.slug,
    parent: input.parent === undefined ? null : teamNamed(owner, input.parent),
    members: new Map(logins.map((login) => [login, 'member'])),
    repositories: new Map(Object.entries(input.repositories ?? {}).map(([name, role]) => [name.toLowerCase(), role])),
  })
  owner.teams.set(input.slug.toLowerCase(), team)
  return team
}

export type RepositoryInput = {
  readonly private?: boolean
  readonly description?: string
  readonly defaultBranch?: string
  /** Text by path: the first commit. Without any the repository is empty. */
  readonly files?: Readonly<Record<string, string | Buffer>>
  readonly collaborators?: Readonly<Record<string, Grant>>
  readonly settings?: Partial<RepositorySettings>
}

/** Creates `owner/name`, with one commit when files are given. */
export function createRepository(state: GitHubState, name: string, input: RepositoryInput = {}): Repository {
  const [ownerLogin = '', short = ''] = name.split('/')
  const owner = state.accounts.get(ownerLogin.toLowerCase())
  if (owner === undefined || short === '') throw new Error(`there is no account for ${name} in the stand-in`)
  if (findRepository(state, name) !== undefined) throw new Error(`${name} exists already`)
  const repository = addRepository(state, { owner, name: short, parent: null, input })
  for (const [login, role] of Object.entries(input.collaborators ?? {}))
    repository.collaborators.set(asUser(state, login).actor.user.login.toLowerCase(), role)
  if (input.files !== undefined) {
    const author = {
      ...GHOST_IDENTITY,
      ...(owner.kind === 'User' ? identityOf(state, owner) : {}),
      at: commitTime(state),
    }
    const entries = Object.entries(input.files).map(
      ([path, content]) =>
        [path, { mode: FILE_MODE, oid: writeBlob(repository.objects, Buffer.from(content)) }] as const,
    )
    const tree = writeFiles(repository.objects, new Map(entries))
    const commit = { tree, parents: [], author, committer: author, message: 'Initial commit' }
    repository.refs.set(branchRef(repository.defaultBranch), writeCommit(repository.objects, commit))
  }
  return repository
}

const GHOST_IDENTITY = { name: 'GitHub', email: 'noreply@github.com' }

type Added = {
  readonly owner: Repository['owner']
  readonly name: string
  readonly parent: Repository | null
  readonly input: RepositoryInput
}

function addRepository(state: GitHubState, { owner, name, parent, input }: Added): Repository {
  const now = timestamp(state)
  const repository: Repository = register(state, {
    ...identify(state, 'Repository'),
    owner,
    name,
    private: input.private ?? false,
    description: input.description ?? null,
    defaultBranch: input.defaultBranch ?? parent?.defaultBranch ?? 'main',
    parent,
    createdAt: now,
    updatedAt: now,
    pushedAt: now,
    objects: parent?.objects ?? createObjectStore(),
    refs: new Map(),
    collaborators: new Map(),
    labels: new Map(),
    threads: new Map(),
    comments: new Map(),
    checkSuites: new Map(),
    checkRuns: new Map(),
    statuses: [],
    deployments: new Map(),
    environments: new Map(),
    workflowRuns: new Map(),
    activity: [],
    protection: new Map(),
    mergeQueues: new Map(),
    settings: {
      allowMergeCommit: true,
      allowSquashMerge: true,
      allowRebaseMerge: true,
      allowAutoMerge: false,
      deleteBranchOnMerge: false,
      squashMessage: 'COMMIT_MESSAGES',
      ...input.settings,
    },
  })
  state.repositories.set(`${owner.login}/${name}`.toLowerCase(), repository)
  state.redirects.delete(`${owner.login}/${name}`.toLowerCase())
  return repository
}

/** Forks a repository to a person's account, with its branches. */
export function forkRepository(state: GitHubState, name: string, login: string): Repository {
  const parent = repositoryNamed(state, name)
  const fork = addRepository(state, {
    owner: asUser(state, login).actor.user,
    name: parent.name,
    parent,
    input: { private: parent.private },
  })
  for (const [ref, sha] of parent.refs) if (ref.startsWith('refs/heads/')) fork.refs.set(ref, sha)
  return fork
}

/** The App with this slug; a new one, owned by the same account, when there is none (a CI system, for example). */
export function appNamed(state: GitHubState, slug: string): AppRecord {
  const known = state.apps.get(slug)
  if (known !== undefined) return known
  const app = createApp(state, { slug, id: undefined, owner: state.app.owner })
  state.apps.set(slug, app)
  return app
}

export type AppInput = {
  readonly slug: string
  /** Default: the next free number. */
  readonly id: number | undefined
  readonly owner: AppRecord['owner']
  readonly permissions?: AppRecord['permissions']
  readonly events?: readonly string[]
}

/** Creates an App and its bot. */
export function createApp(state: GitHubState, { slug, id, owner, permissions = {}, events = [] }: AppInput): AppRecord {
  const identity = identify(state, 'App')
  const app: AppRecord = register(state, {
    ...identity,
    id: id ?? identity.id,
    slug,
    name: slug,
    clientId: `Iv23li${String(id ?? identity.id).padStart(14, '0')}`,
    owner,
    bot: createUser(state, `${slug}[bot]`, { type: 'Bot' }),
    permissions,
    events,
    createdAt: timestamp(state),
  })
  return app
}
