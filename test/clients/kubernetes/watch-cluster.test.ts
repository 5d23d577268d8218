import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createClock } from '../../../sandbox/clock.ts'
import { type KubernetesSandbox, startKubernetes } from '../../../sandbox/systems/kubernetes.ts'
import { BOT } from '../../../sandbox/systems/kubernetes-access.ts'
import { APPLICATIONS, type Draft, INFERENCE_SERVICES } from '../../../sandbox/systems/kubernetes-objects.ts'
import { type Clusters, connectClusters } from '../../../src/clients/kubernetes/clusters.ts'
import { watchCluster } from '../../../src/clients/kubernetes/watch-cluster.ts'
import { recordingLog } from '../github/nock-github.ts'

let sandbox: KubernetesSandbox
let directory: string
let clusters: Clusters
const open: { close(): void }[] = []

beforeEach(async () => {
  sandbox = await startKubernetes({ clock: createClock() })
  directory = await mkdtemp(join(tmpdir(), 'lockkeeper-kube-'))
  const kubeconfig = join(directory, 'config')
  await writeFile(kubeconfig, sandbox.kubeconfig())
  clusters = connectClusters({ kubeconfig, named: new Map() })
})
afterEach(async () => {
  for (const each of open.splice(0)) each.close()
  await sandbox.close()
  await rm(directory, { recursive: true })
})

const application = (name: string, status: Draft['status'] = {}): Draft => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: { project: 'default', source: { repoURL: 'https://github.com/acme/config' } },
  status,
})

const service = (name: string): Draft => ({
  apiVersion: 'serving.kserve.io/v1beta1',
  kind: 'InferenceService',
  metadata: { name, namespace: 'prod' },
  spec: { predictor: { model: { storageUri: 's3://acme-models/churn/12' } } },
})

describe('watching', () => {
  const heard: string[] = []
  beforeEach(() => {
    heard.length = 0
  })
  const watch = () => {
    const log = recordingLog()
    const watching = watchCluster({
      connection: clusters.own,
      applications: ['argocd'],
      inferenceServices: ['prod'],
      onChange: (kind, namespace, name) => heard.push(`${kind} ${namespace}/${name}`),
      log,
      backOff: { first: 20, most: 100 },
    })
    open.push(watching)
    return { watching, log }
  }
  const watches = () => sandbox.requests.filter(({ query }) => query.includes('watch=true')).length

  it('tells what is there, and each change at once', async () => {
    sandbox.store.put(APPLICATIONS, application('churn-prod'))
    watch()
    await vi.waitFor(() => expect(heard).toEqual(['Application argocd/churn-prod']))
    await vi.waitFor(() => expect(watches()).toBe(2))
    const started = performance.now()
    sandbox.store.put(APPLICATIONS, application('churn-prod', { sync: { status: 'Synced' } }))
    sandbox.store.put(INFERENCE_SERVICES, service('churn'))
    await vi.waitFor(() =>
      expect(heard.slice(1).toSorted()).toEqual(['Application argocd/churn-prod', 'InferenceService prod/churn']),
    )
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('after a restart of the API server tells what changed or went meanwhile, and only that', async () => {
    sandbox.store.put(APPLICATIONS, application('churn-prod'))
    sandbox.store.put(APPLICATIONS, application('fraud-prod'))
    sandbox.store.put(APPLICATIONS, application('gone-prod'))
    watch()
    await vi.waitFor(() => expect(watches()).toBe(2))
    await sandbox.down('refused')
    heard.length = 0
    sandbox.store.put(APPLICATIONS, application('churn-prod', { sync: { status: 'OutOfSync' } }))
    sandbox.store.remove({ resource: APPLICATIONS, namespace: 'argocd', name: 'gone-prod' })
    await sandbox.up()
    await vi.waitFor(() =>
      expect(heard.toSorted()).toEqual(['Application argocd/churn-prod', 'Application argocd/gone-prod']),
    )
    heard.length = 0
    await vi.waitFor(() => expect(watches()).toBeGreaterThanOrEqual(4))
    sandbox.store.put(APPLICATIONS, application('fraud-prod', { sync: { status: 'Synced' } }))
    await vi.waitFor(() => expect(heard).toEqual(['Application argocd/fraud-prod']))
  })

  it('goes on after each of many cuts', async () => {
    watch()
    for (let cut = 1; cut <= 5; cut += 1) {
      await vi.waitFor(() => expect(watches()).toBeGreaterThanOrEqual(2 * cut))
      sandbox.cutWatches()
    }
    await vi.waitFor(() => expect(watches()).toBeGreaterThanOrEqual(12))
    sandbox.store.put(INFERENCE_SERVICES, service('churn'))
    await vi.waitFor(() => expect(heard).toContain('InferenceService prod/churn'))
  })

  it('goes on where it was after an orderly end: nothing is listed or told again, nothing is missed', async () => {
    sandbox.store.put(APPLICATIONS, application('churn-prod'))
    watch()
    for (let end = 1; end <= 4; end += 1) {
      await vi.waitFor(() => expect(watches()).toBe(2 * end))
      sandbox.cutWatches()
      sandbox.store.put(APPLICATIONS, application(`fraud-${end}`))
    }
    const names = ['churn-prod', 'fraud-1', 'fraud-2', 'fraud-3', 'fraud-4']
    await vi.waitFor(() => expect(heard).toEqual(names.map((name) => `Application argocd/${name}`)))
    const lists = sandbox.requests.filter(({ query, path }) => path.endsWith('s') && !query.includes('watch=true'))
    expect(lists.map(({ path }) => path.split('/').at(-1)).toSorted()).toEqual(['applications', 'inferenceservices'])
  })

  it('waits, without filling the log, until it may', async () => {
    const { rules } = BOT
    sandbox.grant(BOT.token, [])
    const { log } = watch()
    await vi.waitFor(() => expect(sandbox.requests.length).toBeGreaterThan(5))
    expect(log.lines).toHaveLength(2)
    expect(log.lines.join()).toContain('answered with 403')
    sandbox.grant(BOT.token, rules)
    sandbox.store.put(APPLICATIONS, application('churn-prod'))
    await vi.waitFor(() => expect(heard).toContain('Application argocd/churn-prod'))
  })

  it('ends when it is closed', async () => {
    const { watching } = watch()
    await vi.waitFor(() => expect(watches()).toBe(2))
    watching.close()
    const before = sandbox.requests.length
    sandbox.store.put(APPLICATIONS, application('churn-prod'))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect({ heard, requests: sandbox.requests.length }).toEqual({ heard: [], requests: before })
  })
})
