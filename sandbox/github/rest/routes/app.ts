/** `/app…`, installations and their tokens, the hook's delivery log. Authenticated by the App's JSON web token. */

import { tokenCovers } from '../../access.ts'
import { GitHubFailure, notFound } from '../../failure.ts'
import type { Installation, Permissions } from '../../model.ts'
import { requestRedelivery } from '../../operations/redeliver.ts'
import { createInstallationToken, revokeToken } from '../../operations/tokens.ts'
import { printRate, rateWindow } from '../../rate-limit.ts'
import { integration, type Json } from '../../serialise/accounts.ts'
import { delivery, deliveryItem } from '../../serialise/deliveries.ts'
import { installation, installationRepositories, repository } from '../../serialise/repository.ts'
import { findRepository, formatTimestamp, installationFor } from '../../state.ts'
import { fields, integer, object, texts } from '../body.ts'
import {
  type AppCall,
  created,
  del,
  get,
  idParam,
  list,
  noContent,
  ok,
  pageOf,
  param,
  type Reply,
  type Route,
} from '../call.ts'

const app = (method: string, path: string, handle: (call: AppCall) => Reply): Route => ({
  method,
  path,
  access: 'app',
  handle,
})

export const appRoutes: readonly Route[] = [
  app('GET', '/app', ({ state }) =>
    ok({ ...integration(state, state.app), installations_count: state.installations.size }),
  ),
  app('GET', '/app/installations', (call) =>
    list(call, [...call.state.installations.values()], (each) => installation(call.state, each)),
  ),
  app('GET', '/app/installations/{id}', (call) => ok(installation(call.state, findInstallation(call)))),
  app('POST', '/app/installations/{id}/access_tokens', (call) => createToken(call)),
  app('GET', '/repos/{owner}/{repo}/installation', (call) => {
    const found = findRepository(call.state, `${param(call, 'owner')}/${param(call, 'repo')}`)
    return printInstallation(call, found && installationFor(call.state, found))
  }),
  app('GET', '/orgs/{org}/installation', (call) =>
    printInstallation(call, ofAccount(call, param(call, 'org'), 'Organization')),
  ),
  app('GET', '/users/{username}/installation', (call) =>
    printInstallation(call, ofAccount(call, param(call, 'username'))),
  ),
  app('GET', '/app/hook/deliveries', listDeliveries),
  app('GET', '/app/hook/deliveries/{id}', (call) => ok(delivery(findDelivery(call)))),
  app('POST', '/app/hook/deliveries/{id}/attempts', (call) => {
    requestRedelivery(call.state, findDelivery(call))
    return { status: 202, body: {} }
  }),
  get('/installation/repositories', (call) => {
    const { actor } = call.context
    if (actor.kind !== 'installation') throw new GitHubFailure(403, 'Resource not accessible by integration')
    const { installation: of } = actor.token
    const reached = installationRepositories(call.state, of).filter((each) => tokenCovers(actor.token, each))
    const { items, headers } = pageOf(call, reached)
    const body = {
      total_count: reached.length,
      repository_selection: of.repositorySelection,
      repositories: items.map((each) => repository(call.state, each)),
    }
    return { status: 200, body, headers }
  }),
  del('/installation/token', ({ state, context }) => {
    revokeToken(state, context.actor)
    return noContent()
  }),
  get('/rate_limit', ({ state, context: { actor } }) => {
    const caller = actor.kind === 'installation' ? String(actor.token.installation.id) : actor.user.login
    const core = printRate(rateWindow(state.rates, caller, 'core'), 'core')
    const graphql = printRate(rateWindow(state.rates, caller, 'graphql'), 'graphql')
    return ok({ resources: { core, graphql, search: { ...core, resource: 'search' } }, rate: core })
  }),
  {
    method: 'GET',
    path: '/meta',
    access: 'anyone',
    handle: () => ok({ verifiable_password_authentication: true, installed_version: '3.19.0' }),
  },
]

function findInstallation(call: AppCall): Installation {
  const found = call.state.installations.get(idParam(call, 'id'))
  if (found === undefined) throw notFound()
  return found
}

function printInstallation({ state }: AppCall, found: Installation | undefined): Reply {
  if (found === undefined) throw notFound()
  return ok(installation(state, found))
}

const ofAccount = ({ state }: AppCall, login: string, kind?: 'Organization'): Installation | undefined =>
  [...state.installations.values()].find(
    ({ account }) =>
      account.login.toLowerCase() === login.toLowerCase() && (kind === undefined || account.kind === kind),
  )

function createToken(call: AppCall): Reply {
  const body = fields(call.body)
  const owner = findInstallation(call)
  const ids =
    body['repository_ids'] === undefined
      ? undefined
      : (body['repository_ids'] as unknown[]).map((id) => integer({ id }, 'id') ?? 0)
  const token = createInstallationToken(call.state, owner, {
    names: texts(body, 'repositories'),
    ids,
    permissions: object(body, 'permissions') as Permissions | undefined,
  })
  const answer: Json = {
    token: token.token,
    expires_at: formatTimestamp(new Date(token.expiresAtMs)),
    permissions: token.permissions,
    repository_selection: token.repositories === null ? owner.repositorySelection : 'selected',
    ...(token.repositories === null
      ? {}
      : { repositories: [...token.repositories].map((each) => repository(call.state, each)) }),
  }
  return created(answer)
}

function findDelivery(call: AppCall) {
  const id = idParam(call, 'id')
  const found = call.state.deliveries.find((each) => each.id === id)
  if (found === undefined) throw notFound()
  return found
}

/** Newest first. The cursor is the id to go on with. */
function listDeliveries(call: AppCall): Reply {
  const { query, url, state } = call
  const size = Math.min(Number(query.get('per_page') ?? 30), 100)
  const cursor = query.get('cursor')
  const wanted = query.get('status')
  const newestFirst = [...state.deliveries]
    .sort((a, b) => b.id - a.id)
    .filter(
      ({ id, statusCode, redelivery }) =>
        (cursor === null || id <= Number(cursor)) &&
        (wanted === null || (wanted === 'success') === (statusCode >= 200 && statusCode < 400)) &&
        (query.get('redelivery') === null || String(redelivery) === query.get('redelivery')),
    )
  const next = newestFirst[size]
  const following = new URLSearchParams(query)
  if (next !== undefined) following.set('cursor', String(next.id))
  return {
    status: 200,
    body: newestFirst.slice(0, size).map(deliveryItem),
    ...(next === undefined ? {} : { headers: { link: `<${url}?${following}>; rel="next"` } }),
  }
}
