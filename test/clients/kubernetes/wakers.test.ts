/** Whoever reads an object hears of its changes, whatever the API server and the network do in between. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createClock } from '../../../sandbox/clock.ts'
import { type KubernetesSandbox, startKubernetes } from '../../../sandbox/systems/kubernetes.ts'
import { BOT } from '../../../sandbox/systems/kubernetes-access.ts'
import { APPLICATIONS, type Draft, INFERENCE_SERVICES } from '../../../sandbox/systems/kubernetes-objects.ts'
import { createCluster } from '../../../src/clients/kubernetes/cluster.ts'
import { connectClusters } from '../../../src/clients/kubernetes/clusters.ts'
import { createWakers } from '../../../src/clients/kubernetes/wakers.ts'
import type { WatchPatience } from '../../../src/clients/kubernetes/watch-objects.ts'
import type { Cluster } from '../../../src/services/ports.ts'
import { recordingLog } from '../github/nock-github.ts'

let sandbox: KubernetesSandbox
let kubeconfig: string
const open: { close(): void }[] = []
const heard: string[] = []

beforeEach(async () => {
  sandbox = await startKubernetes({ clock: createClock(), bookmarkEveryMs: 50 })
  kubeconfig = join(await mkdtemp(join(tmpdir(), 'lockkeeper-kube-')), 'config')
  await writeFile(kubeconfig, sandbox.kubeconfig())
  heard.length = 0
})
afterEach(async () => {
  for (const each of open.splice(0)) each.close()
  await sandbox.close()
  await rm(join(kubeconfig, '..'), { recursive: true })
})

const application = (name: string, sync = ''): Draft => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: { project: 'default' },
  status: { sync: { status: sync } },
})

const service = (name: string): Draft => ({
  apiVersion: 'serving.kserve.io/v1beta1',
  kind: 'InferenceService',
  metadata: { name, namespace: 'prod' },
  spec: { predictor: { model: { storageUri: 's3://acme-models/churn/12' } } },
})

const put = (name: string, sync?: string) => sandbox.store.put(APPLICATIONS, application(name, sync))
const at = (name: string) => ({ namespace: 'argocd', name })

const PATIENCE: WatchPatience = { first: 10, most: 80, refused: 60, silence: 300, lasting: 10_000 }

function reader(patience: Partial<WatchPatience> = {}, keptMs = 60_000): { cluster: Cluster; log: readonly string[] } {
  const clusters = connectClusters({ kubeconfig, named: new Map() })
  const log = recordingLog()
  const wakers = createWakers({ clusters, log, patience: { ...PATIENCE, ...patience }, keptMs })
  open.push(wakers)
  return {
    cluster: createCluster(clusters, wakers).readBy('churn/prod', () => heard.push('churn/prod')),
    log: log.lines,
  }
}

/** Has read `churn-prod` and is being watched. */
async function watching(patience: Partial<WatchPatience> = {}) {
  put('churn-prod', 'OutOfSync')
  const made = reader(patience)
  await made.cluster.read('Application', at('churn-prod'))
  await vi.waitFor(() => expect(watches()).toBe(1))
  return made
}

const watches = () => sandbox.requests.filter(({ query }) => query.includes('watch=true')).length
const lists = () => sandbox.requests.filter(({ query }) => query.startsWith('limit=')).length
let changes = 0
/** Changes the Application until it is heard: a watch may be opened again only just now. */
const isHeard = async () => {
  heard.length = 0
  await vi.waitFor(
    () => {
      changes += 1
      put('churn-prod', `change ${changes}`)
      expect(heard).toContain('churn/prod')
    },
    { timeout: 5000, interval: 30 },
  )
}

