/** When a commit counts as live in Argo CD: Applications as its controllers show them, in order, late, blocked and broken. Syncs and health: argocd-sync.test.ts. Real ones: recorded-applications.test.ts. */
import { describe, expect, it } from 'vitest'
import { assessApplication, requestFor } from '../../src/domain/argocd-readiness.ts'
import {
  type Application,
  application,
  at,
  failed,
  LATER,
  MERGED,
  OLD,
  OURS,
  operation,
  outOfSync,
  running,
  SYNCED_AT,
  said,
  sought,
  words,
} from './applications.ts'

const IDLE = 'Application is OutOfSync and Argo CD has not begun to sync it; a sync window may be closed'
const CHART = { repoUrl: 'https://charts.example.com', path: undefined, targetRevision: '1.2.3' }
const config = (change: { repoUrl?: string; targetRevision?: string } = {}) => ({
  repoUrl: 'https://github.com/acme/ml-config.git',
  path: 'environments/prod/churn',
  targetRevision: 'main',
  ...change,
})
const hydration = (change: Partial<NonNullable<Application['hydration']>> = {}) => ({
  phase: 'Hydrated' as const,
  message: '',
  drySha: OURS,
  hydratedSha: LATER,
  ...change,
})

type Case = [string, Application, string]
const table = (cases: Case[]): void => {
  it.each(cases)('that %s', (_, observed, expected) => {
    expect(words(assessApplication(observed, sought()))).toBe(expected)
  })
}

