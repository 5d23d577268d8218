/** The root of the GitHub stand-in's state: registers, ids, time and look-ups. Records are in model.ts; changes are made by operations/ only. */
import type { SandboxClock } from '../clock.ts'
import type { DeliveryAttempt, OutgoingEvent } from './delivery-record.ts'
import type {
  Account,
  AppRecord,
  Born,
  CheckRun,
  CheckSuite,
  CommitStatus,
  Deployment,
  DeploymentStatus,
  Installation,
  InstallationToken,
  Issue,
  IssueComment,
  Label,
  Organization,
  PullRequest,
  Reaction,
  Repository,
  Review,
  Team,
  Timestamp,
  User,
} from './model.ts'
import type { RateLimits } from './rate-limit.ts'

/** Everything that has a node id of its own and is kept as a record. */
export type NodeRecord =
  | User
  | Organization
  | Team
  | AppRecord
  | Repository
  | Label
  | Issue
  | PullRequest
  | IssueComment
  | Reaction
  | Review
  | CheckSuite
  | CheckRun
  | CommitStatus
  | Deployment
  | DeploymentStatus

/** Nodes that are only an address inside a repository. */
export type GitNode =
  | { readonly kind: 'Commit' | 'Blob' | 'Tree'; readonly repository: Repository; readonly oid: string }
  | { readonly kind: 'Ref'; readonly repository: Repository; readonly name: string }

/**
 * Read-after-write lag: a list leaves out what was created within the last `requests` requests, within the last
 * `milliseconds` of machine time, and within the last `seconds` of the sandbox's clock. Of those given, whichever passes
 * first shows it. Direct reads by id always show it.
 */
export type Lag = {
  readonly requests?: number
  readonly milliseconds?: number
  readonly seconds?: number
  /** Lists of reviews lag, too. */
  readonly reviews?: boolean
  /** Comparisons do not know a pushed commit for as long (`seconds`), either. */
  readonly commits?: boolean
  /** A commit's list of pull requests does not show for as long (`seconds`) after its merge the one that brought it, either. */
  readonly merges?: boolean
}

export type GitHubState = {
  readonly clock: SandboxClock
  /** Base addresses without a trailing slash: pages, REST (`…/api/v3`), GraphQL, and the storage of artifacts on another port. Set when the servers listen. */
  urls: { readonly web: string; readonly rest: string; readonly graphql: string; readonly storage: string }
  /** The App under test. */
  readonly app: AppRecord
  /** All Apps by slug (CI systems report through Apps of their own). */
  readonly apps: Map<string, AppRecord>
  /** By lower-case login. */
  readonly accounts: Map<string, Account>
  /** By lower-case full name. */
  readonly repositories: Map<string, Repository>
  /** Where a repository went that had this lower-case full name. */
  readonly redirects: Map<string, Repository>
  readonly installations: Map<number, Installation>
  readonly tokens: Map<string, InstallationToken>
  readonly nodes: Map<string, NodeRecord>
  /** Every delivery attempt, oldest first. */
  readonly deliveries: DeliveryAttempt[]
  /** Takes the events that operations emit; the deliverer replaces it. */
  emit: (event: OutgoingEvent) => void
  lag: Lag
  readonly rates: RateLimits
  /** Requests served so far. */
  requestCount: number
  nextId(): number
}

const PREFIX: Readonly<Record<NodeRecord['kind'] | GitNode['kind'], string>> = {
  User: 'U',
  Organization: 'O',
  Team: 'T',
  App: 'A',
  Repository: 'R',
  Label: 'LA',
  Issue: 'I',
  PullRequest: 'PR',
  IssueComment: 'IC',
  Reaction: 'REA',
  PullRequestReview: 'PRR',
  CheckSuite: 'CS',
  CheckRun: 'CR',
  StatusContext: 'SC',
  Deployment: 'DE',
  DeploymentStatus: 'DES',
  Commit: 'C',
  Blob: 'B',
  Tree: 'TR',
  Ref: 'REF',
}

const encode = (text: string): string => Buffer.from(text).toString('base64url')

/** The node id of a record: its prefix and its database id, always the same for the same number. */
const nodeIdOf = (kind: NodeRecord['kind'], id: number): string => `${PREFIX[kind]}_${encode(`k:${id}`)}`

/** The node id of a Git object (`key` = oid) or a ref (`key` = full name) in a repository. */
export const gitNodeId = (kind: GitNode['kind'], repository: Repository, key: string): string =>
  `${PREFIX[kind]}_${encode(`${repository.id}:${key}`)}`

/** Takes the next database id and the node id that belongs to it. */
export function identify<Kind extends NodeRecord['kind']>(
  state: GitHubState,
  kind: Kind,
): { readonly kind: Kind; readonly id: number; readonly nodeId: string } {
  const id = state.nextId()
  return { kind, id, nodeId: nodeIdOf(kind, id) }
}

