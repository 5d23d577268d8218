/** When an InferenceService in Standard mode counts as serving what was promoted: the states that KServe and Kubernetes really show, good and bad. Other modes: kserve-modes.test.ts. */
import { describe, expect, it } from 'vitest'
import { NOTHING_WRITTEN } from '../../src/domain/pod-template.ts'
import {
  AFTER,
  BEFORE,
  condition,
  deployment,
  judge,
  model,
  NEW,
  OLD,
  overdue,
  type Pods,
  type Service,
  service,
  surging,
  template,
} from './serving-fixture.ts'

const BROKEN = 'failed: BlockedByFailedLoad: ModelLoadFailed: no such file'

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
      'its model is told by its pods alone, as with `storageUris`',
      service({ storageUri: undefined }),
      deployment(),
      'ready: Ready, serves the model with 2 pods',
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
      surging({ template: template([OLD]) }),
      `waiting: its pods have not changed yet: they carry ${OLD}, not ${NEW}`,
    ],
    [
      'KServe refuses the spec, so that no pod is touched',
      service({ modelStatus: model('InvalidSpec', '', 'no time') }),
      deployment({ template: template([OLD]) }),
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
      deployment({
        wantedReplicas: 0,
        replicas: 0,
        updatedReplicas: 0,
        availableReplicas: 0,
        template: template([OLD]),
      }),
      `waiting: its pods have not changed yet: they carry ${OLD}, not ${NEW}`,
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
    const same = { written: NOTHING_WRITTEN }
    expect(judge(service({ storageUri: OLD }), deployment({ template: template([OLD]) }), same)).toBe(
      `ready: Ready, serves ${OLD} with 2 pods`,
    )
    expect(judge(service({ storageUri: undefined }), surging(), same)).toMatch(/^waiting/)
  })
})
