/** A small state of the stand-in for the tests of this folder: acme/models with one pull request, asked by a person or by the App. */
import { createClock } from '../../clock.ts'
import type { Actor } from '../access.ts'
import { createContract } from '../contract/index.ts'
import { createObjectStore, writeBlob, writeCommit, writeFiles } from '../git.ts'
import type {
  AppRecord,
  Installation,
  Organization,
  Permissions,
  PullRequest,
  Repository,
  Team,
  Timestamp,
  User,
} from '../model.ts'
import { createRates } from '../rate-limit.ts'
import { bornNow, type GitHubState, identify, register } from '../state.ts'
import { createGraphqlExecutor } from './execute.ts'

const NOW: Timestamp = '2026-01-05T10:00:00Z'
const SIGNED_AT = 1_767_607_200

export type Answer = {
  readonly data?: unknown
  readonly errors?: readonly { readonly type?: string; readonly message: string }[]
}

/** Asks as `ann` (admin), or as the App when permissions are given. */
type Ask = (query: string, given?: { variables?: Record<string, unknown>; as?: Permissions }) => Promise<Answer>

export type ExampleWorld = {
  readonly state: GitHubState
  readonly repository: Repository
  readonly pullRequest: PullRequest
  readonly users: { readonly ann: User; readonly bob: User; readonly bot: User }
  /** Writes a commit with these files (and no others). */
  readonly commit: (
    files: Readonly<Record<string, string | Buffer>>,
    message: string,
    parents: readonly string[],
  ) => string
  readonly first: string
  readonly second: string
  readonly ask: Ask
  /** What was reported as not GitHub's behaviour. */
  readonly violations: string[]
}

/** A new world: `main` at `first`, the branch `feature/x` at `second`, pull request 1 from the one to the other. */
export function createExampleWorld(): ExampleWorld {
  const state = emptyState()
  const ann = addUser(state, 'ann', 'Ann Example')
  const bob = addUser(state, 'bob', null)
  const bot = addUser(state, 'lockkeeper[bot]', null)
  const acme = addOrganization(state, [ann, bob])
  const repository = addRepository(state, acme)
  const commit: ExampleWorld['commit'] = (files, message, parents) => {
    const person = {
      name: 'Ann Example',
      email: `${ann.id}+ann@users.noreply.github.test`,
      at: SIGNED_AT + parents.length,
    }
    const entries = Object.entries(files).map(
      ([path, data]) => [path, { mode: '100644', oid: writeBlob(repository.objects, Buffer.from(data)) }] as const,
    )
    const tree = writeFiles(repository.objects, new Map(entries))
    return writeCommit(repository.objects, { tree, parents, author: person, committer: person, message })
  }
  const first = commit(
    { 'README.md': 'models\n', 'conf/prod.yml': 'image: a\n', 'weights.bin': Buffer.from([0, 1]) },
    'first',
    [],
  )
  const second = commit({ 'README.md': 'models\n', 'conf/prod.yml': 'image: b\n', 'new.md': 'n\n' }, 'second\n\nwhy', [
    first,
  ])
  repository.refs.set('refs/heads/main', first).set('refs/heads/feature/x', second)
  const pullRequest = addPullRequest(state, repository, { author: ann, head: second, base: first })
  const app = addApp(state, acme, bot)
  const violations: string[] = []
  const execute = createGraphqlExecutor({ schema: createContract().schema, report: (each) => violations.push(each) })
  const ask: Ask = async (query, { variables = {}, as } = {}) => {
    const actor: Actor =
      as === undefined ? { kind: 'user', user: ann } : installationActor({ app, acme, repository, permissions: as })
    const { body } = await execute({ context: { state, actor }, query, variables, operationName: undefined })
    return JSON.parse(JSON.stringify(body)) as Answer
  }
  return { state, repository, pullRequest, users: { ann, bob, bot }, commit, first, second, ask, violations }
}

