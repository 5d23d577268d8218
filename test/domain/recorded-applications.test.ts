/** The rule over real Applications, as Argo CD wrote them: test/fixtures/argocd/README.md says where they were found. */
import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { expect, it } from 'vitest'
import { parseApplication } from '../../src/clients/kubernetes/parse-application.ts'
import { syncOperation } from '../../src/domain/argocd-operation.ts'
import { assessApplication, requestFor, type Sought } from '../../src/domain/argocd-readiness.ts'
import { LATER, OURS, words } from './applications.ts'

const recorded = (name: string) => parseApplication(load(readFileSync(`test/fixtures/argocd/${name}.yaml`, 'utf8')))
const sought = (repository: string, ours: readonly string[], change: Partial<Sought> = {}): Sought => ({
  repository,
  branch: undefined,
  isOurs: (revision) => ours.includes(revision),
  mergedAt: new Date('2018-01-01T00:00:00Z'),
  sync: 'auto',
  ...change,
})

const NEW = '1'.repeat(40)
const SYNCED = 'ea8759964626a583667a2bfd08f334ec2070040a'
const CATALOG = 'b6a9f1c4e2d8a7b5c3f1e9d7c5b3a1f9e7d5c3b1'
const RENDERED = '67890'.repeat(8)

it.each<[string, string, Sought, string]>([
  [
    'made-by-applicationset',
    'its revision moved on without a sync',
    sought('foo/manifests-velero', [NEW]),
    'ready at 1111',
  ],
  [
    'made-by-applicationset',
    'it is past our commit',
    sought('foo/manifests-velero', [SYNCED]),
    'waiting (out-of-sync): Argo CD is at 1111111 again after the sync of our commit',
  ],
  [
    'made-by-applicationset',
    'its branch is not ours',
    sought('foo/manifests-velero', ['f'.repeat(40)], { branch: 'main' }),
    'blocked: the Application cannot get it: it tracks test-lla of foo/manifests-velero, and promotions go into the branch main',
  ],
  [
    'single-source',
    'its comparison is not there yet',
    sought('argoproj/argocd-example-apps', [OURS]),
    'waiting (out-of-sync): Argo CD is at no revision again after the sync of our commit',
  ],
  ['several-sources', 'the first is ours', sought('argoproj/argocd-example-apps', [OURS]), 'ready at aaaa'],
  [
    'several-sources',
    'our commit is that of another one',
    sought('argoproj/argocd-example-apps', [LATER]),
    'waiting (not-seen): Argo CD is at aaaaaaa, bbbbbbb, ccccccc',
  ],
  ['another-source-moved', 'the chart waits to be synced', sought('acme/ml-config', [CATALOG]), 'ready at b6a9'],
  [
    'post-sync-hook-failed',
    'its hook failed, and it has not ended',
    sought('acme/ml-config', [OURS]),
    'waiting (operation-running): the sync runs',
  ],
  ['hydrated', 'the dry commit is ours', sought('acme/ml-config', [LATER, RENDERED]), 'ready at 6789'],
  [
    'hydrated',
    'an earlier dry commit is ours',
    sought('acme/ml-config', [OURS]),
    'waiting (not-seen): Argo CD has hydrated bbbbbbb',
  ],
  [
    'apply-failed',
    'a resource was refused for good',
    sought('jenkins/none', ['0.1.0']),
    'failed (sync-failed): the sync failed at ServiceAccount/jen-jenkins_helm_demo: ServiceAccount "jen-jenkins_helm_demo" is invalid: metadata.name: Invalid value (tried 6 times)',
  ],
])('%s: %s', (name, _, wanted, expected) => {
  expect(words(assessApplication(recorded(name), wanted))).toBe(expected)
})

it('starts a sync with what the Application itself says about syncs', () => {
  const application = recorded('made-by-applicationset')
  expect(syncOperation(application, 'churn v12')).toEqual({
    info: [{ name: 'Reason', value: 'churn v12' }],
    initiatedBy: { username: 'lockkeeper' },
    retry: { backoff: { duration: '5s', factor: 2, maxDuration: '3m' }, limit: 10 },
    sync: {
      prune: false,
      revision: NEW,
      syncOptions: ['CreateNamespace=true', 'ApplyOutOfSyncOnly=true', 'ServerSideApply=true'],
      syncStrategy: { hook: {} },
    },
  })
  const { sync, retry } = syncOperation(recorded('several-sources'), 'churn v12')
  expect({ sync, retry }).toEqual({
    retry: { limit: 5 },
    sync: { prune: false, revisions: [OURS, LATER, 'c'.repeat(40)], syncStrategy: { hook: {} } },
  })
})

it('names a resource that was refused before any phase of it began', () => {
  const resources = [{ kind: 'Probe', name: 'health', status: 'SyncFailed', message: 'not permitted in project ml' }]
  const syncResult = { revision: OURS, resources }
  const { operation } = parseApplication({
    metadata: { name: 'churn', namespace: 'team-a' },
    status: {
      operationState: { phase: 'Failed', message: 'one or more synchronization tasks are not valid', syncResult },
    },
  })
  const [failure] = resources.map(({ kind, name, message }) => ({ kind, name, hook: undefined, message }))
  expect(operation?.failures).toEqual([failure])
})

it('asks for nothing where a sync of ours has ended', () => {
  const wanted = sought('acme/ml-config', [CATALOG], { sync: 'request' })
  expect(requestFor(recorded('another-source-moved'), wanted)).toBeUndefined()
})
