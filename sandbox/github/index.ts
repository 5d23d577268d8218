/** The GitHub stand-in: starts it, and gives people, readers and observers their handles. How it differs from GitHub is in ../README.md. */
import type { SandboxClock } from '../clock.ts'
import { listen } from '../http.ts'
import { type ActingSide, createActingSide } from './acting.ts'
import { createContract } from './contract/index.ts'
import { type AppSetting, createState } from './create-state.ts'
import type { DeliveryAttempt } from './delivery-record.ts'
import { emitPing } from './events.ts'
import { createFaults, type Fault, type FaultMatcher } from './faults.ts'
import { createGraphqlExecutor } from './graphql/execute.ts'
import type { Account, Grant, Permissions, User } from './model.ts'
import { installApp } from './operations/installations.ts'
import { requestRedelivery } from './operations/redeliver.ts'
import {
  createOrganization,
  createRepository,
  createTeam,
  createUser,
  forkRepository,
  type RepositoryInput,
  repositoryNamed,
  type TeamInput,
} from './people.ts'
import type { Pages } from './ports.ts'
import { RATE_LIMIT, rateWindow } from './rate-limit.ts'
import { createReadingSide, type ReadingSide } from './reading-side.ts'
import { createHandler, type RequestRecord } from './server.ts'
import { findUser, fullName, type GitHubState, type Lag } from './state.ts'
import { createStorageHandler } from './storage.ts'
import { createDeliverer, type DeliveryModifier } from './webhooks.ts'

export type GitHubSetting = {
  readonly clock: SandboxClock
  readonly app: AppSetting
  /** Read-after-write lag; none by default. Also makes the first read of a moved pull request say "mergeable: unknown". */
  readonly lag?: Lag
  /** What answers outside `/api/`; without it every page is 404. */
  readonly pages?: Pages
  /** Default: any free one. */
  readonly port?: number
}

/** Creating the world. `owner/name` names a repository, a login names a person. */
type PeopleSide = {
  createUser(login: string, options?: { readonly type?: User['type']; readonly name?: string }): void
  createOrganization(login: string, options?: { readonly members?: Readonly<Record<string, 'admin' | 'member'>> }): void
  createTeam(organization: string, slug: string, team: TeamInput): void
  createRepository(name: string, input?: RepositoryInput): void
  forkRepository(name: string, login: string): string
  setCollaborator(name: string, login: string, grant: Grant | null): void
  /** Installs the App on an account; gives the installation's id. `repositories` are short or full names, or `all`. */
  installApp(
    account: string,
    options: {
      readonly repositories: readonly string[] | 'all'
      readonly permissions?: Permissions
      readonly events?: readonly string[]
      readonly by?: string
    },
  ): number
  /** Sets where webhooks go (and emits `ping`), or stops them. */
  setWebhook(hook: { readonly url: string; readonly secret: string } | undefined): void
}

/** Watching and disturbing what passes between the bot and GitHub. */
type ObservingSide = {
  /** Every API request, oldest first. */
  readonly requests: readonly RequestRecord[]
  /** Contract violations, unknown routes and faults of the stand-in itself: tests assert that there are none. */
  readonly violations: readonly string[]
  /** Every delivery attempt, oldest first. */
  readonly deliveries: readonly DeliveryAttempt[]
  /** Delivers again under the same GUID. Throws for unknown ones. */
  redeliver(guid: string): void
  /** Orders a fault for the next requests that match. */
  fail(matcher: FaultMatcher, fault: Fault): void
  clearFaults(): void
  /** Decides about each new delivery; undefined delivers all in order. */
  onDelivery(modifier: DeliveryModifier | undefined): void
  /** Resolves when no delivery is waiting or in flight. */
  delivered(): Promise<void>
  setLag(lag: Lag): void
  /** GitHub's limits hold from now on, and answers tell of them; `left`: what the installation has left of this hour, REST and GraphQL alike. */
  enforceLimits(installation: number, left?: number): void
}