describe('who has read an object', () => {
  it('hears each change of it at once, and of nothing else', async () => {
    const { cluster } = await watching()
    await cluster.read('InferenceService', { namespace: 'prod', name: 'churn' })
    await vi.waitFor(() => expect(watches()).toBe(2))
    put('fraud-prod', 'Synced')
    const started = performance.now()
    put('churn-prod', 'Synced')
    await vi.waitFor(() => expect(heard).toHaveLength(1))
    sandbox.store.put(INFERENCE_SERVICES, service('churn'))
    await vi.waitFor(() => expect(heard).toHaveLength(2))
    expect(performance.now() - started).toBeLessThan(1000)
    sandbox.store.remove({ resource: INFERENCE_SERVICES, namespace: 'prod', name: 'churn' })
    await vi.waitFor(() => expect(heard).toHaveLength(3))
  })

  it('hears what changed between the read and the watch, and is not woken when nothing did', async () => {
    put('churn-prod', 'OutOfSync')
    const { cluster } = reader()
    await cluster.read('Application', at('churn-prod'))
    put('churn-prod', 'Synced')
    await vi.waitFor(() => expect(heard).toEqual(['churn/prod']))
    const other = reader()
    await other.cluster.read('Application', at('churn-prod'))
    await vi.waitFor(() => expect(watches()).toBe(2))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(heard).toEqual(['churn/prod'])
  })

  it('shares one watch with everybody who reads in that namespace', async () => {
    const { cluster } = await watching()
    const fraud: string[] = []
    const second = cluster.readBy('fraud/prod', () => fraud.push('fraud/prod'))
    await second.read('Application', at('fraud-prod'))
    put('fraud-prod')
    await vi.waitFor(() => expect(fraud).toEqual(['fraud/prod']))
    expect({ heard, watches: watches() }).toEqual({ heard: [], watches: 1 })
  })

  it('is forgotten when they stop reading, and the watch ends', async () => {
    put('churn-prod')
    const { cluster } = reader({}, 300)
    await cluster.read('Application', at('churn-prod'))
    await vi.waitFor(() => expect(watches()).toBe(1))
    const ended = () => sandbox.openWatches() === 0
    await vi.waitFor(() => expect(ended()).toBe(true), 3000)
    put('churn-prod', 'Synced')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(heard).toEqual([])
    await cluster.read('Application', at('churn-prod'))
    await vi.waitFor(() => expect(sandbox.openWatches()).toBe(1))
  })

  it('hears nothing more after the end, also when a look was under way', async () => {
    const { cluster } = await watching()
    open.splice(0).forEach((each) => void each.close())
    await vi.waitFor(() => expect(sandbox.openWatches()).toBe(0))
    await cluster.read('Application', at('churn-prod'))
    await cluster.read('InferenceService', { namespace: 'prod', name: 'churn' })
    put('churn-prod', 'Synced')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect({ heard, open: sandbox.openWatches() }).toEqual({ heard: [], open: 0 })
  })
})

describe('a watch survives', () => {
  it('the orderly end of each: nothing is listed again, nothing missed, nothing told twice', async () => {
    await watching()
    for (let end = 1; end <= 4; end += 1) {
      sandbox.cutWatches()
      put('churn-prod', `end ${end}`)
      await vi.waitFor(() => expect(heard).toHaveLength(end))
    }
    expect(lists()).toBe(1)
  })

  it('a connection that breaks in the middle of a line', async () => {
    await watching()
    sandbox.cutWatches(true)
    put('churn-prod', 'while it was broken')
    await vi.waitFor(() => expect(heard).toHaveLength(1))
    await isHeard()
  })

  it('a restart of the API server, after which only what changed or went meanwhile is told', async () => {
    put('fraud-prod')
    const { cluster } = await watching()
    const fraud: string[] = []
    const gone: string[] = []
    put('gone-prod')
    await cluster.readBy('fraud/prod', () => fraud.push('fraud')).read('Application', at('fraud-prod'))
    await cluster.readBy('gone/prod', () => gone.push('gone')).read('Application', at('gone-prod'))
    await sandbox.down('refused')
    gone.length = 0
    put('churn-prod', 'Synced')
    sandbox.store.remove({ resource: APPLICATIONS, namespace: 'argocd', name: 'gone-prod' })
    await new Promise((resolve) => setTimeout(resolve, 200))
    await sandbox.up()
    await vi.waitFor(() => expect({ heard, gone, fraud }).toEqual({ heard: ['churn/prod'], gone: ['gone'], fraud: [] }))
    await isHeard()
  })

  it.each(['event', 'status'] as const)('a version that is too old for the server, told as %s (410)', async (how) => {
    await watching()
    if (how === 'status') sandbox.faults.watches = 'gone'
    sandbox.cutWatches()
    put('churn-prod', 'before')
    sandbox.store.compact()
    await vi.waitFor(() => expect(lists()).toBeGreaterThan(1))
    delete sandbox.faults.watches
    await vi.waitFor(() => expect(heard).not.toEqual([]))
    await isHeard()
  })

  it('credentials that expire in the middle: they are read again at once', async () => {
    const { log } = await watching()
    sandbox.rotate(BOT.token, 'the-next-token')
    await writeFile(kubeconfig, sandbox.kubeconfig('the-next-token'))
    sandbox.cutWatches()
    await isHeard()
    expect(log).toEqual([])
  })

  it('credentials that are replaced only some time after they expired', async () => {
    const { log } = await watching()
    sandbox.rotate(BOT.token, 'the-next-token')
    sandbox.cutWatches()
    await vi.waitFor(() => expect(log.join()).toContain("the cluster does not accept Lockkeeper's credentials"))
    await writeFile(kubeconfig, sandbox.kubeconfig('the-next-token'))
    await isHeard()
  }, 10_000)

  it('a connection on which nothing comes any more', async () => {
    await watching({ silence: 150 })
    sandbox.faults.watches = 'silent'
    put('churn-prod', 'in silence')
    await vi.waitFor(() => expect(heard).not.toEqual([]))
    delete sandbox.faults.watches
    await isHeard()
  })

  it('a wish of the server to be left alone for a while (429)', async () => {
    await watching()
    sandbox.faults.throttledForSeconds = 1
    sandbox.cutWatches()
    await vi.waitFor(() => expect(sandbox.requests.at(-1)?.status).toBe(429))
    const asked = sandbox.requests.length
    await new Promise((resolve) => setTimeout(resolve, 800))
    expect(sandbox.requests.length).toBe(asked)
    delete sandbox.faults.throttledForSeconds
    await isHeard()
  })
})

