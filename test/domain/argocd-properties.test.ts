/** What no Application can do, however odd: be taken as live, or as failed, by what is not ours. The states one by one: argocd-readiness.test.ts. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assessApplication, requestFor } from '../../src/domain/argocd-readiness.ts'
import { type Application, application, at, isOurs, LATER, OLD, OURS, operation, said, sought } from './applications.ts'

const revisions = fc.subarray([OURS, LATER, OLD], { maxLength: 2 })
const time = fc.option(fc.integer({ min: 0, max: 9 }).map(at), { nil: undefined })
const anyApplication: fc.Arbitrary<Application> = fc
  .record({
    automated: fc.boolean(),
    isFrozen: fc.boolean(),
    isSyncAsked: fc.boolean(),
    deletedAt: fc.option(fc.constant(at(1)), { nil: undefined }),
    syncStatus: fc.constantFrom('Synced' as const, 'OutOfSync' as const, 'Unknown' as const),
    syncRevisions: revisions,
    health: fc.constantFrom('Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'),
    healthChangedAt: time,
    operation: fc.option(
      fc
        .record({
          phase: fc.constantFrom('Running', 'Terminating', 'Failed', 'Error', 'Succeeded'),
          message: fc.constantFrom('', 'Sync operation blocked by sync window'),
          revisions,
          finishedAt: time,
          isPartial: fc.boolean(),
        })
        .map((change) => operation(change)),
      { nil: undefined },
    ),
    reconciledAt: time,
    conditions: fc.constantFrom([], said('SyncError', 'failed')),
  })
  .map((change) => application(change))

const numRuns = { numRuns: 5000, seed: 1 }

test('nothing is live that was not synced at our commit, is not healthy, or was not looked at after the sync', () => {
  let ready = 0
  fc.assert(
    fc.property(anyApplication, (observed) => {
      if (assessApplication(observed, sought()).kind !== 'ready') return
      ready += 1
      expect(observed).toMatchObject({ health: 'Healthy', isFrozen: false, deletedAt: undefined, isSyncAsked: false })
      expect(observed.syncRevisions.some(isOurs)).toBe(true)
      const { finishedAt, phase, revisions: synced = [], isPartial } = observed.operation ?? {}
      if (observed.syncStatus !== 'Synced') {
        expect({ phase, isPartial, automated: observed.automated }).toEqual({
          phase: 'Succeeded',
          isPartial: false,
          automated: false,
        })
        expect(synced.some(isOurs)).toBe(true)
      }
      expect(['Running', 'Terminating']).not.toContain(phase)
      const looked = Math.max(observed.reconciledAt?.getTime() ?? 0, observed.healthChangedAt?.getTime() ?? 0)
      expect(looked).toBeGreaterThanOrEqual(finishedAt?.getTime() ?? 0)
    }),
    numRuns,
  )
  expect(ready).toBeGreaterThan(0)
})

test('only a sync of our commit, or a health that changed after it, is a failure', () => {
  fc.assert(
    fc.property(anyApplication, (observed) => {
      const readiness = assessApplication(observed, sought())
      if (readiness.kind !== 'failed') return
      if (readiness.because === 'sync-failed') expect(observed.operation?.revisions.some(isOurs)).toBe(true)
      else expect(observed.syncRevisions.some(isOurs)).toBe(true)
    }),
    numRuns,
  )
})

test('no sync is started over one that runs or was asked for, nor twice for a commit, nor where auto-sync is on', () => {
  let started = 0
  fc.assert(
    fc.property(anyApplication, (observed) => {
      if (requestFor(observed, sought({ sync: 'request' })) !== 'sync') return
      started += 1
      const { phase, isPartial } = observed.operation ?? {}
      expect(observed).toMatchObject({ isSyncAsked: false, automated: false, syncStatus: 'OutOfSync' })
      expect(['Running', 'Terminating']).not.toContain(phase)
      if (phase === 'Succeeded' && isPartial === false)
        expect(observed.operation?.revisions.every(isOurs) && observed.operation.revisions.length > 0).toBe(false)
    }),
    numRuns,
  )
  expect(started).toBeGreaterThan(0)
})
