/** When a commit counts as live in Argo CD: Applications as its controllers show them, in order, late, blocked and broken. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { assessApplication, type ObservedApplication } from '../../src/domain/argocd-readiness.ts'
import type { Readiness } from '../../src/domain/sync-readiness.ts'

const OURS = 'a'.repeat(40)
const LATER = 'b'.repeat(40)
const OLD = 'c'.repeat(40)
const isOurs = (revision: string): boolean => revision === OURS || revision === LATER

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 24, 10, minute))
const SYNCED_AT = at(5)

type Application = ObservedApplication
const operation = (change: Partial<NonNullable<Application['operation']>> = {}) => ({
  phase: 'Succeeded' as const,
  message: 'successfully synced (all tasks run)',
  revisions: [OURS],
  finishedAt: SYNCED_AT,
  ...change,
})
const running = (message = '', revisions = [OURS]) =>
  operation({ phase: 'Running', message, revisions, finishedAt: undefined })

/** Live and well. */
const application = (change: Partial<Application> = {}): Application => ({
  automated: true,
  syncStatus: 'Synced',
  syncRevisions: [OURS],
  health: 'Healthy',
  healthChangedAt: at(6),
  operation: operation(),
  reconciledAt: at(6),
  conditions: [],
  ...change,
})
const outOfSync = (change: Partial<Application> = {}): Application =>
  application({ syncStatus: 'OutOfSync', operation: operation({ revisions: [OLD], finishedAt: at(0) }), ...change })
const said = (type: string, message: string) => [{ type, message }]

const words = (readiness: Readiness): string => {
  if (readiness.kind === 'ready') return `ready at ${readiness.revision.slice(0, 4)}`
  const because = readiness.kind === 'blocked' ? '' : ` (${readiness.because})`
  return `${readiness.kind}${because}: ${readiness.detail}`
}

const IDLE = 'Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed'

describe('an Application', () => {
  it.each<[string, Application, string]>([
    ['is live and well', application(), 'ready at aaaa'],
    [
      "is live by somebody's later commit",
      application({ syncRevisions: [LATER], operation: operation({ revisions: [LATER] }) }),
      'ready at bbbb',
    ],
    [
      'has several sources, one of them ours',
      application({ syncRevisions: ['1.2.3', OURS], operation: operation({ revisions: ['1.2.3', OURS] }) }),
      'ready at 1.2.',
    ],
    [
      'did not change by our commit, so that nothing was synced',
      application({ operation: operation({ revisions: [OLD], finishedAt: at(0) }) }),
      'ready at aaaa',
    ],
    ['has never been synced by an operation', application({ operation: undefined }), 'ready at aaaa'],
    [
      'was looked at in the second in which its sync ended',
      application({ healthChangedAt: at(0), reconciledAt: SYNCED_AT }),
      'ready at aaaa',
    ],
    ['does not tell when its health changed', application({ healthChangedAt: undefined }), 'ready at aaaa'],
    ['is at the commit before', outOfSync({ syncRevisions: [OLD] }), 'waiting (not-seen): Argo CD is at ccccccc'],
    [
      'is healthy and synced at the commit before',
      application({ syncRevisions: [OLD], operation: operation({ revisions: [OLD] }) }),
      'waiting (not-seen): Argo CD is at ccccccc',
    ],
    [
      'was just made',
      application({
        syncStatus: 'Unknown',
        syncRevisions: [],
        health: 'Unknown',
        operation: undefined,
        reconciledAt: undefined,
      }),
      'waiting (not-seen): Argo CD is at no revision',
    ],
    [
      'cannot read the repository',
      outOfSync({
        syncStatus: 'Unknown',
        syncRevisions: [],
        conditions: said('ComparisonError', 'authentication required'),
      }),
      'waiting (not-seen): authentication required',
    ],
    [
      'has a warning, which is no error',
      outOfSync({ syncRevisions: [OLD], conditions: said('SharedResourceWarning', 'shared') }),
      'waiting (not-seen): Argo CD is at ccccccc',
    ],
    ['has seen the commit, and not begun', outOfSync(), `waiting (not-synced): ${IDLE}`],
    [
      'is in a deny window, of which Argo CD says nothing',
      outOfSync({ operation: undefined }),
      `waiting (not-synced): ${IDLE}`,
    ],
    [
      'has seen the commit and cannot compare it',
      outOfSync({ syncStatus: 'Unknown', conditions: said('ComparisonError', 'kustomize build failed') }),
      'waiting (not-synced): kustomize build failed',
    ],
    [
      'tells of a sync window in a condition',
      outOfSync({ conditions: said('SyncWarning', 'cannot sync: blocked by sync window') }),
      'blocked: cannot sync: blocked by sync window',
    ],
    [
      'was asked to sync in a deny window',
      outOfSync({ operation: running('Sync operation blocked by sync window') }),
      'blocked: Sync operation blocked by sync window',
    ],
    [
      'was asked to sync an earlier commit in a deny window',
      outOfSync({ syncRevisions: [OLD], operation: running('Sync operation blocked by sync window', [OLD]) }),
      'blocked: Sync operation blocked by sync window',
    ],
    [
      'has auto-sync off',
      outOfSync({ automated: false }),
      'blocked: auto-sync is off: somebody has to press Sync in Argo CD',
    ],
    ['has auto-sync off, and somebody pressed Sync', application({ automated: false }), 'ready at aaaa'],
    [
      'has auto-sync off, and the sync that somebody pressed runs',
      outOfSync({ automated: false, operation: running('waiting for hooks') }),
      'waiting (operation-running): waiting for hooks',
    ],
    ['syncs it', outOfSync({ operation: running() }), 'waiting (operation-running): the sync runs'],
    [
      'tries again after a failure',
      outOfSync({ operation: running('one or more objects failed to apply. Retrying attempt #2') }),
      'waiting (operation-running): one or more objects failed to apply. Retrying attempt #2',
    ],
    [
      'is stopping the sync',
      outOfSync({
        operation: operation({ phase: 'Terminating', message: 'operation is terminating', finishedAt: undefined }),
      }),
      'waiting (operation-running): operation is terminating',
    ],
    [
      'syncs another commit first',
      outOfSync({ operation: running('', [OLD]) }),
      'waiting (not-synced): the sync of another commit runs',
    ],
    [
      'is synced, and another sync runs',
      application({ operation: running('', [OLD]) }),
      'waiting (operation-running): the sync of another commit runs',
    ],
    [
      'could not sync it',
      outOfSync({ operation: operation({ phase: 'Failed', message: 'admission webhook denied the request' }) }),
      'failed (sync-failed): admission webhook denied the request',
    ],
    [
      'could not sync it, and gives no reason',
      outOfSync({ operation: operation({ phase: 'Error', message: '' }) }),
      'failed (sync-failed): sync error',
    ],
    [
      'could not sync the commit before, and has not tried ours',
      outOfSync({ operation: operation({ phase: 'Failed', message: 'denied', revisions: [OLD] }) }),
      `waiting (not-synced): ${IDLE}`,
    ],
    [
      'is OutOfSync again after its sync',
      outOfSync({ operation: operation() }),
      'waiting (out-of-sync): Application is OutOfSync after its sync',
    ],
    [
      'was moved to another revision after its sync',
      application({ syncRevisions: [OLD] }),
      'waiting (out-of-sync): Argo CD is at ccccccc again after the sync of our commit',
    ],
    [
      'is Healthy from before the sync',
      application({ healthChangedAt: at(1), reconciledAt: at(4) }),
      'waiting (health-stale): health was assessed before the sync ended',
    ],
    [
      'is Degraded from before the sync that repairs it',
      application({ health: 'Degraded', healthChangedAt: at(1) }),
      'waiting (health-stale): Application has been Degraded since before its sync',
    ],
    [
      'became Degraded after the sync',
      application({ health: 'Degraded' }),
      'failed (degraded): Application is Degraded',
    ],
    [
      'is Degraded, since when is not told',
      application({ health: 'Degraded', healthChangedAt: undefined }),
      'failed (degraded): Application is Degraded',
    ],
    ['progresses', application({ health: 'Progressing' }), 'waiting (progressing): Application is Progressing'],
    ['is suspended', application({ health: 'Suspended' }), 'waiting (progressing): Application is Suspended'],
    ['misses a resource', application({ health: 'Missing' }), 'waiting (progressing): Application is Missing'],
    ['is of unknown health', application({ health: 'Unknown' }), 'waiting (progressing): Application is Unknown'],
  ])('that %s', (_, observed, expected) => {
    expect(words(assessApplication(observed, isOurs))).toBe(expected)
  })
})