function emptyState(): GitHubState {
  let id = 1000
  const web = 'http://github.test'
  const clock = createClock(new Date(NOW))
  return {
    clock,
    urls: { web, rest: `${web}/api/v3`, graphql: `${web}/api/graphql`, storage: web },
    apps: new Map(),
    accounts: new Map(),
    repositories: new Map(),
    redirects: new Map(),
    installations: new Map(),
    tokens: new Map(),
    nodes: new Map(),
    deliveries: [],
    emit: () => {},
    lag: {},
    rates: createRates(clock),
    requestCount: 0,
    nextId: () => {
      id += 1
      return id
    },
    // No test of this folder asks for the App itself.
  } as Partial<GitHubState> as GitHubState
}

function addUser(state: GitHubState, login: string, name: string | null): User {
  const type = login.endsWith('[bot]') ? 'Bot' : 'User'
  const user: User = register(state, { ...identify(state, 'User'), login, type, name, createdAt: NOW, suspended: null })
  state.accounts.set(login, user)
  return user
}

function addOrganization(state: GitHubState, [owner, member]: readonly [User, User]): Organization {
  const acme: Organization = register(state, {
    ...identify(state, 'Organization'),
    login: 'acme',
    name: 'Acme',
    createdAt: NOW,
    members: new Map([
      [owner.login, 'admin' as const],
      [member.login, 'member' as const],
    ]),
    teams: new Map<string, Team>(),
  })
  const members = new Map([[member.login, 'member' as const]])
  const team = { ...identify(state, 'Team'), organization: acme, slug: 'release', name: 'Release', members }
  acme.teams.set('release', register(state, { ...team, parent: null, repositories: new Map() }))
  state.accounts.set('acme', acme)
  return acme
}

function addRepository(state: GitHubState, owner: Organization): Repository {
  const repository: Repository = register(state, {
    ...identify(state, 'Repository'),
    owner,
    name: 'models',
    private: true,
    description: null,
    defaultBranch: 'main',
    parent: null,
    createdAt: NOW,
    updatedAt: NOW,
    pushedAt: NOW,
    objects: createObjectStore(),
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
      allowRebaseMerge: false,
      allowAutoMerge: false,
      deleteBranchOnMerge: false,
      squashMessage: 'COMMIT_MESSAGES',
    },
  })
  state.repositories.set('acme/models', repository)
  return repository
}

function addPullRequest(
  state: GitHubState,
  repository: Repository,
  { author, head, base }: { readonly author: User; readonly head: string; readonly base: string },
): PullRequest {
  const pullRequest: PullRequest = register(state, {
    ...identify(state, 'PullRequest'),
    issueId: state.nextId(),
    repository,
    number: 1,
    title: 'Use b',
    body: null,
    author,
    viaApp: null,
    state: 'open',
    locked: false,
    labels: [],
    comments: [],
    reactions: [],
    createdAt: NOW,
    updatedAt: NOW,
    lastEditedAt: null,
    closedAt: null,
    closedBy: null,
    born: bornNow(state),
    draft: false,
    head: { repository, ref: 'feature/x', sha: head },
    base: { ref: 'main', sha: base },
    reviews: [],
    requestedReviewers: [],
    conversations: [],
    dequeued: null,
    maintainerCanModify: false,
    merged: false,
    mergedAt: null,
    mergedBy: null,
    mergeCommitSha: null,
    testMerge: null,
    testMergeAsked: null,
    autoMerge: null,
  })
  repository.threads.set(1, pullRequest)
  return pullRequest
}

function addApp(state: GitHubState, owner: Organization, bot: User): AppRecord {
  const slug = bot.login.replace('[bot]', '')
  const app = { ...identify(state, 'App'), slug, name: slug, clientId: 'Iv1', owner, bot, permissions: {}, events: [] }
  return register(state, { ...app, createdAt: NOW })
}

type Installed = {
  readonly app: AppRecord
  readonly acme: Organization
  readonly repository: Repository
  readonly permissions: Permissions
}

function installationActor({ app, acme, repository, permissions }: Installed): Actor {
  const installation: Installation = {
    kind: 'Installation',
    id: 1,
    nodeId: 'I_1',
    app,
    account: acme,
    repositorySelection: 'selected',
    repositories: new Set([repository]),
    permissions,
    events: [],
    createdAt: NOW,
    updatedAt: NOW,
  }
  const token = { token: 'ghs_x', installation, repositories: null, permissions, expiresAtMs: Number.POSITIVE_INFINITY }
  return { kind: 'installation', user: app.bot, app, token }
}