describe('nobody is asked too often', () => {
  it('by a watch that the server closes at once', async () => {
    await watching({ first: 50, most: 1000 })
    sandbox.faults.watches = 'closes'
    sandbox.cutWatches()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(watches()).toBeLessThan(8)
    delete sandbox.faults.watches
    await isHeard()
  })

  it('for what may not be watched: it is said once which right is missing, and read from time to time all the same', async () => {
    put('churn-prod')
    const rule = { apiGroups: ['argoproj.io'], resources: ['applications'] }
    sandbox.grant(BOT.token, [{ ...rule, verbs: ['get', 'list'] }])
    const { cluster, log } = reader()
    expect(await cluster.read('Application', at('churn-prod'))).toMatchObject({ kind: 'found' })
    await vi.waitFor(() => expect(watches()).toBeGreaterThan(2))
    expect(log).toHaveLength(1)
    expect(log[0]).toContain("Lockkeeper's account may not watch applications.argoproj.io in namespace argocd")
    sandbox.grant(BOT.token, BOT.rules)
    await isHeard()
  })

  it('for what may not even be read, or is not installed', async () => {
    sandbox.grant(BOT.token, [])
    const { cluster, log } = reader()
    expect(await cluster.read('Application', at('churn-prod'))).toMatchObject({ kind: 'refused' })
    sandbox.grant(BOT.token, BOT.rules)
    sandbox.faults.missing.add('inferenceservices')
    expect(await cluster.read('InferenceService', { namespace: 'prod', name: 'churn' })).toEqual({
      kind: 'refused',
      reason: 'the cluster does not know inferenceservices.serving.kserve.io',
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect({ requests: sandbox.requests.length, log }).toEqual({ requests: 2, log: [] })
    sandbox.faults.missing.clear()
    await cluster.read('InferenceService', { namespace: 'prod', name: 'churn' })
    await vi.waitFor(() => expect(watches()).toBe(1))
  })
})

describe('a namespace with thousands of Applications', () => {
  it('is listed in pages, and from its beginning when a page expires', async () => {
    for (let index = 0; index < 1200; index += 1) put(`model-${index}`)
    put('churn-prod', 'OutOfSync')
    const { cluster } = reader()
    let expired = false
    const compactOnce = () => {
      if (expired || lists() < 1) return
      expired = true
      sandbox.store.compact()
    }
    const impatient = setInterval(compactOnce, 0)
    await cluster.read('Application', at('churn-prod'))
    await vi.waitFor(() => expect(watches()).toBeGreaterThan(0), 10_000)
    clearInterval(impatient)
    await isHeard()
    const asked = sandbox.requests.filter(({ query }) => query.startsWith('limit='))
    expect(asked.filter(({ query }) => query.includes('continue=')).length).toBeGreaterThanOrEqual(2)
    expect(asked.map(({ status }) => status)).toContain(200)
  }, 20_000)
})
