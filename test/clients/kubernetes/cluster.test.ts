/** Reading a cluster and hearing its changes, with a kubeconfig and as a pod, through restarts and lost rights. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createClock } from '../../../sandbox/clock.ts'
import { type KubernetesSandbox, startKubernetes } from '../../../sandbox/systems/kubernetes.ts'
import { BOT } from '../../../sandbox/systems/kubernetes-access.ts'
import {
  APPLICATIONS,
  DEPLOYMENTS,
  type Draft,
  INFERENCE_SERVICES,
} from '../../../sandbox/systems/kubernetes-objects.ts'
import { createCluster } from '../../../src/clients/kubernetes/cluster.ts'
import { type ClusterConnection, connectCluster } from '../../../src/clients/kubernetes/connection.ts'
import { watchCluster } from '../../../src/clients/kubernetes/watch-cluster.ts'
import { recordingLog } from '../github/nock-github.ts'

let sandbox: KubernetesSandbox
let directory: string
let connection: ClusterConnection
const open: { close(): void }[] = []

beforeEach(async () => {
  sandbox = await startKubernetes({ clock: createClock() })
  directory = await mkdtemp(join(tmpdir(), 'lockkeeper-kube-'))
  const kubeconfig = join(directory, 'config')
  await writeFile(kubeconfig, sandbox.kubeconfig())
  connection = connectCluster({ kubeconfig })
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

describe('reading', () => {
  it('gives Applications and InferenceServices, or says that there is none', async () => {
    sandbox.store.put(APPLICATIONS, application('churn-prod', { sync: { status: 'Synced' } }))
    sandbox.store.put(INFERENCE_SERVICES, service('churn'))
    const cluster = createCluster(connection)
    const at = { namespace: 'argocd', name: 'churn-prod' }
    expect(await cluster.read('Application', at)).toMatchObject({
      kind: 'found',
      object: { name: 'churn-prod', syncStatus: 'Synced' },
    })
    expect(await cluster.read('InferenceService', { namespace: 'prod', name: 'churn' })).toMatchObject({
      kind: 'found',
      object: { name: 'churn', storageUri: 's3://acme-models/churn/12' },
    })
    expect(await cluster.read('Application', { ...at, name: 'other' })).toEqual({ kind: 'absent' })
  })

  it('gives the Deployment of a predictor', async () => {
    const spec = { replicas: 2, template: {} }
    const metadata = { namespace: 'prod', name: 'churn-predictor' }
    sandbox.store.put(DEPLOYMENTS, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec })
    const { read } = createCluster(connection)
    expect(await read('Deployment', metadata)).toMatchObject({
      kind: 'found',
      object: { ...metadata, wantedReplicas: 2 },
    })
    expect(await read('Deployment', { ...metadata, name: 'churn-predictor-default' })).toEqual({ kind: 'absent' })
  })

  it('without the right names verb, resource and namespace', async () => {
    sandbox.grant(BOT.token, [])
    const at = { namespace: 'argocd', name: 'churn-prod' }
    const { read } = createCluster(connection)
    expect(await read('Application', at)).toEqual({
      kind: 'refused',
      reason: "Lockkeeper's account in the cluster may not get applications.argoproj.io in namespace argocd",
    })
    expect(await read('Deployment', { namespace: 'prod', name: 'churn-predictor' })).toEqual({
      kind: 'refused',
      reason: "Lockkeeper's account in the cluster may not get deployments.apps in namespace prod",
    })
  })

  it('without any configuration says what to configure', async () => {
    const nowhere = join(directory, 'nowhere')
    const none = connectCluster({ kubeconfig: undefined, serviceAccountDirectory: nowhere, homeDirectory: nowhere })
    const at = { namespace: 'argocd', name: 'churn-prod' }
    expect(await createCluster(none).read('Application', at)).toEqual({
      kind: 'refused',
      reason: expect.stringContaining('set KUBECONFIG'),
    })
  })

  it('with credentials that are not accepted says so', async () => {
    const kubeconfig = join(directory, 'stale')
    await writeFile(kubeconfig, sandbox.kubeconfig('nobody-has-this'))
    const cluster = createCluster(connectCluster({ kubeconfig }))
    expect(await cluster.read('Application', { namespace: 'argocd', name: 'x' })).toEqual({
      kind: 'refused',
      reason: "the cluster does not accept Lockkeeper's credentials",
    })
  })

  it('answers with the reason while the API server is down, so that deadlines go on', async () => {
    const cluster = createCluster(connection)
    await sandbox.down('refused')
    const at = { namespace: 'argocd', name: 'churn-prod' }
    expect(await cluster.read('Application', at)).toEqual({
      kind: 'refused',
      reason: 'the cluster does not answer (Kubernetes: connection refused)',
    })
    await sandbox.up()
    await sandbox.down('unavailable')
    expect(await cluster.read('Application', at)).toEqual({
      kind: 'refused',
      reason: 'the cluster does not answer (Kubernetes: the API server answered 503)',
    })
  })

  it('of an answer without end is an outage, and the answer is not kept', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(`"${'x'.repeat(33 * 1024 * 1024)}"`)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const kubeconfig = join(directory, 'endless')
    const [known] = sandbox.kubeconfig().match(/https?:\/\/127\.0\.0\.1:\d+/) ?? []
    await writeFile(kubeconfig, sandbox.kubeconfig().replaceAll(known ?? '', `http://127.0.0.1:${port}`))
    const { get } = connectCluster({ kubeconfig })
    await expect(get('/apis')).rejects.toThrow('Kubernetes: the answer is larger than 32 MiB')
    server.closeAllConnections()
    server.close()
  })

  it('as a pod takes the token of the moment', async () => {
    await writeFile(join(directory, 'ca.crt'), 'not looked at before the first connection')
    await writeFile(join(directory, 'token'), 'first\n')
    const pod = connectCluster({ kubeconfig: undefined, serviceAccountDirectory: directory })
    const config = await pod.config()
    const headers: string[] = []
    const sink = {
      setHeaderParam: (name: string, value: string) => headers.push(`${name}: ${value}`),
      setDispatcher: () => {},
    }
    await config?.applySecurityAuthentication(sink)
    await writeFile(join(directory, 'token'), 'second\n')
    await config?.applySecurityAuthentication(sink)
    expect(config?.getCurrentCluster()?.server).toBe('https://kubernetes.default.svc')
    expect(headers).toEqual(['Authorization: Bearer first', 'Authorization: Bearer second'])
  })
})

describe('watching', () => {
  const heard: string[] = []
  beforeEach(() => {
    heard.length = 0
  })
  const watch = () => {
    const log = recordingLog()
    const watching = watchCluster({
      connection,
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
