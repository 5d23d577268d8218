/** Reading and patching objects of clusters, with a kubeconfig and as a pod, and without rights. Changes: wakers.test.ts. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
import { loadClusterConfig } from '../../../src/clients/kubernetes/cluster-config.ts'
import { type Clusters, connectClusters } from '../../../src/clients/kubernetes/clusters.ts'
import { connectCluster } from '../../../src/clients/kubernetes/connection.ts'
import { createWakers } from '../../../src/clients/kubernetes/wakers.ts'
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

/** Whoever reads it may be anybody: no path, no context, no word of a plug-in. */
const UNSIGNED =
  'the cluster cannot be asked (Lockkeeper cannot sign in there: `lockkeeper doctor` tells its operator why)'

const reader = (of: Clusters) => createCluster(of, createWakers({ clusters: of, log: recordingLog() }))

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
    const cluster = reader(clusters)
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
    const { read } = reader(clusters)
    expect(await read('Deployment', metadata)).toMatchObject({
      kind: 'found',
      object: { ...metadata, wantedReplicas: 2 },
    })
    expect(await read('Deployment', { ...metadata, name: 'churn-predictor-default' })).toEqual({ kind: 'absent' })
  })

  it('without the right names verb, resource and namespace', async () => {
    sandbox.grant(BOT.token, [])
    const at = { namespace: 'argocd', name: 'churn-prod' }
    const { read } = reader(clusters)
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
    expect(await reader({ named: () => none }).read('Application', at)).toEqual({
      kind: 'refused',
      reason: expect.stringContaining('set KUBECONFIG'),
    })
  })

  it('with credentials that are not accepted says so', async () => {
    const kubeconfig = join(directory, 'stale')
    await writeFile(kubeconfig, sandbox.kubeconfig('nobody-has-this'))
    const cluster = reader(connectClusters({ kubeconfig, named: new Map() }))
    expect(await cluster.read('Application', { namespace: 'argocd', name: 'x' })).toEqual({
      kind: 'refused',
      reason: "the cluster does not accept Lockkeeper's credentials",
    })
  })

  it('answers with the reason while the API server is down, so that deadlines go on', async () => {
    const cluster = reader(clusters)
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

  it('takes the token of a file of the moment, wherever the kubeconfig says it is', async () => {
    sandbox.store.put(APPLICATIONS, application('churn-prod'))
    const kubeconfig = join(directory, 'with-token-file')
    await writeFile(kubeconfig, sandbox.kubeconfig().replace(/token: "[^"]*"/, 'tokenFile: token'))
    await writeFile(join(directory, 'token'), `${BOT.token}\n`)
    const { read } = reader(connectClusters({ kubeconfig, named: new Map() }))
    const at = { namespace: 'argocd', name: 'churn-prod' }
    expect(await read('Application', at)).toMatchObject({ kind: 'found' })
    sandbox.rotate(BOT.token, 'rotated')
    await writeFile(join(directory, 'token'), 'rotated\n')
    expect(await read('Application', at)).toMatchObject({ kind: 'found' })
  })

  it('asks an exec plug-in again when its token is no longer taken', async () => {
    sandbox.store.put(APPLICATIONS, application('churn-prod'))
    const kubeconfig = join(directory, 'with-plug-in')
    const credential = join(directory, 'credential.json')
    const exec = `exec: { apiVersion: client.authentication.k8s.io/v1, command: cat, args: ["${credential}"] }`
    await writeFile(kubeconfig, sandbox.kubeconfig().replace(/token: "[^"]*"/, exec))
    const give = (token: string) => writeFile(credential, JSON.stringify({ kind: 'ExecCredential', status: { token } }))
    await give(BOT.token)
    const { read } = reader(connectClusters({ kubeconfig, named: new Map() }))
    const at = { namespace: 'argocd', name: 'churn-prod' }
    expect(await read('Application', at)).toMatchObject({ kind: 'found' })
    sandbox.rotate(BOT.token, 'next')
    await give('next')
    expect(await read('Application', at)).toMatchObject({ kind: 'found' })
    await rm(credential)
    sandbox.rotate('next', 'last')
    expect(await read('Application', at)).toEqual({
      kind: 'refused',
      reason: UNSIGNED,
    })
  })

  it('quotes nothing of a kubeconfig that is no YAML, and its operator hears the line alone', async () => {
    const kubeconfig = join(directory, 'broken')
    await writeFile(kubeconfig, `${sandbox.kubeconfig()}\nusers:\n- name: bot\n  user:\n    token: hush\n   oops: 1\n`)
    const broken = connectClusters({ kubeconfig, named: new Map() })
    const answer = await reader(broken).read('Application', { namespace: 'argocd', name: 'churn-prod' })
    expect(answer).toEqual({ kind: 'refused', reason: UNSIGNED })
    await expect(broken.named(undefined)?.ask('/version')).rejects.toThrow(
      /^the kubeconfig is no YAML, from line \d+ on$/,
    )
  })

  it('follows no redirect, which would take the credentials elsewhere', async () => {
    let requests = 0
    const server = createServer((_, response) => {
      requests += 1
      response.writeHead(302, { location: '/elsewhere' }).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const kubeconfig = join(directory, 'redirecting')
    await writeFile(kubeconfig, kubeconfigFor(server.address() as AddressInfo))
    expect(await connectCluster({ kubeconfig }).ask('/version')).toMatchObject({ status: 302 })
    expect(requests).toBe(1)
    server.closeAllConnections()
    server.close()
  })

  it('quotes nothing of what a plug-in gives', async () => {
    const kubeconfig = join(directory, 'no-json')
    const exec = 'exec: { apiVersion: client.authentication.k8s.io/v1, command: echo, args: ["hush-token"] }'
    await writeFile(kubeconfig, sandbox.kubeconfig().replace(/token: "[^"]*"/, exec))
    const asked = connectClusters({ kubeconfig, named: new Map() }).named(undefined)?.ask('/version')
    await expect(asked).rejects.toThrow('what a plug-in or a file gives is no JSON')
  })

  it('as a pod takes the token of the moment', async () => {
    await writeFile(join(directory, 'ca.crt'), 'not looked at before the first connection')
    await writeFile(join(directory, 'token'), 'first\n')
    const config = await loadClusterConfig({ kubeconfig: undefined, serviceAccountDirectory: directory })
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

describe('patching', () => {
  const at = { namespace: 'argocd', name: 'churn-prod' }

  it('merges into the object and gives it as it is afterwards', async () => {
    sandbox.store.put(APPLICATIONS, application('churn-prod', { sync: { status: 'Synced' } }))
    const { patch } = reader(clusters)
    const automated = { spec: { syncPolicy: { automated: {} } } }
    expect(await patch('Application', at, automated)).toMatchObject({
      kind: 'patched',
      object: { name: 'churn-prod', automated: true, syncStatus: 'Synced' },
    })
    expect(await patch('Application', at, { spec: { syncPolicy: null } })).toMatchObject({
      kind: 'patched',
      object: { automated: false },
    })
  })

  it('for a version that is no longer the newest is a conflict, and changes nothing', async () => {
    const { metadata } = sandbox.store.put(APPLICATIONS, application('churn-prod'))
    const before = sandbox.store.put(APPLICATIONS, application('churn-prod', { sync: { status: 'Synced' } }))
    const { patch } = reader(clusters)
    const { resourceVersion } = metadata
    expect(await patch('Application', at, { metadata: { resourceVersion }, spec: { project: 'other' } })).toEqual({
      kind: 'conflict',
    })
    expect(sandbox.store.get(APPLICATIONS, 'argocd', 'churn-prod')).toEqual(before)
  })

  it('says that there is no such object, and which right is missing', async () => {
    const { patch } = reader(clusters)
    expect(await patch('Application', at, { spec: {} })).toEqual({ kind: 'absent' })
    expect(await patch('InferenceService', { namespace: 'prod', name: 'churn' }, {})).toEqual({
      kind: 'refused',
      reason: "Lockkeeper's account in the cluster may not patch inferenceservices.serving.kserve.io in namespace prod",
    })
  })

  it('is sent once, also when the connection breaks, since it may have been taken', async () => {
    let requests = 0
    const server = createServer((request) => {
      requests += 1
      request.socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const kubeconfig = join(directory, 'broken')
    await writeFile(kubeconfig, kubeconfigFor(server.address() as AddressInfo))
    const { patch } = reader(connectClusters({ kubeconfig, named: new Map() }))
    expect(await patch('Application', at, {})).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('the cluster does not answer'),
    })
    expect(requests).toBe(1)
    server.close()
  })
})

/** The sandbox's kubeconfig, for another server. */
function kubeconfigFor({ port }: AddressInfo): string {
  const [known] = sandbox.kubeconfig().match(/https?:\/\/127\.0\.0\.1:\d+/) ?? []
  return sandbox.kubeconfig().replaceAll(known ?? '', `http://127.0.0.1:${port}`)
}

describe('several clusters', () => {
  it('are told apart by their names in the policy', async () => {
    const other = await startKubernetes({ clock: createClock() })
    sandbox.store.put(APPLICATIONS, application('churn-prod'))
    other.store.put(APPLICATIONS, application('churn-eu'))
    const file = join(directory, 'eu')
    await writeFile(file, other.kubeconfig())
    const { read } = reader(
      connectClusters({
        kubeconfig: join(directory, 'config'),
        named: new Map([
          ['prod-eu', { context: 'sandbox', kubeconfig: file }],
          ['prod-us', { context: 'sandbox', kubeconfig: undefined }],
          ['typo', { context: 'sandbx', kubeconfig: undefined }],
        ]),
      }),
    )
    const at = { namespace: 'argocd', name: 'churn-eu' }
    expect(await read('Application', { ...at, cluster: 'prod-eu' })).toMatchObject({ kind: 'found' })
    expect(await read('Application', { ...at, cluster: 'prod-us' })).toEqual({ kind: 'absent' })
    expect(await read('Application', at)).toEqual({ kind: 'absent' })
    expect(await read('Application', { ...at, cluster: 'typo' })).toEqual({
      kind: 'refused',
      reason: UNSIGNED.replace('the cluster', 'the cluster typo'),
    })
    expect(await read('Application', { ...at, cluster: 'prod-asia' })).toEqual({
      kind: 'refused',
      reason: "the operator's policy (LOCKKEEPER_POLICY) names no cluster prod-asia",
    })
    await other.close()
  })
})
