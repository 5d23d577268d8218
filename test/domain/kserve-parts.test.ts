/** When an InferenceService with a canary, a transformer or workers on several nodes counts as serving what was promoted, and where its pods are looked for. */
import { describe, expect, it } from 'vitest'
import { assessInferenceService, type PodsPlace, podsPlaces } from '../../src/domain/kserve-readiness.ts'
import type { Proof } from '../../src/domain/workload-readiness.ts'
import {
  AFTER,
  condition,
  DIGEST,
  deployment,
  IMAGE,
  imageOf,
  judge,
  knative,
  MERGED,
  model,
  model12,
  NEW,
  NOW,
  OLD,
  OTHER_DIGEST,
  READY,
  revisions,
  type Service,
  service,
  surging,
  template,
  written,
} from './serving-fixture.ts'

const BROKEN = 'failed: BlockedByFailedLoad: ModelLoadFailed: no such file'
const BY_CONDITIONS = '(by its conditions alone: KServe does not say how it is deployed)'

describe('in Standard mode with more than a predictor', () => {
  const canaries = (isReady: boolean, percent: number, storageUri = NEW) =>
    service({ storageUri: OLD, canaries: [{ name: 'v12', storageUri, isReady, percent }] })
  const step = { traffic: { percent: 10, canary: 'v12' } }
  const own = deployment({ name: 'churn-v12-predictor' })
  it.each<[string, Service, Parameters<typeof judge>[1], string, Partial<Proof>?]>([
    [
      'its canary has its share',
      canaries(true, 10),
      own,
      `ready: canary v12 serves ${NEW} with 2 pods and gets 10 %`,
      step,
    ],
    [
      'its canary has another share',
      canaries(true, 20),
      own,
      'waiting: canary v12 gets 20 % of the traffic, not 10 %',
      step,
    ],
    ['its canary is not ready', canaries(false, 10), own, 'waiting: canary v12 is not ready yet', step],
    [
      'its canary has the model before',
      canaries(true, 10, OLD),
      own,
      `waiting: storageUri is ${OLD}, not ${NEW} yet`,
      step,
    ],
    ['it has no such canary', service({ storageUri: OLD }), own, 'waiting: it has no canary v12 yet', step],
    [
      'a new pod of its canary crashes',
      canaries(true, 10),
      surging(),
      'waiting: new pods are not available yet: 1 of 2 updated, 2 of 3 available',
      step,
    ],
    [
      'its transformer is broken while Ready is True',
      service({ conditions: [...READY, condition('TransformerReady', 'False', 'MinimumReplicasUnavailable')] }),
      deployment(),
      'waiting: TransformerReady is False (MinimumReplicasUnavailable)',
    ],
    [
      'somebody stopped it',
      service({ conditions: [condition('Stopped', 'True', 'Stopped'), condition('Ready', 'False', 'Stopped')] }),
      undefined,
      'waiting: suspended: it is stopped (serving.kserve.io/stop) and has no pods',
    ],
    [
      'the server was killed for want of memory',
      service({
        modelStatus: {
          ...model('BlockedByFailedLoad', 'FailedToLoad'),
          lastFailure: { reason: 'ModelLoadFailed', message: '', exitCode: 137, at: AFTER },
        },
      }),
      surging(),
      'failed: BlockedByFailedLoad: ModelLoadFailed (exit code 137)',
    ],
    [
      'the pods run the image before',
      service(),
      deployment({ template: template([NEW], [`${IMAGE}@${OTHER_DIGEST}`]) }),
      `waiting: its pods have not changed yet: container kserve-container runs ${IMAGE}@${OTHER_DIGEST}, not ${IMAGE}@${DIGEST}`,
      { written: written({ uris: [NEW], images: [imageOf()] }) },
    ],
    [
      'the mode is not told: the conditions decide, and it says so',
      service({ mode: undefined }),
      undefined,
      `ready: Ready, serves ${NEW} ${BY_CONDITIONS}`,
    ],
    [
      'the mode is not told, and it is not ready',
      service({ mode: undefined, conditions: [condition('Ready', 'False', 'PredictorNotReady')] }),
      undefined,
      'waiting: Ready is False (PredictorNotReady)',
    ],
    [
      'the mode is not told, and the model cannot be loaded',
      service({ mode: undefined, modelStatus: model('BlockedByFailedLoad', 'FailedToLoad', AFTER) }),
      undefined,
      BROKEN,
    ],
  ])('%s', (_, observed, pods, expected, asked = {}) => {
    expect(judge(observed, pods, asked)).toBe(expected)
  })

  it('a worker that does not come up keeps a predictor over several nodes from being ready', () => {
    const observed = service({ isMultiNode: true })
    const [head, worker] = podsPlaces(observed, ['predictor'])
    const pods = [
      { place: head as PodsPlace, deployment: deployment() },
      {
        place: worker as PodsPlace,
        deployment: surging({ name: 'churn-predictor-worker', template: template([NEW]) }),
      },
    ]
    const asked = { since: MERGED, now: NOW, written: { predictor: model12 }, pods }
    expect(assessInferenceService(observed, asked).detail).toBe(
      'worker: new pods are not available yet: 1 of 2 updated, 2 of 3 available',
    )
    expect(assessInferenceService(observed, { ...asked, pods: pods.slice(0, 1) }).kind).toBe('ready')
  })

  it('a transformer that an edit names must run what was written to it', () => {
    const observed = service({ components: ['predictor', 'transformer'] })
    const [predictor, transformer] = podsPlaces(observed, ['predictor', 'transformer'])
    const pods = (digest: string) => [
      { place: predictor as PodsPlace, deployment: deployment() },
      {
        place: transformer as PodsPlace,
        deployment: deployment({ name: 'churn-transformer', template: template([], [`${IMAGE}@${digest}`]) }),
      },
    ]
    const asked = {
      since: MERGED,
      now: NOW,
      written: { predictor: model12, transformer: written({ images: [imageOf()] }) },
    }
    expect(assessInferenceService(observed, { ...asked, pods: pods(OTHER_DIGEST) }).detail).toBe(
      `transformer: its pods have not changed yet: container kserve-container runs ${IMAGE}@${OTHER_DIGEST}, not ${IMAGE}@${DIGEST}`,
    )
    expect(assessInferenceService(observed, { ...asked, pods: pods(DIGEST) }).detail).toBe(
      `Ready, serves ${NEW} with 2 pods`,
    )
  })
})

describe('where its pods are looked for', () => {
  it.each<[string, Service, readonly string[]]>([
    ['Standard mode', service(), ['Deployment churn-predictor', 'Deployment churn-predictor-default']],
    [
      'a predictor with a name',
      service({ predictorName: 'v12' }),
      ['Deployment churn-v12-predictor', 'Deployment churn-predictor', 'Deployment churn-predictor-default'],
    ],
    [
      'several nodes',
      service({ isMultiNode: true }),
      ['Deployment churn-predictor', 'Deployment churn-predictor-default', 'Deployment churn-predictor-worker'],
    ],
    [
      'Knative mode',
      knative({ revisions: revisions('churn-predictor-00002', 'churn-predictor-00001') }),
      ['Revision churn-predictor-00002'],
    ],
    ['Knative mode without a revision', knative({ revisions: {} }), []],
    ['ModelMesh', service({ mode: 'modelmesh' }), []],
    ['a mode that is not told', service({ mode: undefined }), []],
  ])('%s', (_, observed, expected) => {
    const names = podsPlaces(observed, ['predictor']).flatMap((place) =>
      place.names.map((name) => `${place.kind} ${name}`),
    )
    expect(names).toEqual(expected)
  })
})
