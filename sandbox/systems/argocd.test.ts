/** Argo CD and KServe in the sandbox react to commits as the real controllers do. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClock, type SandboxClock } from '../clock.ts'
import { type ArgoCd, startArgoCd } from './argocd.ts'
import { APPLICATIONS, at, DEPLOYMENTS, INFERENCE_SERVICES, type KubeObject } from './kubernetes-objects.ts'
import { createStore, type KubernetesStore } from './kubernetes-store.ts'

const CURRENT = (uri: string) => `# staging
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: churn
  namespace: staging
spec:
  predictor:
    model:
      modelFormat: { name: sklearn }
      storageUri: "${uri}"
`
const LEGACY = (uri: string) => `---
apiVersion: v1
kind: Namespace
metadata: {name: prod}
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: churn, namespace: prod}
spec:
  predictor:
    sklearn: {storageUri: '${uri}'}
`
const URI = (version: number) => `s3://acme-models/churn/${version}`
const APP = {
  name: 'churn-staging',
  repository: 'acme/ml-config',
  repoUrl: 'https://github.com/acme/ml-config',
  path: 'environments/staging/churn',
  destination: 'staging',
}

describe('Argo CD and KServe that react to the config repository', () => {
  let clock: SandboxClock
  let store: KubernetesStore
  let argo: ArgoCd
  let head: string
  let manifest: string
  let events: KubeObject[]
  const sha = (digit: string) => digit.repeat(40)
  const app = () => store.get(APPLICATIONS, 'argocd', 'churn-staging')
  const service = () => store.get(INFERENCE_SERVICES, 'staging', 'churn')
  const deployment = () => store.get(DEPLOYMENTS, 'staging', 'churn-predictor')
  const push = async (digit: string, text: string) => {
    head = sha(digit)
    manifest = text
    events.length = 0
    argo.reconcile()
    await argo.settled()
  }

  const start = (staleHealth: boolean) => {
    argo = startArgoCd({
      store,
      clock,
      source: { headOf: () => head, read: (_, __, path) => (path.endsWith('inference.yaml') ? manifest : undefined) },
      applications: [APP],
      delayMs: [1, 3],
      loadMs: 40,
      staleHealth,
    })
  }

  beforeEach(async () => {
    clock = createClock(new Date('2026-03-03T09:00:00Z'))
    store = createStore(clock.now)
    head = sha('a')
    manifest = CURRENT(URI(11))
    events = []
    start(false)
    store.subscribe(({ object, resource }) => {
      if (resource === APPLICATIONS) events.push(object)
    })
    await argo.settled()
  })
  afterEach(() => argo.close())

  const steps = () => {
    const told = events.map(({ status, operation }) =>
      [
        at(status, 'sync', 'status'),
        String(at(status, 'sync', 'revision')).slice(0, 1),
        at(status, 'operationState', 'phase'),
        at(status, 'health', 'status'),
        operation === undefined ? '' : 'asked',
      ].join(' '),
    )
    return told.filter((step, index) => step !== told[index - 1])
  }

  it('starts synced and healthy, with the model of the manifest live', () => {
    expect(at(app()?.status, 'sync', 'status')).toBe('Synced')
    expect(at(app()?.status, 'health', 'status')).toBe('Healthy')
    expect(argo.kserve.liveUri('staging', 'churn')).toBe(URI(11))
  })

  it('goes through the transitions of a real sync, health last', async () => {
    await push('b', CURRENT(URI(12)))
    const seen = steps()
    expect(seen[0]).toBe('OutOfSync b Succeeded Healthy ')
    expect(seen[1]).toBe('OutOfSync b Succeeded Healthy asked')
    expect(seen[2]).toBe('OutOfSync b Running Healthy asked')
    expect(seen).toContain('Synced b Succeeded Progressing ')
    expect(seen.at(-1)).toBe('Synced b Succeeded Healthy ')
    expect(at(app()?.status, 'operationState', 'syncResult', 'revision')).toBe(sha('b'))
    expect((at(app()?.status, 'history') as unknown[]).length).toBe(2)
    expect(argo.kserve.liveUri('staging', 'churn')).toBe(URI(12))
  })

  it('may show the health from before the sync, as real clusters do', async () => {
    argo.close()
    start(true)
    await argo.settled()
    await push('b', CURRENT(URI(12)))
    const seen = steps()
    expect(seen.indexOf('Synced b Succeeded Healthy ')).toBeLessThan(seen.indexOf('Synced b Succeeded Progressing '))
    expect(seen.at(-1)).toBe('Synced b Succeeded Healthy ')
  })

  it('shows the Deployment of a finished rollout with the new URI in its pods', () => {
    const { metadata, spec, status } = deployment() ?? { metadata: undefined }
    expect(at(status, 'observedGeneration')).toBe(metadata?.generation)
    const annotations = at(spec, 'template', 'metadata', 'annotations')
    expect(annotations).toEqual({ 'internal.serving.kserve.io/storage-initializer-sourceuri': URI(11) })
    expect(status).toMatchObject({ replicas: 1, updatedReplicas: 1, availableReplicas: 1 })
    expect(at(service()?.status, 'observedGeneration')).toBe(metadata?.generation)
  })

  it('reads the older shape, which the webhook rewrites in the cluster', async () => {
    await push('b', LEGACY(URI(12)).replaceAll('prod', 'staging'))
    expect(at(service()?.spec, 'predictor')).toEqual({
      model: { modelFormat: { name: 'sklearn' }, storageUri: URI(12) },
    })
    expect(argo.kserve.liveUri('staging', 'churn')).toBe(URI(12))
  })

  it('keeps the old model serving and Ready when the new one cannot be loaded, and is Degraded', async () => {
    argo.behaviour({ storageUri: URI(12), load: 'fails' })
    await push('b', CURRENT(URI(12)))
    expect(at(app()?.status, 'health', 'status')).toBe('Degraded')
    expect(service()?.status).toMatchObject({
      modelStatus: {
        transitionStatus: 'BlockedByFailedLoad',
        lastFailureInfo: { reason: 'ModelLoadFailed' },
        states: { activeModelState: 'Loaded', targetModelState: 'FailedToLoad' },
      },
    })
    expect(conditionOf(service(), 'Ready')).toBe('True')
    expect(argo.kserve.liveUri('staging', 'churn')).toBe(URI(11))
    await push('c', CURRENT(URI(11)))
    expect(at(app()?.status, 'health', 'status')).toBe('Healthy')
    expect(at(service()?.status, 'modelStatus', 'lastFailureInfo', 'reason')).toBe('ModelLoadFailed')
  })

  it('looks fine while a new pod crash-loops behind an old one, until the progress deadline', async () => {
    argo.behaviour({ storageUri: /12$/, load: 'crash-loops' })
    await push('b', CURRENT(URI(12)))
    expect(at(app()?.status, 'health', 'status')).toBe('Healthy')
    expect(conditionOf(service(), 'Ready')).toBe('True')
    expect(deployment()?.status).toMatchObject({ replicas: 2, updatedReplicas: 1, availableReplicas: 1 })
    clock.advance(600_000)
    await argo.settled()
    expect(conditionOf(service(), 'Ready')).toBe('False')
    expect(at(service()?.status, 'modelStatus', 'transitionStatus')).toBe('BlockedByFailedLoad')
    expect(at(app()?.status, 'health', 'status')).toBe('Degraded')
  })

  it('does not touch anything with auto-sync off until somebody presses Sync', async () => {
    argo.script('churn-staging', { autoSync: false })
    await push('b', CURRENT(URI(12)))
    expect([at(app()?.status, 'sync', 'status'), at(app()?.spec, 'syncPolicy')]).toEqual(['OutOfSync', undefined])
    argo.sync('churn-staging')
    await argo.settled()
    expect(at(app()?.status, 'sync', 'status')).toBe('Synced')
    expect(argo.kserve.liveUri('staging', 'churn')).toBe(URI(12))
  })

  it('says why a sync failed, and does not try the same commit again', async () => {
    argo.script('churn-staging', { syncFails: 'admission webhook denied the request' })
    await push('b', CURRENT(URI(12)))
    expect(app()?.status).toMatchObject({ sync: { status: 'OutOfSync' }, operationState: { phase: 'Failed' } })
    expect(at(app()?.status, 'conditions')).toMatchObject([{ type: 'SyncError' }])
    argo.script('churn-staging', { syncFails: undefined })
    await argo.settled()
    expect(at(app()?.status, 'operationState', 'phase')).toBe('Failed')
    await push('c', CURRENT(URI(13)))
    expect(at(app()?.status, 'conditions')).toBeUndefined()
    expect(argo.kserve.liveUri('staging', 'churn')).toBe(URI(13))
  })

  it('waits silently for a sync window, and a requested sync waits as Running', async () => {
    argo.script('churn-staging', { syncWindow: true })
    await push('b', CURRENT(URI(12)))
    expect(steps().at(-1)).toBe('OutOfSync b Succeeded Healthy ')
    argo.sync('churn-staging')
    await argo.settled()
    expect(app()?.status).toMatchObject({
      operationState: { phase: 'Running', message: 'Sync operation blocked by sync window' },
    })
    argo.script('churn-staging', { syncWindow: false })
    await argo.settled()
    expect(argo.kserve.liveUri('staging', 'churn')).toBe(URI(12))
  })

  it('never gets healthy, is missing, or says what it cannot read, when the story wants it', async () => {
    argo.script('churn-staging', { neverHealthy: true })
    await push('b', CURRENT(URI(12)))
    expect(steps().at(-1)).toBe('Synced b Succeeded Progressing ')
    argo.script('churn-staging', { neverHealthy: false, missing: true })
    expect(app()).toBeUndefined()
    argo.script('churn-staging', { missing: false })
    await push('c', 'kind: [')
    expect(app()?.status).toMatchObject({ sync: { status: 'Unknown' }, conditions: [{ type: 'ComparisonError' }] })
  })

  it('looks at git when its refresh annotation is set, and takes it off; and every three minutes', async () => {
    head = sha('d')
    store.update({ resource: APPLICATIONS, namespace: 'argocd', name: 'churn-staging' }, (object) => ({
      ...object,
      metadata: { ...object.metadata, annotations: { 'argocd.argoproj.io/refresh': 'normal' } },
    }))
    await argo.settled()
    expect(app()?.metadata.annotations).toBeUndefined()
    expect(at(app()?.status, 'sync', 'revision')).toBe(sha('d'))
    expect(at(app()?.status, 'operationState', 'syncResult', 'revision')).toBe(sha('a'))
    head = sha('e')
    clock.advance(180_000)
    await argo.settled()
    expect(at(app()?.status, 'sync', 'revision')).toBe(sha('e'))
  })

  function conditionOf(object: KubeObject | undefined, type: string) {
    const conditions = at(object?.status, 'conditions')
    return Array.isArray(conditions)
      ? at(
          conditions.find((one) => at(one, 'type') === type),
          'status',
        )
      : undefined
  }
})
