/** What no state of a cluster may ever do: let a rollout count as proven that is not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  deployment,
  judge,
  model,
  NEW,
  OLD,
  type Pods,
  progressing,
  READY,
  type Service,
  service,
  template,
} from './serving-fixture.ts'

describe('whatever the cluster shows', () => {
  const count = fc.nat({ max: 2 })
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
    isPaused: fc.constantFrom(false, false, true),
    template: fc.array(fc.constantFrom(NEW, OLD), { maxLength: 2 }).map((uris) => template(uris)),
  })
  const anyService: fc.Arbitrary<Service> = fc
    .record({
      storageUri: fc.constantFrom(NEW, NEW, OLD),
      conditions: fc.constantFrom(READY, READY, []),
      modelStatus: fc.constantFrom(model('UpToDate', 'Loaded'), model('InProgress', 'Pending'), undefined),
    })
    .map((change) => service(change))

  it('a service is never ready when a count, a generation, a URI or the progress of its pods differs', () => {
    let ready = 0
    fc.assert(
      fc.property(anyService, anyDeployment, (observed, pods) => {
        if (!judge(observed, pods).startsWith('ready')) return
        ready += 1
        const { replicas, wantedReplicas, updatedReplicas, availableReplicas } = pods
        expect([wantedReplicas, updatedReplicas, availableReplicas]).toEqual([replicas, replicas, replicas])
        expect(pods.observedGeneration).toBe(pods.generation)
        expect(new Set([observed.storageUri, ...pods.template.sources.map(({ uri }) => uri)])).toEqual(new Set([NEW]))
        expect(pods.template.sources).not.toEqual([])
        expect(pods.isPaused).toBe(false)
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
      fc.string().map((uri) => ({ template: template([NEW, uri]) })),
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
