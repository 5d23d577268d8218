/** When an InferenceService counts as serving what was promoted: the states that KServe, Kubernetes and Knative really show, good and bad. */
import { describe, expect, it } from 'vitest'
import { assessInferenceService, predictorDeployments } from '../../src/domain/kserve-readiness.ts'
import {
  AFTER,
  BEFORE,
  condition,
  deployment,
  knative,
  MERGED,
  model,
  NEW,
  NO_REVISIONS,
  OLD,
  overdue,
  type Pods,
  revisions,
  type Service,
  service,
  surging,
} from './serving-fixture.ts'

const BROKEN = 'failed: BlockedByFailedLoad: ModelLoadFailed: no such file'
const BY_CONDITIONS = '(by its conditions alone: KServe does not say how it is deployed)'

const judge = (observed: Service, pods: Pods | undefined, uri: string | undefined = NEW) => {
  const { kind, detail } = assessInferenceService(observed, { uri, since: MERGED, deployment: pods })
  return `${kind}: ${detail}`
}

describe('in Standard mode', () => {
  it.each<[string, Service, Pods | undefined, string]>([
    [
      'a new pod crashes behind old ones, and the service says Ready and UpToDate',
      service(),
      surging(),
      'waiting: new pods are not available yet: 1 of 2 updated, 2 of 3 available',
    ],
    [
      'new pods have missed their deadline, and the service says Ready',
      service(),
      overdue(),
      'failed: new pods did not become available: ReplicaSet "churn-predictor-5d9" has timed out progressing',
    ],
    ['all pods are new and answer', service(), deployment(), `ready: Ready, serves ${NEW} with 2 pods`],
    [
      'Argo CD has not changed the service',
      service({ storageUri: OLD }),
      deployment(),
      `waiting: storageUri is ${OLD}, not ${NEW} yet`,
    ],
    [
      'the service has no model',
      service({ storageUri: undefined }),
      deployment(),
      `waiting: storageUri is absent, not ${NEW} yet`,
    ],
    [
      'no pod has started',
      service({ conditions: [condition('Ready', 'False', 'MinimumReplicasUnavailable')] }),
      deployment({ replicas: 0, updatedReplicas: 0, availableReplicas: 0 }),
      'waiting: new pods are not available yet: 0 of 2 updated, 0 of 0 available',
    ],
    ['there is no Deployment', service(), undefined, 'waiting: there is no Deployment churn-predictor yet'],
    [
      'the model cannot be loaded',
      service({ modelStatus: model('BlockedByFailedLoad', 'FailedToLoad', AFTER) }),
      surging(),
      BROKEN,
    ],
    [
      'the model cannot be loaded, at a time that is not told',
      service({ modelStatus: model('BlockedByFailedLoad', 'FailedToLoad', 'no time') }),
      surging(),
      BROKEN,
    ],
    [
      'the model cannot be loaded, and why is not told',
      service({ modelStatus: model('BlockedByFailedLoad', 'FailedToLoad') }),
      surging(),
      'failed: BlockedByFailedLoad',
    ],
    [
      'a model could not be loaded before the promotion',
      service({ modelStatus: model('BlockedByFailedLoad', 'FailedToLoad', BEFORE) }),
      surging(),
      'waiting: BlockedByFailedLoad since before the promotion',
    ],
    [
      'the model before could not be loaded, and its pods are still there',
      service({ modelStatus: model('BlockedByFailedLoad', 'FailedToLoad', 'no time') }),
      surging({ sourceUris: [OLD] }),
      `waiting: KServe has not changed the pods yet: they carry ${OLD}`,
    ],
    [
      'KServe refuses the spec, so that no pod is touched',
      service({ modelStatus: model('InvalidSpec', '', 'no time') }),
      deployment({ sourceUris: [OLD] }),
      'failed: InvalidSpec: ModelLoadFailed: no such file',
    ],
    [
      'KServe refuses the spec of a new service',
      service({ modelStatus: model('InvalidSpec') }),
      undefined,
      'failed: InvalidSpec',
    ],
    [
      'an old failure is still told, and all is well',
      service({ modelStatus: model('UpToDate', 'Loaded', BEFORE) }),
      deployment(),
      `ready: Ready, serves ${NEW} with 2 pods`,
    ],
    [
      'the pods are complete and the service has not said so yet',
      service({ conditions: [condition('Ready', 'False', 'PredictorNotReady')] }),
      deployment(),
      'waiting: Ready is False (PredictorNotReady)',
    ],
    [
      'Ready is unknown',
      service({ conditions: [condition('Ready', 'Unknown')] }),
      deployment(),
      'waiting: Ready is Unknown',
    ],
    ['there are no conditions yet', service({ conditions: [] }), deployment(), 'waiting: no Ready condition yet'],
    [
      'the model is being loaded',
      service({ modelStatus: model('InProgress', 'Loading') }),
      deployment(),
      'waiting: model is InProgress',
    ],
    ['the transition is empty', service({ modelStatus: model('') }), deployment(), 'waiting: model is not loaded yet'],
    [
      'the model stands by',
      service({ modelStatus: model('UpToDate', 'Standby') }),
      deployment(),
      'waiting: model is Standby',
    ],
    [
      'KServe tells no model states',
      service({ modelStatus: undefined }),
      deployment(),
      `ready: Ready, serves ${NEW} with 2 pods`,
    ],
    [
      'it is scaled to zero',
      service({ modelStatus: model('InProgress', 'Pending') }),
      deployment({ wantedReplicas: 0, replicas: 0, updatedReplicas: 0, availableReplicas: 0 }),
      `ready: Ready, serves ${NEW} with 0 pods; scaled to zero`,
    ],
    [
      'it is scaled to zero with the old model',
      service({ modelStatus: model('InProgress', 'Pending') }),
      deployment({ wantedReplicas: 0, replicas: 0, updatedReplicas: 0, availableReplicas: 0, sourceUris: [OLD] }),
      `waiting: KServe has not changed the pods yet: they carry ${OLD}`,
    ],
    [
      'the model is pending although there are pods',
      service({ modelStatus: model('InProgress', 'Pending') }),
      deployment(),
      'waiting: model is InProgress',
    ],
  ])('%s', (_, observed, pods, expected) => {
    expect(judge(observed, pods)).toBe(expected)
  })

  it('a promotion that changes no URI is proven by the pods alone', () => {
    expect(assessInferenceService(service({ storageUri: OLD }), proofOf(deployment({ sourceUris: [OLD] })))).toEqual({
      kind: 'ready',
      detail: `Ready, serves ${OLD} with 2 pods`,
    })
    expect(assessInferenceService(service({ storageUri: undefined }), proofOf(surging())).kind).toBe('waiting')
  })

  const proofOf = (pods: Pods) => ({ uri: undefined, since: MERGED, deployment: pods })
})

