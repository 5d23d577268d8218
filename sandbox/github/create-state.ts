/** Makes an empty state with the App under test in it. Everything after that is done by people.ts and operations/. */
import type { SandboxClock } from '../clock.ts'
import type { AppRecord, Permissions } from './model.ts'
import { createApp, createOrganization } from './people.ts'
import { createRates } from './rate-limit.ts'
import type { GitHubState, Lag } from './state.ts'

export type AppSetting = {
  readonly id: number
  readonly slug: string
  /** PEM of the key pair whose private half the bot holds. */
  readonly publicKey: string
  /** What an installation grants unless it says otherwise. */
  readonly permissions?: Permissions
  readonly events?: readonly string[]
}

const PERMISSIONS: Permissions = {
  actions: 'read',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  issues: 'read',
  members: 'read',
  merge_queues: 'read',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'read',
}

const EVENTS: readonly string[] = [
  'check_run',
  'check_suite',
  'deployment',
  'deployment_status',
  'issue_comment',
  'merge_group',
  'pull_request',
  'pull_request_review',
  'push',
  'status',
]

const FIRST_ID = 1000
/** The account that owns the Apps of the stand-in. */
const APP_OWNER = 'app-owners'

/** The state of a GitHub on which nobody has done anything yet. */
export function createState(clock: SandboxClock, app: AppSetting, lag: Lag = {}): GitHubState {
  let lastId = FIRST_ID
  const empty: Omit<GitHubState, 'app'> = {
    clock,
    urls: {
      web: 'http://127.0.0.1',
      rest: 'http://127.0.0.1/api/v3',
      graphql: 'http://127.0.0.1/api/graphql',
      storage: 'http://127.0.0.1',
    },
    apps: new Map(),
    accounts: new Map(),
    repositories: new Map(),
    redirects: new Map(),
    installations: new Map(),
    tokens: new Map(),
    nodes: new Map(),
    deliveries: [],
    emit: () => {},
    lag,
    rates: createRates(clock),
    requestCount: 0,
    nextId: () => {
      lastId += 1
      return lastId
    },
  }
  // The App is part of the state and needs a state to be made in.
  const state = empty as GitHubState
  const record: AppRecord = createApp(state, {
    id: app.id,
    slug: app.slug,
    owner: createOrganization(state, APP_OWNER),
    permissions: app.permissions ?? PERMISSIONS,
    events: app.events ?? EVENTS,
  })
  state.apps.set(app.slug, record)
  return Object.assign(state, { app: record })
}
