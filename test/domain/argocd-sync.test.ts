/** How an Application gets from OutOfSync to live, and what stops it on the way. Whether it sees our commit at all: argocd-readiness.test.ts. */
import { describe, expect, it } from 'vitest'
import type { ManagedResource } from '../../src/domain/argocd-application.ts'
import { assessApplication } from '../../src/domain/argocd-readiness.ts'
import {
  type Application,
  application,
  at,
  failed,
  LATER,
  OLD,
  OURS,
  operation,
  outOfSync,
  running,
  said,
  sought,
  words,
} from './applications.ts'

const IDLE = 'Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed'

const unwell = (kind: string, change: Partial<ManagedResource> = {}): ManagedResource => ({
  kind,
  name: 'churn',
  isSynced: true,
  requiresPruning: false,
  health: undefined,
  message: '',
  ...change,
})
type Case = [string, Application, string]
const table = (cases: Case[]): void => {
  it.each(cases)('that %s', (_, observed, expected) => {
    expect(words(assessApplication(observed, sought()))).toBe(expected)
  })
}

describe('an Application that has not synced our commit', () => {
  table([
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
      'would wipe out everything',
      outOfSync({ conditions: said('SyncError', 'Skipping sync attempt: auto-sync will wipe out all resources') }),
      'waiting (not-synced): Skipping sync attempt: auto-sync will wipe out all resources',
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
    [
      'has auto-sync off, and the sync that somebody pressed runs',
      outOfSync({ automated: false, operation: running('waiting for hooks') }),
      'waiting (operation-running): waiting for hooks',
    ],
    [
      'has auto-sync off, and a sync that somebody asked for a moment ago',
      outOfSync({ automated: false, isSyncAsked: true }),
      'waiting (not-synced): a sync was asked for, and has not begun',
    ],
    [
      'syncs another commit first',
      outOfSync({ operation: running('', [OLD]) }),
      'waiting (not-synced): the sync of another commit runs',
    ],
    [
      'could not sync the commit before, and has not tried ours',
      outOfSync({ operation: failed({ revisions: [OLD] }) }),
      `waiting (not-synced): ${IDLE}`,
    ],
    [
      'synced only chosen resources of it',
      outOfSync({ operation: operation({ isPartial: true }) }),
      `waiting (not-synced): ${IDLE}`,
    ],
    [
      'failed to sync our very commit long before the promotion',
      outOfSync({ operation: failed({ finishedAt: at(-60) }) }),
      `waiting (not-synced): ${IDLE}`,
    ],
  ])
})

describe('an Application whose sync runs', () => {
  table([
    ['syncs it', outOfSync({ operation: running() }), 'waiting (operation-running): the sync runs'],
    [
      'waits for a hook',
      outOfSync({ operation: running('waiting for completion of hook batch/Job/migrate') }),
      'waiting (operation-running): waiting for completion of hook batch/Job/migrate',
    ],
    [
      'prunes what is no longer in Git',
      outOfSync({ operation: running('waiting for deletion of apps/Deployment/churn-old') }),
      'waiting (operation-running): waiting for deletion of apps/Deployment/churn-old',
    ],
    [
      'tries again after a failure',
      outOfSync({
        operation: {
          ...running('one or more objects failed to apply. Retrying attempt #2'),
          retries: 2,
          retryLimit: 5,
        },
      }),
      'waiting (operation-running): one or more objects failed to apply. Retrying attempt #2 (retry 2 of 5)',
    ],
    [
      'has failed, and was asked to sync again',
      outOfSync({ operation: failed(), isSyncAsked: true }),
      'waiting (operation-running): a sync was asked for again, and has not begun',
    ],
    [
      'is stopping the sync',
      outOfSync({
        operation: operation({ phase: 'Terminating', message: 'operation is terminating', finishedAt: undefined }),
      }),
      'waiting (operation-running): operation is terminating',
    ],
    [
      'is synced, and another sync runs',
      application({ operation: running('', [OLD]) }),
      'waiting (operation-running): the sync of another commit runs',
    ],
    [
      'is synced, and the sync of a later commit that holds our values runs',
      application({ operation: running('', [LATER]) }),
      'waiting (operation-running): the sync runs',
    ],
    [
      'is synced, and another sync was asked for',
      application({ isSyncAsked: true }),
      'waiting (operation-running): a sync was asked for, and has not begun',
    ],
  ])
})