describe('in Knative mode', () => {
  const revision = (uri: string) =>
    deployment({ name: 'churn-predictor-00002-deployment', sourceUris: [uri], replicas: 0 })
  it.each<[string, Service, Pods | undefined, string]>([
    [
      'the newest revision is the ready one and carries the model',
      knative(),
      revision(NEW),
      `ready: Ready, serves ${NEW} by revision churn-predictor-00002`,
    ],
    [
      "its revision's Deployment is not there",
      knative(),
      undefined,
      `ready: Ready, serves ${NEW} by revision churn-predictor-00002`,
    ],
    [
      'the newest revision is not ready, and the one before serves',
      knative({ predictor: revisions('churn-predictor-00002', 'churn-predictor-00001') }),
      undefined,
      'waiting: revision churn-predictor-00002 is not ready yet, churn-predictor-00001 is',
    ],
    [
      'no revision is ready yet',
      knative({ predictor: { latestCreatedRevision: 'churn-predictor-00001', latestReadyRevision: undefined } }),
      undefined,
      'waiting: revision churn-predictor-00001 is not ready yet, none is',
    ],
    ['there is no revision yet', knative({ predictor: NO_REVISIONS }), undefined, 'waiting: it has no revision yet'],
    [
      'KServe has not reacted, and the old revision is well',
      knative({ predictor: revisions('churn-predictor-00001') }),
      revision(OLD),
      `waiting: KServe has not made a revision of ${NEW} yet: churn-predictor-00001 is the latest`,
    ],
    [
      'it is scaled to zero',
      knative({ modelStatus: model('InProgress', 'Pending') }),
      revision(NEW),
      `ready: Ready, serves ${NEW} by revision churn-predictor-00002; scaled to zero`,
    ],
    [
      'a pod is loading the model',
      knative({ modelStatus: model('InProgress', 'Loading') }),
      revision(NEW),
      'waiting: model is InProgress',
    ],
    [
      'the model cannot be loaded',
      knative({
        predictor: revisions('churn-predictor-00002', 'churn-predictor-00001'),
        modelStatus: model('BlockedByFailedLoad', 'FailedToLoad', 'no time'),
      }),
      undefined,
      BROKEN,
    ],
    [
      'the route is not ready',
      knative({ conditions: [condition('Ready', 'False', 'RevisionMissing')] }),
      revision(NEW),
      'waiting: Ready is False (RevisionMissing)',
    ],
    [
      'the mode is not told, but there are revisions',
      knative({ mode: undefined, predictor: revisions('churn-predictor-00002', 'churn-predictor-00001') }),
      undefined,
      'waiting: revision churn-predictor-00002 is not ready yet, churn-predictor-00001 is',
    ],
  ])('%s', (_, observed, pods, expected) => {
    expect(judge(observed, pods)).toBe(expected)
  })
})

describe('in other modes', () => {
  it.each<[string, Service, string]>([
    [
      'the mode is not told: the conditions decide, and it says so',
      service({ mode: undefined }),
      `ready: Ready, serves ${NEW} ${BY_CONDITIONS}`,
    ],
    [
      'the mode is not told, and the service is not ready',
      service({ mode: undefined, conditions: [condition('Ready', 'False', 'PredictorNotReady')] }),
      'waiting: Ready is False (PredictorNotReady)',
    ],
    [
      'the mode is not told, and the model cannot be loaded',
      service({ mode: undefined, modelStatus: model('BlockedByFailedLoad', 'FailedToLoad', AFTER) }),
      BROKEN,
    ],
    ['ModelMesh tells of the model itself', service({ mode: 'modelmesh' }), `ready: Ready, serves ${NEW}`],
    [
      'ModelMesh is loading it',
      service({ mode: 'modelmesh', modelStatus: model('InProgress', 'Loading') }),
      'waiting: model is InProgress',
    ],
  ])('%s', (_, observed, expected) => {
    expect(judge(observed, undefined)).toBe(expected)
  })
})

describe('the Deployment to ask for', () => {
  it.each<[string, Service, readonly string[]]>([
    ['Standard mode', service(), ['churn-predictor', 'churn-predictor-default']],
    [
      'Knative mode',
      knative({ predictor: revisions('churn-predictor-00002', 'churn-predictor-00001') }),
      ['churn-predictor-00001-deployment'],
    ],
    ['Knative mode without a revision', knative({ predictor: NO_REVISIONS }), []],
    ['ModelMesh', service({ mode: 'modelmesh' }), []],
    ['a mode that is not told', service({ mode: undefined }), []],
  ])('%s', (_, observed, expected) => {
    expect(predictorDeployments(observed)).toEqual(expected)
  })
})
