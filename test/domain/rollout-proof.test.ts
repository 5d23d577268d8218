/** What no state of a cluster may ever do: let a rollout count as proven that is not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assessInferenceService } from '../../src/domain/kserve-readiness.ts'
import {
  deployment,
  MERGED,
  model,
  NEW,
  NO_REVISIONS,
  OLD,
  type Pods,
  progressing,
  READY,
  type Service,
  service,
} from './serving-fixture.ts'

const judge = (observed: Service, pods: Pods): string =>
  assessInferenceService(observed, { uri: NEW, since: MERGED, deployment: pods }).kind

describe('whatever the cluster shows', () => {
  const count = fc.nat({ max: 3 })
  const reason = fc.constantFrom('NewReplicaSetAvailable', 'ReplicaSetUpdated', 'ProgressDeadlineExceeded', 'Paused')
  const anyDeployment: fc.Arbitrary<Pods> = fc.record({
    name: fc.constant('churn-predictor'),
    generation: count,
    observedGeneration: fc.option(count, { nil: undefined }),
    wantedReplicas: count,
    replicas: count,
    updatedReplicas: count,
    availableReplicas: count,
    conditions: reason.map((said) => progressing(said)),
    sourceUris: fc.array(fc.constantFrom(NEW, OLD), { maxLength: 2 }),
    images: fc.constant([]),
  })
  const anyService: fc.Arbitrary<Service> = fc.record({
    name: fc.constant('churn'),
    mode: fc.constant('standard' as const),
    storageUri: fc.constantFrom(NEW, NEW, OLD),
    conditions: fc.constantFrom(READY, READY, []),
    modelStatus: fc.constantFrom(model('UpToDate', 'Loaded'), model('InProgress', 'Pending'), undefined),
    predictor: fc.constant(NO_REVISIONS),
  })

  it('a service is never ready when a count, a generation, a URI or the progress of its pods differs', () => {
    let ready = 0
    fc.assert(
      fc.property(anyService, anyDeployment, (observed, pods) => {
        if (!judge(observed, pods).startsWith('ready')) return
        ready += 1
        const { replicas, wantedReplicas, updatedReplicas, availableReplicas } = pods
        expect([wantedReplicas, updatedReplicas, availableReplicas]).toEqual([replicas, replicas, replicas])
        expect(pods.observedGeneration).toBe(pods.generation)
        expect(new Set([observed.storageUri, ...pods.sourceUris])).toEqual(new Set([NEW]))
        expect(pods.sourceUris).not.toEqual([])
        expect(pods.conditions.at(-1)?.reason).toBe('NewReplicaSetAvailable')
      }),
      { numRuns: 20_000, seed: 1 },
    )
    expect(ready).toBeGreaterThan(0)
  })

  it('one difference is enough', () => {
    const differences: fc.Arbitrary<Partial<Pods>> = fc.oneof(
      fc
        .constantFrom('wantedReplicas', 'replicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration')
        .chain((key) => fc.integer({ min: 0, max: 9 }).map((value) => ({ [key]: value }))),
      fc.string().map((uri) => ({ sourceUris: [NEW, uri] })),
    )
    fc.assert(
      fc.property(differences, (difference) => {
        const pods = deployment(difference)
        fc.pre(JSON.stringify(pods) !== JSON.stringify(deployment()))
        expect(judge(service(), pods)).toMatch(/^waiting/)
      }),
    )
  })
})