/** Adds a record to the node register and gives it back. */
export function register<Node extends NodeRecord>(state: GitHubState, node: Node): Node {
  state.nodes.set(node.nodeId, node)
  return node
}

/** The record or Git address behind a node id; undefined when there is none. */
export function findNode(state: GitHubState, nodeId: string): NodeRecord | GitNode | undefined {
  const record = state.nodes.get(nodeId)
  if (record !== undefined) return record
  const separator = nodeId.indexOf('_')
  const prefix = nodeId.slice(0, separator)
  const [repositoryId, key] = splitOnce(Buffer.from(nodeId.slice(separator + 1), 'base64url').toString())
  const repository = [...state.repositories.values()].find(({ id }) => String(id) === repositoryId)
  if (repository === undefined || key === undefined) return undefined
  if (prefix === PREFIX.Ref) return repository.refs.has(key) ? { kind: 'Ref', repository, name: key } : undefined
  const kind = (['Commit', 'Blob', 'Tree'] as const).find((each) => PREFIX[each] === prefix)
  return kind !== undefined && repository.objects.has(key) ? { kind, repository, oid: key } : undefined
}

function splitOnce(text: string): [string, string | undefined] {
  const colon = text.indexOf(':')
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)]
}

/** The sandbox's time now, as GitHub prints it. */
export const timestamp = (state: GitHubState): Timestamp => formatTimestamp(state.clock.now())

/** ISO 8601 with second precision. */
export const formatTimestamp = (instant: Date): Timestamp => `${instant.toISOString().slice(0, 19)}Z`

/** The birth mark that the lag reads. */
export const bornNow = (state: GitHubState): Born => ({
  request: state.requestCount,
  machineMs: performance.now(),
  at: state.clock.now(),
})

/** Whether a list may show the record already (see `Lag`). */
export function isListed(state: GitHubState, { born }: { readonly born: Born }): boolean {
  const { requests, milliseconds, seconds } = state.lag
  const young = [
    ...(requests === undefined ? [] : [state.requestCount - born.request <= requests]),
    ...(milliseconds === undefined ? [] : [performance.now() - born.machineMs < milliseconds]),
    ...(seconds === undefined ? [] : [state.clock.now().getTime() - born.at.getTime() < seconds * 1000]),
  ]
  return young.length === 0 || young.some((each) => !each)
}

/** Whether a list of reviews may show it already. */
export const isReviewListed = (state: GitHubState, review: Review): boolean =>
  state.lag.reviews !== true || isListed(state, review)

/** Whether commits name the pull request already that was merged. */
export function isNamedByCommits(state: GitHubState, { mergedAt }: PullRequest): boolean {
  const { merges, seconds = 0 } = state.lag
  const isNew = mergedAt !== null && Date.parse(mergedAt) > state.clock.now().getTime() - seconds * 1000
  return merges !== true || !isNew
}

/** Whether a comparison knows the commit already. */
export function isComparable(state: GitHubState, { activity }: Repository, oid: string): boolean {
  const { commits, seconds = 0 } = state.lag
  if (commits !== true) return true
  const since = state.clock.now().getTime() - seconds * 1000
  return !activity.some(({ after, timestamp }) => after === oid && Date.parse(timestamp) > since)
}

/** `owner/name` as it was created. */
export const fullName = (repository: Repository): string => `${repository.owner.login}/${repository.name}`

/** The repository by `owner/name`, whatever the case; undefined when there is none. */
export const findRepository = (state: GitHubState, name: string): Repository | undefined =>
  state.repositories.get(name.toLowerCase())

/** The repository that once had this name and has another now; undefined where the name is in use, or never was. */
export const findMoved = (state: GitHubState, name: string): Repository | undefined =>
  findRepository(state, name) === undefined ? state.redirects.get(name.toLowerCase()) : undefined

/** The user (or bot) by login; undefined for organisations and unknown names. */
export function findUser(state: GitHubState, login: string): User | undefined {
  const account = state.accounts.get(login.toLowerCase())
  return account?.kind === 'User' ? account : undefined
}

/** The organisation by login; undefined for users and unknown names. */
export function findOrganization(state: GitHubState, login: string): Organization | undefined {
  const account = state.accounts.get(login.toLowerCase())
  return account?.kind === 'Organization' ? account : undefined
}

/** The App's installation that covers the repository; undefined when the App is not installed there. */
export function installationFor(state: GitHubState, repository: Repository): Installation | undefined {
  return [...state.installations.values()].find((installation) => covers(installation, repository))
}

/** Whether the installation reaches the repository. */
export const covers = (installation: Installation, repository: Repository): boolean =>
  installation.repositorySelection === 'all'
    ? installation.account === repository.owner
    : installation.repositories.has(repository)
