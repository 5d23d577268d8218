/** The Kubernetes API: list, watch, patch, discovery, access. */
import {
  CustomObjectsApi,
  KubeConfig,
  type KubernetesObject,
  ListWatch,
  VersionApi,
  Watch,
} from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createClock } from '../clock.ts'
import { type KubernetesSandbox, startKubernetes } from './kubernetes.ts'
import { BOT } from './kubernetes-access.ts'
import { APPLICATIONS, DEPLOYMENTS, type Draft, INFERENCE_SERVICES } from './kubernetes-objects.ts'

const PATH = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications'

const application = (name: string, status: Draft['status'] = {}): Draft => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: { project: 'default' },
  status,
})

describe('a Kubernetes API that the real client talks to', () => {
  let cluster: KubernetesSandbox
  let config: KubeConfig
  beforeEach(async () => {
    cluster = await startKubernetes({ clock: createClock(), bookmarkEveryMs: 20 })
    config = new KubeConfig()
    config.loadFromString(cluster.kubeconfig())
    cluster.store.put(APPLICATIONS, application('churn-staging'))
  })
  afterEach(() => cluster.close())

  const watch = async (query: Record<string, string | boolean>) => {
    const events: { type: string; name: string; code?: number }[] = []
    let ended = false
    const seen = (type: string, object: { metadata?: { name?: string }; code?: number }) => {
      const code = object.code === undefined ? {} : { code: object.code }
      events.push({ type, name: object.metadata?.name ?? '', ...code })
    }
    const controller = await new Watch(config).watch(PATH, query, seen, () => {
      ended = true
    })
    return { events, stop: () => controller.abort(), ended: () => ended }
  }
  const names = (events: readonly { type: string; name: string }[]) => events.map(({ type, name }) => `${type} ${name}`)

  it('gives version, objects and lists', async () => {
    expect((await config.makeApiClient(VersionApi).getCode()).gitVersion).toMatch(/^v1\./)
    const api = config.makeApiClient(CustomObjectsApi)
    const at = { group: 'argoproj.io', version: 'v1alpha1', namespace: 'argocd', plural: 'applications' }
    const list = (await api.listNamespacedCustomObject(at)) as {
      items: unknown[]
      metadata: { resourceVersion: string }
    }
    expect(list.items).toHaveLength(1)
    expect(Number(list.metadata.resourceVersion)).toBeGreaterThan(1000)
    await expect(api.getNamespacedCustomObject({ ...at, name: 'nobody' })).rejects.toMatchObject({ code: 404 })
  })

  it('shows a watcher what is there, then what changes, then bookmarks', async () => {
    const { events, stop } = await watch({ allowWatchBookmarks: true })
    await vi.waitFor(() => expect(names(events)).toContain('ADDED churn-staging'))
    cluster.store.put(APPLICATIONS, application('churn-staging', { sync: { status: 'Synced' } }))
    cluster.store.put(APPLICATIONS, application('churn-staging', { sync: { status: 'Synced' } }))
    cluster.store.remove({ resource: APPLICATIONS, namespace: 'argocd', name: 'churn-staging' })
    const changes = ['ADDED churn-staging', 'MODIFIED churn-staging', 'DELETED churn-staging']
    const withoutBookmarks = () => names(events).filter((event) => event !== 'BOOKMARK ')
    await vi.waitFor(() => expect(withoutBookmarks()).toEqual(changes))
    await vi.waitFor(() => expect(names(events).at(-1)).toBe('BOOKMARK '))
    stop()
  })

  it('resumes a watch from a resourceVersion without losing or repeating events', async () => {
    const from = String(cluster.store.version())
    cluster.store.put(APPLICATIONS, application('churn-prod'))
    const { events, stop } = await watch({ resourceVersion: from })
    cluster.store.put(APPLICATIONS, application('fraud-staging'))
    await vi.waitFor(() => expect(names(events)).toEqual(['ADDED churn-prod', 'ADDED fraud-staging']))
    stop()
  })

  it('says 410 for a version that was compacted away, and the informer lists again', async () => {
    const from = String(cluster.store.version())
    cluster.store.put(APPLICATIONS, application('churn-prod'))
    cluster.store.compact()
    const { events, ended } = await watch({ resourceVersion: from })
    await vi.waitFor(() => expect(events).toEqual([{ type: 'ERROR', name: '', code: 410 }]))
    await vi.waitFor(() => expect(ended()).toBe(true))
  })

  it('ends a watch after timeoutSeconds and when the API server restarts', async () => {
    const timed = await watch({ timeoutSeconds: '0' })
    await vi.waitFor(() => expect(timed.ended()).toBe(true))
    const cut = await watch({})
    cluster.cutWatches()
    await vi.waitFor(() => expect(cut.ended()).toBe(true))
  })

  it('feeds the informer of the real client over a cut connection', async () => {
    const api = config.makeApiClient(CustomObjectsApi)
    const list = () =>
      api.listNamespacedCustomObject({
        group: 'argoproj.io',
        version: 'v1alpha1',
        namespace: 'argocd',
        plural: 'applications',
      }) as Promise<{
        items: KubernetesObject[]
        apiVersion: string
        kind: string
        metadata: { resourceVersion: string }
      }>
    const informer = new ListWatch<KubernetesObject>(PATH, new Watch(config), list, false)
    await informer.start()
    cluster.store.put(APPLICATIONS, application('churn-prod'))
    await vi.waitFor(() => expect(informer.list()).toHaveLength(2))
    cluster.cutWatches()
    cluster.store.put(APPLICATIONS, application('fraud-prod'))
    await vi.waitFor(() => expect(informer.list()).toHaveLength(3), { timeout: 5000 })
    await informer.stop()
  })

  it('refuses without a token with 401 and without the right with 403, and says which right', async () => {
    expect((await fetch(`${cluster.url}${PATH}`)).status).toBe(401)
    cluster.grant(BOT.token, [{ apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['get'] }])
    const refused = await fetch(`${cluster.url}${PATH}`, { headers: { authorization: `Bearer ${BOT.token}` } })
    expect(await refused.json()).toMatchObject({
      kind: 'Status',
      code: 403,
      reason: 'Forbidden',
      message:
        'applications.argoproj.io is forbidden: User "system:serviceaccount:lockkeeper:lockkeeper" cannot list resource "applications" in API group "argoproj.io" in the namespace "argocd"',
    })
  })

  const patch = (type: string, body: unknown, path = `${PATH}/churn-staging`) =>
    fetch(`${cluster.url}${path}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${BOT.token}`, 'content-type': type },
      body: JSON.stringify(body),
    })

  it('patches annotations by merge patch and by JSON patch', async () => {
    const refresh = { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } }
    expect((await patch('application/merge-patch+json', refresh)).status).toBe(200)
    const path = '/metadata/annotations/argocd.argoproj.io~1refresh'
    const operations = [
      { op: 'test', path, value: 'normal' },
      { op: 'replace', path, value: 'hard' },
    ]
    expect((await patch('application/json-patch+json', operations)).status).toBe(200)
    const stored = cluster.store.get(APPLICATIONS, 'argocd', 'churn-staging')
    expect(stored?.metadata.annotations).toEqual({ 'argocd.argoproj.io/refresh': 'hard' })
    expect((await patch('application/json-patch+json', operations)).status).toBe(422)
    expect((await patch('application/strategic-merge-patch+json', refresh)).status).toBe(415)
  })

  it('refuses a patch that names an older resourceVersion', async () => {
    const body = { metadata: { resourceVersion: '1', labels: { a: 'b' } } }
    expect((await patch('application/merge-patch+json', body)).status).toBe(409)
  })

  it('raises generation for a status change only where there is no status subresource', () => {
    const service = { apiVersion: 'v1', kind: 'x', metadata: { name: 'churn', namespace: 'prod' }, spec: { a: 1 } }
    for (const [resource, expected] of [
      [APPLICATIONS, 2],
      [INFERENCE_SERVICES, 1],
      [DEPLOYMENTS, 1],
    ] as const) {
      cluster.store.put(resource, service)
      expect(cluster.store.put(resource, { ...service, status: { ok: true } }).metadata.generation).toBe(expected)
    }
  })

  it('answers access reviews from the same rules', async () => {
    const allowed = async (verb: string) => {
      const resourceAttributes = { verb, group: 'argoproj.io', resource: 'applications', namespace: 'argocd' }
      const answer = await fetch(`${cluster.url}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`, {
        method: 'POST',
        headers: { authorization: `Bearer ${BOT.token}` },
        body: JSON.stringify({ spec: { resourceAttributes } }),
      })
      return ((await answer.json()) as { status: { allowed: boolean } }).status.allowed
    }
    expect([await allowed('watch'), await allowed('delete')]).toEqual([true, false])
  })
})
