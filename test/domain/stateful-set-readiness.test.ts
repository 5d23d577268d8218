/** When a StatefulSet counts as running what was promoted: the states that Kubernetes shows. Recorded ones: recorded-workloads.test.ts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assessStatefulSet, type ObservedStatefulSet } from '../../src/domain/stateful-set-readiness.ts'
import { DIGEST, IMAGE, imageOf, OTHER_DIGEST, proof, template, written } from './serving-fixture.ts'

const OURS = written({ images: [imageOf()] })
const ours = template([], [`${IMAGE}@${DIGEST}`])
const before = template([], [`${IMAGE}@${OTHER_DIGEST}`])
const RUNS = `pods run ${IMAGE}@${DIGEST}`
const UNCHANGED = `its pods have not changed yet: container kserve-container runs ${IMAGE}@${OTHER_DIGEST}, not ${IMAGE}@${DIGEST}`

describe('a StatefulSet', () => {
  const set = (change: Partial<ObservedStatefulSet> = {}): ObservedStatefulSet => ({
    name: 'churn',
    generation: 7,
    observedGeneration: 7,
    wantedReplicas: 3,
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    updatedReplicas: 3,
    currentReplicas: 3,
    currentRevision: 'churn-b',
    updateRevision: 'churn-b',
    strategy: 'RollingUpdate',
    partition: 0,
    template: ours,
    ...change,
  })
  const judge = (observed: ObservedStatefulSet) => {
    const { kind, detail } = assessStatefulSet(observed, proof(OURS))
    return `${kind}: ${detail}`
  }
  const rolling = { currentRevision: 'churn-a', currentReplicas: 2, updatedReplicas: 1 }
  it.each<[string, ObservedStatefulSet, string]>([
    ['all pods are new', set(), `ready: 3 ${RUNS}`],
    ['Kubernetes before 1.22, which tells no availability', set({ availableReplicas: undefined }), `ready: 3 ${RUNS}`],
    ['equal revisions without a count of updated pods', set({ updatedReplicas: 0 }), `ready: 3 ${RUNS}`],
    [
      'scaled to zero',
      set({
        wantedReplicas: 0,
        replicas: 0,
        readyReplicas: 0,
        availableReplicas: 0,
        updatedReplicas: 0,
        currentReplicas: 0,
      }),
      `ready: scaled to zero, ${RUNS.replace('run', 'would run')}`,
    ],
    ['the template is the one before, and all is well', set({ template: before }), `waiting: ${UNCHANGED}`],
    [
      'Kubernetes has not looked',
      set({ observedGeneration: 6 }),
      'waiting: Kubernetes has not looked at the changed pods yet',
    ],
    [
      'it was just made',
      set({ observedGeneration: undefined }),
      'waiting: Kubernetes has not looked at the changed pods yet',
    ],
    [
      'the first new pod crashes',
      set({ ...rolling, readyReplicas: 2, availableReplicas: 2 }),
      'waiting: new pods are not available yet: 1 of 3 updated, 2 of 3 available',
    ],
    [
      'a new pod is ready, but not for long enough',
      set({ availableReplicas: 2 }),
      'waiting: new pods are not available yet: 3 of 3 updated, 2 of 3 available',
    ],
    [
      'all are new, and Kubernetes does not call it complete',
      set({ currentRevision: 'churn-a', currentReplicas: 0 }),
      'waiting: revision churn-b is not complete: 3 of 3 updated, 3 of 3 available',
    ],
    [
      'a partition keeps pods',
      set({ ...rolling, partition: 2 }),
      'waiting: blocked: its partition 2 keeps pods on the template before: 1 of 3 updated, 3 of 3 available',
    ],
    [
      'OnDelete: nobody has deleted a pod',
      set({ ...rolling, updatedReplicas: 0, strategy: 'OnDelete' }),
      'waiting: blocked: its update strategy is OnDelete, so that somebody has to delete its old pods: 0 of 3 updated, 3 of 3 available',
    ],
    [
      'OnDelete: all were deleted, of which the current revision never tells',
      set({ currentRevision: 'churn-a', currentReplicas: 0, strategy: 'OnDelete' }),
      `ready: 3 ${RUNS}`,
    ],
  ])('%s', (_, observed, expected) => {
    expect(judge(observed)).toBe(expected)
  })

  it('is never ready with another image, an older generation or another count', () => {
    const count = fc.nat({ max: 2 })
    const any = fc.record({
      generation: fc.constant(2),
      observedGeneration: fc.option(count, { nil: undefined }),
      wantedReplicas: count,
      replicas: count,
      readyReplicas: count,
      availableReplicas: fc.option(count, { nil: undefined }),
      updatedReplicas: count,
      currentReplicas: fc.constant(0),
      currentRevision: fc.constantFrom('a', 'b'),
      strategy: fc.constantFrom<ObservedStatefulSet['strategy'][]>('RollingUpdate', 'OnDelete'),
      partition: fc.constantFrom(0, 0, 1),
      template: fc.constantFrom(ours, before),
    })
    let ready = 0
    fc.assert(
      fc.property(any, (change) => {
        const observed = set({ ...change, updateRevision: 'b' })
        if (!judge(observed).startsWith('ready')) return
        ready += 1
        expect(observed.template).toBe(ours)
        expect(observed.observedGeneration).toBe(2)
        const { wantedReplicas, replicas, readyReplicas, updatedReplicas } = observed
        expect([replicas, readyReplicas, updatedReplicas]).toEqual([wantedReplicas, wantedReplicas, wantedReplicas])
      }),
      { numRuns: 20_000, seed: 1 },
    )
    expect(ready).toBeGreaterThan(0)
  })
})
