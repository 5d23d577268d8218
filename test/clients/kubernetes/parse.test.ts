/** What the bot sees of Argo CD and KServe, from objects as their controllers write them. */
import { describe, expect, it } from 'vitest'
import { parseApplication } from '../../../src/clients/kubernetes/parse-application.ts'
import { parseDeployment } from '../../../src/clients/kubernetes/parse-deployment.ts'
import { parseInferenceService } from '../../../src/clients/kubernetes/parse-inference-service.ts'

const metadata = { namespace: 'argocd', name: 'churn-prod', generation: 4 }
const REVISION = 'a'.repeat(40)

describe('an Argo CD Application', () => {
  it('that was just synced', () => {
    const source = { repoURL: 'https://github.com/acme/config', path: 'prod/churn', targetRevision: 'HEAD' }
    const application = parseApplication({
      metadata,
      spec: { source, syncPolicy: { automated: { prune: true, selfHeal: true } } },
      status: {
        sync: { status: 'Synced', revision: REVISION },
        health: { status: 'Healthy', lastTransitionTime: '2026-11-17T10:02:00Z' },
        reconciledAt: '2026-11-17T10:03:00Z',
        operationState: {
          phase: 'Succeeded',
          message: 'successfully synced (all tasks run)',
          startedAt: '2026-11-17T10:00:00Z',
          finishedAt: '2026-11-17T10:01:00Z',
          syncResult: { revision: REVISION },
        },
        conditions: [{ type: 'SharedResourceWarning', message: 'shared' }],
      },
    })
    expect(application).toEqual({
      namespace: 'argocd',
      name: 'churn-prod',
      sources: [{ repoUrl: source.repoURL, path: 'prod/churn', targetRevision: 'HEAD' }],
      automated: true,
      syncStatus: 'Synced',
      syncRevisions: [REVISION],
      health: 'Healthy',
      healthChangedAt: new Date('2026-11-17T10:02:00Z'),
      operation: {
        phase: 'Succeeded',
        message: 'successfully synced (all tasks run)',
        revisions: [REVISION],
        finishedAt: new Date('2026-11-17T10:01:00Z'),
        retries: 0,
        retryLimit: undefined,
        isPartial: false,
        failures: [],
      },
      deployed: [],
      isSyncAsked: false,
      reconciledAt: new Date('2026-11-17T10:03:00Z'),
      conditions: [{ type: 'SharedResourceWarning', message: 'shared' }],
      unwell: [],
      resourceVersion: undefined,
      syncPolicy: { prune: true, options: [], retry: undefined },
      deletedAt: undefined,
      isFrozen: false,
      hydration: undefined,
    })
  })

  it('with several sources has a revision for each, while a sync runs too', () => {
    const application = parseApplication({
      metadata,
      spec: {
        sources: [
          { repoURL: 'a', chart: 'x' },
          { repoURL: 'b', path: 'p' },
        ],
      },
      status: {
        sync: { status: 'OutOfSync', revisions: ['1.2.3', REVISION] },
        operationState: { phase: 'Running', operation: { sync: { revisions: ['1.2.3', REVISION] } } },
      },
    })
    expect(application.sources.map(({ repoUrl }) => repoUrl)).toEqual(['a', 'b'])
    expect(application.syncRevisions).toEqual(['1.2.3', REVISION])
    expect(application.operation).toMatchObject({ phase: 'Running', revisions: ['1.2.3', REVISION] })
  })

  it.each([
    ['nothing', {}, false],
    ['an empty policy', { syncPolicy: {} }, false],
    ['automatic', { syncPolicy: { automated: {} } }, true],
    ['automatic, switched off', { syncPolicy: { automated: { enabled: false } } }, false],
    ['automatic, switched on', { syncPolicy: { automated: { enabled: true } } }, true],
  ])('syncs by itself with %s: %s', (_, spec, expected) => {
    expect(parseApplication({ metadata, spec }).automated).toBe(expected)
  })

  it('that was just made, or comes from a later Argo CD, is unknown and not finished', () => {
    expect(parseApplication({ metadata })).toMatchObject({
      syncStatus: 'Unknown',
      syncRevisions: [],
      health: 'Unknown',
      operation: undefined,
    })
    const status = { sync: { status: 'Levitating', revision: '' }, operationState: { phase: 'Pondering' } }
    expect(parseApplication({ metadata, status })).toMatchObject({
      syncStatus: 'Unknown',
      syncRevisions: [],
      operation: { phase: 'Running' },
    })
  })

  it('without a name is no Application', () => {
    expect(() => parseApplication({ metadata: {} })).toThrow('Application.metadata.namespace is not a string')
    expect(() => parseApplication('x')).toThrow('Application is not an object')
  })
})

