/** What the bot sees of Argo CD and KServe, from objects as their controllers write them. */
import { describe, expect, it } from 'vitest'
import { parseApplication } from '../../../src/clients/kubernetes/parse-application.ts'
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
      },
      reconciledAt: new Date('2026-11-17T10:03:00Z'),
      conditions: [{ type: 'SharedResourceWarning', message: 'shared' }],
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
      { type: 'Ready', status: 'False', reason: 'PredictorNotReady', message: 'm' },
      { type: 'Stopped', status: 'Unknown', reason: '', message: '' },
    ])
    expect(service.modelStatus).toEqual({
      transitionStatus: 'BlockedByFailedLoad',
      targetModelState: 'FailedToLoad',
      activeModelState: 'Loaded',
      lastFailure: { reason: 'ModelLoadFailed', message: 'no such file', at: new Date('2026-11-17T10:00:00Z') },
    })
  })
})