export type GitHubSandbox = PeopleSide &
  ActingSide &
  ReadingSide &
  ObservingSide & {
    readonly url: string
    /** `127.0.0.1:PORT`, for `GHE_HOST`. */
    readonly host: string
    readonly state: GitHubState
    close(): Promise<void>
  }

const HOOK_ID = 1

/** Starts the stand-in on a loopback port. */
export async function startGitHub(setting: GitHubSetting): Promise<GitHubSandbox> {
  const state = createState(setting.clock, setting.app, setting.lag)
  const contract = createContract()
  const faults = createFaults()
  const requests: RequestRecord[] = []
  const violations: string[] = []
  const report = (violation: string) => void violations.push(violation)
  const deliverer = createDeliverer(state, contract, report)
  const handler = createHandler({
    state,
    publicKey: setting.app.publicKey,
    contract,
    graphql: createGraphqlExecutor({ schema: contract.schema, report }),
    pages: setting.pages,
    faults,
    requests,
    report,
  })
  const server = await listen(handler, setting.port)
  const storage = await listen(createStorageHandler(state, report))
  state.urls = {
    web: server.url,
    rest: `${server.url}/api/v3`,
    graphql: `${server.url}/api/graphql`,
    storage: storage.url,
  }
  return {
    url: server.url,
    host: `127.0.0.1:${server.port}`,
    state,
    ...createPeopleSide(state, (hook) => {
      deliverer.setHook(hook && { id: HOOK_ID, ...hook })
      if (hook !== undefined) emitPing(state, { id: HOOK_ID, url: hook.url })
    }),
    ...createActingSide(state),
    ...createReadingSide(state),
    requests,
    violations,
    deliveries: state.deliveries,
    redeliver: (guid) => redeliver(state, guid),
    fail: faults.add,
    clearFaults: faults.clear,
    onDelivery: deliverer.setModifier,
    delivered: deliverer.delivered,
    setLag: (lag) => {
      state.lag = lag
    },
    enforceLimits: (installation, left = RATE_LIMIT) => {
      state.rates.enforced = true
      for (const resource of ['core', 'graphql'] as const)
        rateWindow(state.rates, String(installation), resource).used = RATE_LIMIT - left
    },
    close: async () => {
      deliverer.close()
      await Promise.all([server.close(), storage.close()])
    },
  }
}

function redeliver(state: GitHubState, guid: string): void {
  const attempt = state.deliveries.find((each) => each.guid === guid)
  if (attempt === undefined) throw new Error(`there is no delivery ${guid}`)
  requestRedelivery(state, attempt)
}

function createPeopleSide(state: GitHubState, setWebhook: PeopleSide['setWebhook']): PeopleSide {
  const account = (login: string): Account => {
    const found = state.accounts.get(login.toLowerCase())
    if (found === undefined) throw new Error(`there is no account ${login} in the stand-in`)
    return found
  }
  return {
    createUser: (login, { type, name } = {}) => void createUser(state, login, { type, name }),
    createOrganization: (login, { members = {} } = {}) => {
      const organization = createOrganization(state, login)
      for (const [member, role] of Object.entries(members)) organization.members.set(member.toLowerCase(), role)
    },
    createTeam: (organization, slug, team) => void createTeam(state, organization, { ...team, slug }),
    createRepository: (name, input) => void createRepository(state, name, input),
    forkRepository: (name, login) => fullName(forkRepository(state, name, login)),
    setCollaborator: (name, login, grant) => {
      const { collaborators } = repositoryNamed(state, name)
      if (grant === null) collaborators.delete(login.toLowerCase())
      else collaborators.set(login.toLowerCase(), grant)
    },
    installApp: (login, { repositories, permissions, events, by }) => {
      const owner = account(login)
      const named = (name: string) => repositoryNamed(state, name.includes('/') ? name : `${login}/${name}`)
      const reached = repositories === 'all' ? repositories : repositories.map(named)
      const sender = (by === undefined ? undefined : findUser(state, by)) ?? owner
      return installApp(state, owner, { repositories: reached, permissions, events, by: sender }).id
    },
    setWebhook,
  }
}
