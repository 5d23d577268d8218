/** When a Rollout of Argo Rollouts counts as running what was promoted: the states that its controller shows. Recorded ones: recorded-workloads.test.ts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assessRollout, type ObservedRollout } from '../../src/domain/argo-rollout-readiness.ts'
import { isOlder } from '../../src/domain/workload-readiness.ts'
import {
  AFTER,
  BEFORE,
  DIGEST,
  IMAGE,
  imageOf,
  OTHER_DIGEST,
  progressing,
  proof,
  template,
  written,
} from './serving-fixture.ts'

const OURS = written({ images: [imageOf()] })
const ours = template([], [`${IMAGE}@${DIGEST}`])
const before = template([], [`${IMAGE}@${OTHER_DIGEST}`])
const RUNS = `pods run ${IMAGE}@${DIGEST}`
const UNCHANGED = `its pods have not changed yet: container kserve-container runs ${IMAGE}@${OTHER_DIGEST}, not ${IMAGE}@${DIGEST}`

it('what Kubernetes tells in whole seconds of the second of the merge is ours', () => {
  const since = new Date('2026-11-24T10:00:00.900Z')
  expect(isOlder(new Date('2026-11-24T10:00:00Z'), since)).toBe(false)
  expect(isOlder(new Date('2026-11-24T09:59:59Z'), since)).toBe(true)
  expect(isOlder(undefined, since)).toBe(false)
})

describe('a Rollout', () => {
  const rollout = (change: Partial<ObservedRollout> = {}): ObservedRollout => ({
    name: 'churn',
    generation: 7,
    observedGeneration: '7',
    workloadRef: undefined,
    template: ours,
    phase: 'Healthy',
    message: '',
    isAborted: false,
    abortedAt: undefined,
    pauseReasons: [],
    step: { index: 4, of: 4 },
    weight: undefined,
    currentPodHash: 'b',
    stableHash: 'b',
    wantedReplicas: 3,
    updatedReplicas: 3,
    availableReplicas: 3,
    conditions: [],
    ...change,
  })
  const judge = (observed: ObservedRollout, percent?: number) => {
    const traffic = percent === undefined ? {} : { traffic: { percent } }
    const { kind, detail } = assessRollout(observed, observed.template, proof(OURS, traffic))
    return `${kind}: ${detail}`
  }
  const aborted = {
    isAborted: true,
    phase: 'Degraded',
    message: 'RolloutAborted: metric "errors" assessed Failed due to failed (2) > failureLimit (1)',
  }
  const paused = {
    phase: 'Paused',
    pauseReasons: ['CanaryPauseStep'],
    stableHash: 'a',
    step: { index: 1, of: 4 },
    weight: 20,
    updatedReplicas: 1,
    availableReplicas: 4,
  }
  it.each<[string, ObservedRollout, string, number?]>([
    ['Healthy, and the new version is the stable one', rollout(), `ready: Healthy, 3 ${RUNS}`],
    [
      'the old version is still told of during a scale-down',
      rollout({ availableReplicas: 5 }),
      `ready: Healthy, 3 ${RUNS}`,
    ],
    ['the template is the one before', rollout({ template: before }), `waiting: ${UNCHANGED}`],
    [
      'Healthy is about the generation before',
      rollout({ observedGeneration: '6' }),
      'waiting: Argo Rollouts has not looked at the changed pods yet',
    ],
    [
      'nobody has looked',
      rollout({ observedGeneration: undefined }),
      'waiting: Argo Rollouts has not looked at the changed pods yet',
    ],
    [
      'Healthy while another version is stable',
      rollout({ stableHash: 'a' }),
      'waiting: version b is not the stable one yet, a is',
    ],
    [
      'no version is told',
      rollout({ currentPodHash: undefined, stableHash: undefined }),
      'waiting: version unknown is not the stable one yet, none is',
    ],
    [
      'Progressing',
      rollout({ phase: 'Progressing', message: 'more replicas need to be updated' }),
      'waiting: it is Progressing: more replicas need to be updated',
    ],
    ['no phase', rollout({ phase: undefined }), 'waiting: it is of an unknown phase'],
    [
      'paused at a step',
      rollout(paused),
      'waiting: paused at step 1 of 4, 20 % of the traffic is new (CanaryPauseStep)',
    ],
    [
      'blue-green, waiting for somebody',
      rollout({ phase: 'Paused', pauseReasons: ['BlueGreenPause'], step: undefined }),
      'waiting: paused (BlueGreenPause)',
    ],
    [
      'aborted by an analysis',
      rollout(aborted),
      'failed: aborted: RolloutAborted: metric "errors" assessed Failed due to failed (2) > failureLimit (1)',
    ],
    [
      'aborted before the promotion',
      rollout({ ...aborted, abortedAt: BEFORE }),
      'waiting: it was aborted before the promotion, and has not started anew',
    ],
    ['aborted after it', rollout({ ...aborted, abortedAt: AFTER, message: '' }), 'failed: aborted'],
    [
      'Degraded',
      rollout({
        phase: 'Degraded',
        message: 'ProgressDeadlineExceeded: ReplicaSet "churn-b" has timed out progressing.',
      }),
      'failed: Degraded: ProgressDeadlineExceeded: ReplicaSet "churn-b" has timed out progressing',
    ],
    [
      'Degraded since before the promotion',
      rollout({ phase: 'Degraded', conditions: progressing('ProgressDeadlineExceeded', BEFORE) }),
      'waiting: Degraded since before the promotion',
    ],
    [
      'a new pod is missing',
      rollout({ updatedReplicas: 2 }),
      'waiting: new pods are not available yet: 2 of 3 updated, 3 available',
    ],
    [
      'the Deployment that it names is not there',
      rollout({
        template: undefined,
        workloadRef: { kind: 'Deployment', name: 'churn-server', generation: '1', observedGeneration: '1' },
      }),
      'waiting: there is no Deployment churn-server whose pods it runs',
    ],
    [
      'the Deployment that it names has changed since',
      rollout({ workloadRef: { kind: 'Deployment', name: 'churn-server', generation: '2', observedGeneration: '1' } }),
      'waiting: Argo Rollouts has not looked at the changed Deployment churn-server yet',
    ],
    ['a step of a canary has its share', rollout(paused), 'ready: the new version gets 20 % of the traffic', 20],
    [
      'a step of a canary has another share',
      rollout({ ...paused, weight: 10 }),
      'waiting: the new version gets 10 % of the traffic, not 20 %',
      20,
    ],
    [
      'a step of a canary lacks pods',
      rollout({ ...paused, availableReplicas: 2 }),
      'waiting: new pods are not available yet',
      20,
    ],
  ])('%s', (_, observed, expected, percent) => {
    expect(judge(observed, percent)).toBe(expected)
  })

  it('is never ready with another image, an older generation or another stable version', () => {
    const any = fc.record({
      observedGeneration: fc.constantFrom('6', '7', '7', undefined),
      phase: fc.constantFrom('Healthy', 'Healthy', 'Paused', 'Degraded', 'Progressing', undefined),
      isAborted: fc.boolean(),
      stableHash: fc.constantFrom('a', 'b', undefined),
      updatedReplicas: fc.nat({ max: 3 }),
      availableReplicas: fc.nat({ max: 4 }),
      template: fc.constantFrom(ours, before),
    })
    let ready = 0
    fc.assert(
      fc.property(any, (change) => {
        if (!judge(rollout(change)).startsWith('ready')) return
        ready += 1
        expect(change).toMatchObject({
          observedGeneration: '7',
          phase: 'Healthy',
          isAborted: false,
          stableHash: 'b',
          updatedReplicas: 3,
        })
        expect(change.template).toBe(ours)
      }),
      { numRuns: 10_000, seed: 1 },
    )
    expect(ready).toBeGreaterThan(0)
  })
})