const revisions = fc.subarray([OURS, LATER, OLD], { maxLength: 2 })
const time = fc.option(fc.integer({ min: 0, max: 9 }).map(at), { nil: undefined })
const anyApplication: fc.Arbitrary<Application> = fc.record({
  automated: fc.boolean(),
  syncStatus: fc.constantFrom('Synced', 'OutOfSync', 'Unknown'),
  syncRevisions: revisions,
  health: fc.constantFrom('Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'),
  healthChangedAt: time,
  operation: fc.option(
    fc.record({
      phase: fc.constantFrom('Running', 'Terminating', 'Failed', 'Error', 'Succeeded'),
      message: fc.constantFrom('', 'Sync operation blocked by sync window'),
      revisions,
      finishedAt: time,
    }),
    { nil: undefined },
  ),
  reconciledAt: time,
  conditions: fc.constantFrom([], said('SyncError', 'failed')),
})

test('nothing is live that is not synced at our commit, healthy, and looked at after the sync', () => {
  let ready = 0
  fc.assert(
    fc.property(anyApplication, (observed) => {
      if (assessApplication(observed, isOurs).kind !== 'ready') return
      ready += 1
      expect(observed).toMatchObject({ syncStatus: 'Synced', health: 'Healthy' })
      expect(observed.syncRevisions.some(isOurs)).toBe(true)
      const { finishedAt, phase } = observed.operation ?? {}
      expect(['Running', 'Terminating']).not.toContain(phase)
      const looked = Math.max(observed.reconciledAt?.getTime() ?? 0, observed.healthChangedAt?.getTime() ?? 0)
      expect(looked).toBeGreaterThanOrEqual(finishedAt?.getTime() ?? 0)
    }),
    { numRuns: 5000, seed: 1 },
  )
  expect(ready).toBeGreaterThan(0)
})

test('only a sync of our commit, or a health that changed after it, is a failure', () => {
  fc.assert(
    fc.property(anyApplication, (observed) => {
      const readiness = assessApplication(observed, isOurs)
      if (readiness.kind !== 'failed') return
      if (readiness.because === 'sync-failed') expect(observed.operation?.revisions.some(isOurs)).toBe(true)
      else expect(observed.syncRevisions.some(isOurs)).toBe(true)
    }),
    { numRuns: 5000, seed: 1 },
  )
})
