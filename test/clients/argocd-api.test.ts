/** Applications by the API of Argo CD: what is asked, and what is told when it says no. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createArgoCdServers } from '../../src/clients/argocd-api.ts'
import { examineArgoCdApi } from '../../src/clients/argocd-examination.ts'
import { createLog } from '../../src/log.ts'

const HOST = 'https://argocd.example.com'
const TOKEN = 'eyJ-C4N4RY'
const AT = { server: 'main', namespace: 'argocd', name: 'churn-prod' }
const SHA = 'f'.repeat(40)

const server = { url: `${HOST}/argo`, token: TOKEN }
const client = () =>
  createArgoCdServers({
    servers: new Map([['main', server]]),
    log: createLog('silent'),
    timeoutMs: 1000,
  })

it('doctor says which file of certificates it cannot read', async () => {
  const examined = { name: 'main', server: { ...server, caFile: '/nowhere/ca.pem' }, grants: [] }
  await expect(examineArgoCdApi(examined)).rejects.toThrow('its ca_file /nowhere/ca.pem cannot be read')
})

const application = (version = '7') => ({
  metadata: { name: 'churn-prod', namespace: 'argocd', resourceVersion: version },
  spec: { source: { repoURL: 'https://github.com/acme/ml-config', path: 'environments/prod' }, syncPolicy: {} },
  status: { sync: { status: 'Synced', revision: SHA }, health: { status: 'Healthy' } },
})

const api = () => nock(HOST, { reqheaders: { authorization: `Bearer ${TOKEN}` } })
const GET = '/argo/api/v1/applications/churn-prod?appNamespace=argocd'

beforeEach(() => nock.disableNetConnect())
afterEach(() => {
  nock.cleanAll()
  nock.enableNetConnect()
})

describe('an Application', () => {
  it('is what the cluster would show of it', async () => {
    api().get(GET).reply(200, application())
    expect(await client().read(AT)).toMatchObject({
      kind: 'found',
      object: { name: 'churn-prod', syncStatus: 'Synced', syncRevisions: [SHA], health: 'Healthy', automated: false },
    })
  })

  it.each([
    [
      401,
      { error: 'invalid session: token is expired', code: 16, message: 'invalid session: token is expired' },
      'Argo CD (main) does not accept the token of `argocd_servers.main`: invalid session: token is expired',
    ],
    [
      403,
      { error: 'permission denied', code: 7, message: 'permission denied' },
      'Argo CD (main) refuses to get the Application argocd/churn-prod: it does not exist, or the account lacks `applications, get, <project>/churn-prod`',
    ],
    [
      302,
      '<a href="https://dex">Found</a>',
      'Argo CD (main) redirects: is `url` the address of the API, with https and its root path?',
    ],
    [503, '<html>upstream', 'Argo CD (main) answered 503'],
    [200, '<html>a login page', 'Argo CD (main) answered 200'],
  ])('that is answered with %i', async (status, body, reason) => {
    api().get(GET).reply(status, body)
    const read = await client().read(AT)
    expect(read).toEqual({ kind: 'refused', reason })
    expect(JSON.stringify(read)).not.toContain(TOKEN)
  })

  it('of another namespace carries it in the rule that is missing', async () => {
    api().get('/argo/api/v1/applications/churn?appNamespace=team-a').reply(403, { message: 'permission denied' })
    expect(await client().read({ ...AT, namespace: 'team-a', name: 'churn' })).toMatchObject({
      reason: expect.stringContaining('`applications, get, <project>/team-a/churn`'),
    })
  })

  it('of a server that is away, or not in the policy', async () => {
    api()
      .get(GET)
      .times(2)
      .replyWithError(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
    expect(await client().read(AT)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('does not answer'),
    })
    expect(await client().read({ ...AT, server: 'other' })).toEqual({
      kind: 'refused',
      reason: "the operator's policy (LOCKKEEPER_POLICY) names no Argo CD server other",
    })
  })
})

describe('what it is asked for', () => {
  const operation = {
    initiatedBy: { username: 'lockkeeper' },
    info: [{ name: 'Reason', value: 'churn v12' }],
    retry: { limit: 5 },
    sync: { revision: SHA, prune: true, syncOptions: ['CreateNamespace=true'], syncStrategy: { hook: {} } },
  }

  it('a sync, in the words of the API', async () => {
    let sent: unknown
    api()
      .post('/argo/api/v1/applications/churn-prod/sync', (body) => {
        sent = body
        return true
      })
      .reply(200, application())
    expect(await client().sync(AT, operation)).toBeUndefined()
    expect(sent).toEqual({
      name: 'churn-prod',
      appNamespace: 'argocd',
      revision: SHA,
      prune: true,
      strategy: { hook: {} },
      syncOptions: { items: ['CreateNamespace=true'] },
      retryStrategy: { limit: 5 },
      infos: [{ name: 'Reason', value: 'churn v12' }],
    })
  })

  it.each([
    [403, 'permission denied', /lacks `applications, sync, <project>\/churn-prod`/],
    [403, 'cannot sync: blocked by sync window', /refuses the sync: cannot sync: blocked by sync window/],
    [400, 'another operation is already in progress', /answered 400: another operation is already in progress/],
  ])('a sync that is refused with %i: %s', async (status, message, said) => {
    api().post('/argo/api/v1/applications/churn-prod/sync').reply(status, { message })
    expect(await client().sync(AT, operation)).toMatch(said)
  })

  it('a refresh, which goes on when it takes longer than anybody waits', async () => {
    nock.enableNetConnect('127.0.0.1')
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const slow = createArgoCdServers({
      servers: new Map([['main', { url: `http://127.0.0.1:${port}`, token: TOKEN }]]),
      log: createLog('silent'),
      timeoutMs: 100,
    })
    expect(await slow.refresh(AT)).toBeUndefined()
    expect(await slow.read(AT)).toMatchObject({ reason: 'Argo CD (main) does not answer (no answer in time)' })
    silent.closeAllConnections()
    silent.close()
    api().get(`${GET}&refresh=normal`).reply(403, { message: 'permission denied' })
    expect(await client().refresh(AT)).toMatch(/lacks `applications, get/)
  })
})

describe('doctor', () => {
  const grants = [{ namespace: 'argocd', applications: ['churn-*'], sync: true }]

  it('says as whom it is signed in, and what shows only at a rollout', async () => {
    api().get('/argo/api/v1/session/userinfo').times(2).reply(200, { loggedIn: true, username: 'lockkeeper' })
    api().get('/argo/api/v1/account/can-i/applications/get/*/churn-*').times(2).reply(200, { value: 'yes' })
    api().get('/argo/api/v1/account/can-i/applications/sync/*/churn-*').reply(200, { value: 'yes' })
    expect(await examineArgoCdApi({ name: 'main', server, grants })).toBe('signed in as lockkeeper')
    api().get('/argo/api/v1/account/can-i/applications/sync/*/churn-*').reply(200, { value: 'no' })
    expect(await examineArgoCdApi({ name: 'main', server, grants })).toBe(
      'signed in as lockkeeper; whether it may sync churn-* shows at the first rollout (`p, lockkeeper, applications, sync, <project>/churn-*, allow`)',
    )
  })

  it('names the cause and the remedy when the token is not taken', async () => {
    api().get('/argo/api/v1/session/userinfo').reply(200, { loggedIn: false })
    await expect(examineArgoCdApi({ name: 'main', server, grants })).rejects.toMatchObject({
      message: 'it does not accept the token',
      hint: expect.stringContaining('argocd account generate-token'),
    })
  })
})
