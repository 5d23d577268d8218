/** Webhook payloads: each function says what happened, to the App's hook, where the App is installed and subscribed. Operations call them; webhooks.ts delivers. */
import type { Account, AppRecord, Installation, Repository } from './model.ts'
import { type Json, simpleOrganization, simpleUser } from './serialise/accounts.ts'
import {
  installationRepositories,
  installation as serialiseInstallation,
  repository as serialiseRepository,
} from './serialise/repository.ts'
import { fullName, type GitHubState, installationFor } from './state.ts'

export type RepositoryEvent = {
  readonly event: string
  readonly action?: string
  readonly repository: Repository
  readonly sender: Account
  /** What the event has besides action, repository, organisation, installation and sender. */
  readonly body: Json
  /** Send only when this App is the one under test (clicks on another App's check run are that App's). */
  readonly onlyFor?: AppRecord
}

/** Emits an event about a repository, unless the App is not installed there or not subscribed. */
export function emitRepositoryEvent(state: GitHubState, given: RepositoryEvent): void {
  const { event, action, repository, sender, body } = given
  const installation = installationFor(state, repository)
  if (installation === undefined || !installation.events.includes(event)) return
  // Nothing else that the App hears needs a right that it would not need anyway.
  if (event === 'merge_group' && installation.permissions['merge_queues'] === undefined) return
  if (given.onlyFor !== undefined && given.onlyFor !== state.app) return
  const { owner } = repository
  state.emit({
    event,
    action: action ?? null,
    installationId: installation.id,
    repositoryId: repository.id,
    payload: {
      ...(action === undefined ? {} : { action }),
      ...body,
      repository: serialiseRepository(state, repository),
      ...(owner.kind === 'Organization' ? { organization: simpleOrganization(state, owner) } : {}),
      sender: simpleUser(state, sender),
      installation: {
        id: installation.id,
        node_id: Buffer.from(`Integration:Installation${installation.id}`).toString('base64'),
      },
      ...('repository' in body ? { repository: body['repository'] } : {}),
    },
  })
}

/** Emits `installation.created`, which Apps get without subscribing. */
export function emitInstallationCreated(state: GitHubState, installation: Installation, sender: Account): void {
  const repositories = installationRepositories(state, installation).map((each) => ({
    id: each.id,
    node_id: each.nodeId,
    name: each.name,
    full_name: fullName(each),
    private: each.private,
  }))
  state.emit({
    event: 'installation',
    action: 'created',
    installationId: installation.id,
    repositoryId: null,
    payload: {
      action: 'created',
      installation: serialiseInstallation(state, installation),
      repositories,
      requester: null,
      sender: simpleUser(state, sender),
    },
  })
}

/** Emits `ping`, as GitHub does when a hook is set. */
export function emitPing(state: GitHubState, hook: { readonly id: number; readonly url: string }): void {
  state.emit({
    event: 'ping',
    action: null,
    installationId: null,
    repositoryId: null,
    payload: {
      zen: 'Keep it logically awesome.',
      hook_id: hook.id,
      hook: {
        type: 'App',
        id: hook.id,
        name: 'web',
        active: true,
        events: state.app.events,
        app_id: state.app.id,
        config: { content_type: 'json', insecure_ssl: '0', secret: '********', url: hook.url },
        updated_at: state.app.createdAt,
        created_at: state.app.createdAt,
        deliveries_url: `${state.urls.rest}/app/hook/deliveries`,
      },
    },
  })
}