describe('a KServe InferenceService', () => {
  const uri = 's3://acme-models/churn/12'
  it.each([
    ['the current shape', { model: { modelFormat: { name: 'sklearn' }, storageUri: uri } }, uri],
    ['the older shape', { minReplicas: 1, sklearn: { storageUri: uri } }, uri],
    ['another framework of it', { xgboost: { storageUri: uri, protocolVersion: 'v2' } }, uri],
    ['its own container', { containers: [{ image: 'x' }] }, undefined],
  ])('has its model in %s', (_, predictor, expected) => {
    expect(parseInferenceService({ metadata, spec: { predictor } }).storageUri).toBe(expected)
  })

  it('tells conditions, model states and the last failure', () => {
    const service = parseInferenceService({
      metadata,
      spec: {},
      status: {
        url: 'https://churn.example.com',
        conditions: [
          { type: 'Ready', status: 'False', reason: 'PredictorNotReady', message: 'm' },
          { type: 'Stopped', status: 'Perhaps' },
        ],
        modelStatus: {
          transitionStatus: 'BlockedByFailedLoad',
          states: { activeModelState: 'Loaded', targetModelState: 'FailedToLoad' },
          lastFailureInfo: { reason: 'ModelLoadFailed', message: 'no such file', time: '2026-11-17T10:00:00Z' },
        },
      },
    })
    expect(service).toMatchObject({ generation: 4, url: 'https://churn.example.com' })
    expect(service.conditions).toEqual([
      { type: 'Ready', status: 'False', reason: 'PredictorNotReady', message: 'm', changedAt: undefined },
      { type: 'Stopped', status: 'Unknown', reason: '', message: '', changedAt: undefined },
    ])
    expect(service.modelStatus).toEqual({
      transitionStatus: 'BlockedByFailedLoad',
      targetModelState: 'FailedToLoad',
      activeModelState: 'Loaded',
      lastFailure: {
        reason: 'ModelLoadFailed',
        message: 'no such file',
        exitCode: undefined,
        at: new Date('2026-11-17T10:00:00Z'),
      },
      copies: undefined,
    })
  })

  it.each([
    ['a status with the older name', { status: { deploymentMode: 'RawDeployment' } }, 'standard'],
    ['a status with the newer name', { status: { deploymentMode: 'Standard' } }, 'standard'],
    ['Serverless', { status: { deploymentMode: 'Serverless' } }, 'knative'],
    ['Knative', { status: { deploymentMode: 'Knative' } }, 'knative'],
    ['ModelMesh', { status: { deploymentMode: 'ModelMesh' } }, 'modelmesh'],
    ['an annotation alone', { annotation: 'RawDeployment' }, 'standard'],
    [
      'both, of which the status is what is',
      { annotation: 'Serverless', status: { deploymentMode: 'Standard' } },
      'standard',
    ],
    ['a name of a later KServe', { status: { deploymentMode: 'Levitating' } }, undefined],
    ['neither', {}, undefined],
  ])('runs in the mode that it tells by %s', (_, told: { status?: object; annotation?: string }, expected) => {
    const annotations = { 'serving.kserve.io/deploymentMode': told.annotation }
    const service = parseInferenceService({ metadata: { ...metadata, annotations }, status: told.status })
    expect(service.mode).toBe(expected)
  })

  it('in Knative mode tells its revisions', () => {
    const predictor = { latestCreatedRevision: 'churn-predictor-00002', latestReadyRevision: 'churn-predictor-00001' }
    const told = parseInferenceService({ metadata, status: { components: { predictor } } })
    expect(told.revisions).toEqual({
      predictor: { ...predictor, latestRolledoutRevision: undefined, traffic: undefined },
    })
    expect(parseInferenceService({ metadata, status: {} }).revisions).toEqual({})
  })
})

describe("a predictor's Deployment", () => {
  const uri = 's3://acme-models/churn/12'
  it('in the middle of a rollout', () => {
    const deployment = parseDeployment({
      metadata: { namespace: 'prod', name: 'churn-predictor', generation: 7 },
      spec: {
        replicas: 2,
        template: {
          metadata: { annotations: { 'internal.serving.kserve.io/storage-initializer-sourceuri': uri } },
          spec: {
            initContainers: [{ name: 'storage-initializer', image: 'init:1', args: [uri, '/mnt/models'] }],
            containers: [{ name: 'kserve-container', image: 'server:2', args: ['--model_name=churn'] }],
          },
        },
      },
      status: {
        observedGeneration: 6,
        replicas: 3,
        updatedReplicas: 1,
        availableReplicas: 2,
        conditions: [
          { type: 'Available', status: 'True', lastTransitionTime: '2026-11-17T09:00:00Z' },
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: 'timed out',
            lastTransitionTime: '2026-11-17T09:00:00Z',
            lastUpdateTime: '2026-11-17T10:00:00Z',
          },
        ],
      },
    })
    expect(deployment).toEqual({
      namespace: 'prod',
      name: 'churn-predictor',
      generation: 7,
      observedGeneration: 6,
      isPaused: false,
      wantedReplicas: 2,
      replicas: 3,
      updatedReplicas: 1,
      availableReplicas: 2,
      conditions: [
        { type: 'Available', status: 'True', reason: '', message: '', changedAt: new Date('2026-11-17T09:00:00Z') },
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: 'timed out',
          changedAt: new Date('2026-11-17T10:00:00Z'),
        },
      ],
      template: {
        containers: [
          { name: 'storage-initializer', image: 'init:1' },
          { name: 'kserve-container', image: 'server:2' },
        ],
        sources: [
          { uri, mountPath: '/mnt/models' },
          { uri, mountPath: '/mnt/models' },
        ],
        env: [],
        words: [uri, '/mnt/models', '--model_name', 'churn'],
      },
    })
  })

  it('that was just made has no pods, and wants one unless it says otherwise', () => {
    const made = parseDeployment({ metadata: { namespace: 'prod', name: 'churn-predictor', generation: 1 }, spec: {} })
    expect(made).toMatchObject({
      observedGeneration: undefined,
      wantedReplicas: 1,
      replicas: 0,
      template: { sources: [] },
    })
  })
})