describe('an Application that is live', () => {
  table([
    ['is live and well', application(), 'ready at aaaa'],
    [
      "is live by somebody's later commit",
      application({ syncRevisions: [LATER], operation: operation({ revisions: [LATER] }) }),
      'ready at bbbb',
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
    ['has auto-sync off, and somebody pressed Sync', application({ automated: false }), 'ready at aaaa'],
    [
      'was brought back by self-heal, which syncs single resources',
      application({ operation: operation({ isPartial: true }) }),
      'ready at aaaa',
    ],
    [
      'has auto-sync off, and a later commit that nobody has synced yet',
      outOfSync({ automated: false, syncRevisions: [LATER], operation: operation(), reconciledAt: at(6) }),
      'ready at aaaa',
    ],
    [
      'failed to sync single resources, and is synced now',
      application({ operation: failed({ isPartial: true }) }),
      'ready at aaaa',
    ],
  ])
})

describe('an Application that has not seen our commit', () => {
  table([
    ['is at the commit before', outOfSync({ syncRevisions: [OLD] }), 'waiting (not-seen): Argo CD is at ccccccc'],
    [
      'has not looked at Git since the merge',
      outOfSync({ syncRevisions: [OLD], reconciledAt: at(2) }),
      'waiting (not-seen): Argo CD is at ccccccc and has not looked at Git since 2026-11-24 10:02 UTC',
    ],
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
    [
      'is being deleted',
      application({ deletedAt: at(7) }),
      'waiting (not-seen): the Application is being deleted since 2026-11-24 10:07 UTC',
    ],
    [
      'is left alone by Argo CD',
      application({ isFrozen: true }),
      'blocked: Argo CD leaves the Application alone until somebody takes off its annotation argocd.argoproj.io/skip-reconcile',
    ],
    [
      'is not valid',
      outOfSync({
        conditions: said('InvalidSpecError', "application destination 'x' is not permitted in project 'ml'"),
      }),
      "blocked: the Application is not valid: application destination 'x' is not permitted in project 'ml'",
    ],
    [
      'reads another repository',
      outOfSync({ syncRevisions: [OLD], sources: [config({ repoUrl: 'https://bot:secret@github.com/acme/other' })] }),
      'blocked: the Application cannot get it: it reads https://github.com/acme/other, and promotions go into acme/ml-config',
    ],
    [
      'tracks another branch',
      outOfSync({ syncRevisions: [OLD], sources: [config({ targetRevision: 'release-1' })] }),
      'blocked: the Application cannot get it: it tracks release-1 of acme/ml-config, and promotions go into the branch main',
    ],
    [
      'is pinned to a commit',
      outOfSync({ syncRevisions: [OLD], sources: [config({ targetRevision: OLD })] }),
      `blocked: the Application cannot get it: it tracks ${OLD} of acme/ml-config, and promotions go into the branch main`,
    ],
  ])

  it.each([
    ['https://github.com/acme/ml-config', 'main'],
    ['https://github.com/Acme/ML-Config.git/', 'HEAD'],
    ['git@github.com:acme/ml-config.git', ''],
    ['ssh://git@github.com:22/acme/ml-config', 'refs/heads/main'],
    ['https://token@ghe.acme.example/acme/ml-config', 'main'],
  ])('knows %s at %j as where promotions go', (repoUrl, targetRevision) => {
    const observed = outOfSync({ syncRevisions: [OLD], sources: [config({ repoUrl, targetRevision })] })
    expect(assessApplication(observed, sought())).toMatchObject({ kind: 'waiting', because: 'not-seen' })
  })

  it('takes our own commit as proof where it reads a mirror of the repository', () => {
    const mirrored = application({ sources: [config({ repoUrl: 'http://gitea.local/mirrors/config' })] })
    expect(words(assessApplication(mirrored, sought()))).toBe('ready at aaaa')
  })
})

describe('an Application with several sources', () => {
  const sources = [CHART, config()]
  table([
    [
      'is at our commit beside a chart',
      application({ sources, syncRevisions: ['1.2.3', OURS], operation: operation({ revisions: ['1.2.3', OURS] }) }),
      'ready at aaaa',
    ],
    [
      'has our commit only as the revision of another repository',
      application({
        sources: [config(), { ...CHART, repoUrl: 'https://github.com/acme/fork' }],
        syncRevisions: [OLD, OURS],
        operation: operation({ revisions: [OLD, OURS] }),
      }),
      'waiting (not-seen): Argo CD is at ccccccc, aaaaaaa',
    ],
    [
      'failed to sync the other source before, at another commit of ours',
      outOfSync({ sources, syncRevisions: ['1.2.3', OURS], operation: failed({ revisions: ['1.2.2', OLD] }) }),
      `waiting (not-synced): ${IDLE}`,
    ],
    [
      'failed to sync ours',
      outOfSync({ sources, syncRevisions: ['1.2.3', OURS], operation: failed({ revisions: ['1.2.3', OURS] }) }),
      'failed (sync-failed): one or more objects failed to apply',
    ],
    [
      'reads it twice, and once at the commit before',
      application({ sources: [config(), config()], syncRevisions: [OURS, OLD] }),
      'waiting (out-of-sync): Argo CD is at aaaaaaa, ccccccc again after the sync of our commit',
    ],
    [
      'reads it twice, and a tag of it for something else',
      application({
        sources: [config({ targetRevision: 'v1' }), config()],
        syncRevisions: [OLD, OURS],
        operation: operation({ revisions: [OLD, OURS] }),
      }),
      'ready at aaaa',
    ],
  ])
})

describe('a hydrated Application', () => {
  const rendered = { syncRevisions: [LATER], operation: operation({ revisions: [LATER] }) }
  table([
    ['is live at what our commit became', application({ hydration: hydration(), ...rendered }), 'ready at bbbb'],
    [
      'has rendered the commit before',
      application({ hydration: hydration({ drySha: OLD }), ...rendered }),
      'waiting (not-seen): Argo CD has hydrated ccccccc',
    ],
    [
      'renders ours',
      application({ hydration: hydration({ drySha: OLD, phase: 'Hydrating' }), ...rendered }),
      'waiting (not-seen): Argo CD hydrates its manifests',
    ],
    [
      'could not render ours',
      application({
        hydration: hydration({ drySha: OLD, phase: 'Failed', message: 'no write credentials' }),
        ...rendered,
      }),
      'waiting (not-seen): Argo CD could not hydrate it: no write credentials',
    ],
    [
      'has rendered nothing yet',
      application({ hydration: hydration({ drySha: undefined, phase: undefined }), ...rendered }),
      'waiting (not-seen): Argo CD has hydrated no revision',
    ],
    [
      'has rendered ours, and is at what was before',
      application({ hydration: hydration(), syncRevisions: [OLD], operation: operation({ revisions: [OLD] }) }),
      'waiting (not-seen): Argo CD is at ccccccc',
    ],
  ])
})

describe('what Argo CD is asked for', () => {
  const before = new Date(MERGED.getTime() - 1000)
  const off = outOfSync({ automated: false })
  const rolledBack = (deployedAt: Date) => ({ ...off, deployed: [{ revisions: [OURS], at: deployedAt }] })
  it.each<[string, Application, 'auto' | 'request' | 'manual', string | undefined]>([
    ['it has not looked since the merge', outOfSync({ syncRevisions: [OLD], reconciledAt: before }), 'auto', 'refresh'],
    [
      'it looked before the merge, by a clock that is ahead',
      outOfSync({ syncRevisions: [OLD], reconciledAt: new Date(MERGED.getTime() + 119_000) }),
      'auto',
      'refresh',
    ],
    ['it has never looked', outOfSync({ syncRevisions: [], reconciledAt: undefined }), 'auto', 'refresh'],
    ['it has looked, and is elsewhere', outOfSync({ syncRevisions: [OLD], reconciledAt: at(6) }), 'auto', undefined],
    ['it has our commit', outOfSync({ reconciledAt: before }), 'auto', undefined],
    [
      'it reads another repository',
      outOfSync({ syncRevisions: [OLD], sources: [CHART], reconciledAt: before }),
      'auto',
      undefined,
    ],
    ['it is left alone', outOfSync({ isFrozen: true, syncRevisions: [OLD], reconciledAt: before }), 'auto', undefined],
    ['it hydrates', outOfSync({ hydration: hydration({ drySha: OLD }), reconciledAt: before }), 'auto', 'refresh'],
    ['auto-sync is off, and it is for us to start it', off, 'request', 'sync'],
    ['auto-sync is off, and a person starts it', off, 'manual', undefined],
    ['auto-sync is off, and nobody said who starts it', off, 'auto', undefined],
    ['auto-sync is on', outOfSync(), 'request', undefined],
    ['a sync was asked for', { ...off, isSyncAsked: true }, 'request', undefined],
    ['any sync runs', { ...off, operation: running('', [OLD]) }, 'request', undefined],
    ['its sync succeeded, and it is OutOfSync again', { ...off, operation: operation() }, 'request', undefined],
    ['its sync failed', { ...off, operation: failed() }, 'request', undefined],
    ['somebody rolled it back in Argo CD', rolledBack(SYNCED_AT), 'request', undefined],
    ['it was there long before the promotion', rolledBack(at(-60)), 'request', 'sync'],
    [
      'its sync failed long before the promotion',
      { ...off, operation: failed({ finishedAt: at(-60) }) },
      'request',
      'sync',
    ],
    ['only chosen resources were synced', { ...off, operation: operation({ isPartial: true }) }, 'request', 'sync'],
    ['it is synced', application({ automated: false }), 'request', undefined],
    ['it is being deleted', { ...off, deletedAt: at(1) }, 'request', undefined],
    ['it cannot be compared', { ...off, syncStatus: 'Unknown' }, 'request', undefined],
  ])('where %s', (_, observed, sync, expected) => {
    expect(requestFor(observed, sought({ sync }))).toBe(expected)
  })

  it('is told as waited for, where it is for us to start a sync', () => {
    expect(words(assessApplication(off, sought({ sync: 'request' })))).toBe(
      'waiting (not-synced): Lockkeeper asks for its sync',
    )
  })
})
