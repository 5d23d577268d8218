/** Changes of Applications that the API of Argo CD tells, over its stand-in. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createClock } from '../../sandbox/clock.ts'
import { type ArgoCdApi, startArgoCdApi } from '../../sandbox/systems/argocd-api.ts'
import { APPLICATIONS } from '../../sandbox/systems/kubernetes-objects.ts'
import { createStore, type KubernetesStore } from '../../sandbox/systems/kubernetes-store.ts'
import { createArgoCdServers } from '../../src/clients/argocd-api.ts'
import { createLog } from '../../src/log.ts'

let store: KubernetesStore
let api: ArgoCdApi
let servers: ReturnType<typeof createArgoCdServers>
let woken: string[]

beforeEach(async () => {
  const clock = createClock(new Date('2026-11-24T09:00:00Z'))
  store = createStore(clock.now)
  for (const name of ['churn', 'fraud']) change(name, 'Synced')
  api = await startArgoCdApi({ store, clock })
  servers = createArgoCdServers({
    servers: new Map([['main', { url: api.url, token: api.token }]]),
    log: createLog('silent'),
    backOff: { first: 20, most: 50 },
  })
  woken = []
})
afterEach(async () => {
  servers.close()
  await api.close()
})

const change = (name: string, status: string) =>
  store.put(APPLICATIONS, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    spec: { source: { repoURL: 'https://github.com/acme/ml-config' } },
    status: { sync: { status } },
  })

const reads = (reader: string, name: string) =>
  servers.readBy(reader, () => woken.push(reader)).read({ server: 'main', namespace: 'argocd', name })

async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo() && waited < 3000; waited += 10) await sleep(10)
  expect(isSo()).toBe(true)
}
/** Until the list that a stream begins with has been heard, which may wake once too often. */
async function listening(): Promise<void> {
  await until(() => woken.length > 0)
  await sleep(50)
  woken = []
}

const streaming = () => api.requests.filter(({ path }) => path.includes('/stream/')).length

it('wakes who has read the Application, and nobody else', async () => {
  expect(await reads('churn in prod', 'churn')).toMatchObject({ kind: 'found', object: { syncStatus: 'Synced' } })
  await reads('fraud in prod', 'fraud')
  await listening()
  change('churn', 'OutOfSync')
  await until(() => woken.length > 0)
  expect(woken).toEqual(['churn in prod'])
  expect(streaming()).toBe(1)
})

it('tells what changed while the stream was cut or the server away, and nothing that did not', async () => {
  await reads('churn in prod', 'churn')
  await reads('fraud in prod', 'fraud')
  await listening()
  await api.down()
  change('churn', 'OutOfSync')
  await sleep(100)
  await api.up()
  await until(() => woken.length > 0)
  expect(woken).toEqual(['churn in prod'])
  woken = []
  api.cutStreams()
  const before = streaming()
  await until(() => streaming() > before)
  change('churn', 'Synced')
  await until(() => woken.length > 0)
  expect(woken).toEqual(['churn in prod'])
})

it('answers what it may not tell as it answers what is not there', async () => {
  const absent = await servers.read({ server: 'main', namespace: 'argocd', name: 'payroll' })
  api.allow([])
  const forbidden = await servers.read({ server: 'main', namespace: 'argocd', name: 'churn' })
  expect(absent).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('applications, get, <project>/payroll'),
  })
  expect(forbidden).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('applications, get, <project>/churn'),
  })
})