describe('an Application whose sync failed', () => {
  const hook = { kind: 'Job', name: 'migrate', hook: 'PreSync', message: 'Job has reached the specified backoff limit' }
  const refused = { kind: 'InferenceService', name: 'churn', hook: undefined, message: 'admission webhook denied it' }
  const of = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...refused, name: `m${index}`, message: '' }))
  table([
    [
      'could not sync it',
      outOfSync({ operation: failed() }),
      'failed (sync-failed): one or more objects failed to apply',
    ],
    [
      'could not sync it, and gives no reason',
      outOfSync({ operation: failed({ phase: 'Error', message: '' }) }),
      'failed (sync-failed): sync error',
    ],
    [
      'has a hook that failed',
      outOfSync({ operation: failed({ failures: [hook] }) }),
      'failed (sync-failed): the sync failed at the PreSync hook Job/migrate: Job has reached the specified backoff limit',
    ],
    [
      'is synced and healthy, and a hook after the sync failed',
      application({ operation: failed({ failures: [{ ...hook, hook: 'PostSync' }] }) }),
      'failed (sync-failed): the sync failed at the PostSync hook Job/migrate: Job has reached the specified backoff limit',
    ],
    [
      'has a resource that was refused, after every retry',
      outOfSync({ operation: failed({ failures: [refused], retries: 5, retryLimit: 5 }) }),
      'failed (sync-failed): the sync failed at InferenceService/churn: admission webhook denied it (tried 6 times)',
    ],
    [
      'has many resources that failed',
      outOfSync({ operation: failed({ failures: of(5) }) }),
      'failed (sync-failed): the sync failed at InferenceService/m0; InferenceService/m1; InferenceService/m2 and 2 more',
    ],
    [
      'could not sync a later commit that holds our values',
      outOfSync({ syncRevisions: [LATER], operation: failed({ revisions: [LATER] }) }),
      'failed (sync-failed): one or more objects failed to apply',
    ],
  ])
})

describe('an Application after its sync', () => {
  const left = unwell('Service', { name: 'old', isSynced: false, requiresPruning: true })
  table([
    [
      'is OutOfSync again',
      outOfSync({ operation: operation() }),
      'waiting (out-of-sync): Application is OutOfSync after its sync',
    ],
    [
      'differs in a resource that something else changes',
      outOfSync({ operation: operation(), unwell: [unwell('Deployment', { isSynced: false })] }),
      'waiting (out-of-sync): Application is OutOfSync after its sync: Deployment/churn',
    ],
    [
      'may not prune what is no longer in Git',
      outOfSync({ operation: operation(), unwell: [left] }),
      'waiting (out-of-sync): Application is OutOfSync after its sync: no longer in Git, and somebody has to prune or delete it: Service/old',
    ],
    [
      'has auto-sync on, and has yet to sync a later commit',
      outOfSync({ syncRevisions: [LATER], operation: operation() }),
      'waiting (out-of-sync): Application is OutOfSync after its sync',
    ],
    [
      'was rolled back in Argo CD by somebody',
      outOfSync({ automated: false, deployed: [{ revisions: [OURS], at: at(5) }] }),
      'waiting (out-of-sync): it was synced, and something else has been since',
    ],
    [
      'was moved to another revision',
      application({ syncRevisions: [OLD] }),
      'waiting (out-of-sync): Argo CD is at ccccccc again after the sync of our commit',
    ],
    [
      'is Healthy from before',
      application({ healthChangedAt: at(1), reconciledAt: at(4) }),
      'waiting (health-stale): health was assessed before the sync ended',
    ],
    [
      'is Degraded from before',
      application({ health: 'Degraded', healthChangedAt: at(1) }),
      'waiting (health-stale): Application has been Degraded since before its sync',
    ],
    ['became Degraded', application({ health: 'Degraded' }), 'failed (degraded): Application is Degraded'],
    [
      'became Degraded by one resource',
      application({
        health: 'Degraded',
        unwell: [unwell('Deployment', { health: 'Degraded', message: 'exceeded its progress deadline' })],
      }),
      'failed (degraded): Application is Degraded: Deployment/churn (exceeded its progress deadline)',
    ],
    [
      'is Degraded, since when is not told',
      application({ health: 'Degraded', healthChangedAt: undefined }),
      'failed (degraded): Application is Degraded',
    ],
    ['progresses', application({ health: 'Progressing' }), 'waiting (progressing): Application is Progressing'],
    [
      'is suspended',
      application({ health: 'Suspended', unwell: [unwell('Rollout', { health: 'Suspended' })] }),
      'waiting (progressing): Application is Suspended: Rollout/churn; somebody has to resume what is paused in it',
    ],
    [
      'misses a resource',
      application({ health: 'Missing', unwell: [unwell('Service', { health: 'Missing' })] }),
      'waiting (progressing): Application is Missing: Service/churn',
    ],
    ['is of unknown health', application({ health: 'Unknown' }), 'waiting (progressing): Application is Unknown'],
  ])
})
