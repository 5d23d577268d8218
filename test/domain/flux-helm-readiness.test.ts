/** When a HelmRelease of Flux has our commit live, over what real objects say (test/fixtures/flux). */
import { describe, expect, it } from 'vitest'
import { parseHelmChart, parseHelmRelease } from '../../src/clients/kubernetes/parse-flux.ts'
import { assessChart, assessHelmRelease } from '../../src/domain/flux-helm-readiness.ts'
import { at, type Condition, conditions, holdsOurs, OLD, OURS, recorded } from './flux-fixture.ts'

const DIGEST = `sha256:${'e'.repeat(64)}`

type ReleaseFacts = {
  readonly generation?: number
  readonly observed?: number
  readonly attempted?: number
  readonly suspend?: boolean
  readonly chartVersion?: string
  readonly latest?: { readonly status: string; readonly chartVersion?: string; readonly configDigest?: string }
  readonly conditions?: readonly Condition[]
  readonly strategy?: string
}

const RELEASED: readonly Condition[] = [
  ['Ready', 'True', 'UpgradeSucceeded', 'Helm upgrade succeeded'],
  ['Released', 'True', 'UpgradeSucceeded', 'Helm upgrade succeeded'],
]

const release = (facts: ReleaseFacts = {}) => {
  const version = facts.chartVersion ?? '0.1.0'
  return parseHelmRelease({
    metadata: { name: 'churn', namespace: 'prod', generation: facts.generation ?? 4 },
    spec: {
      suspend: facts.suspend ?? false,
      chart: {
        spec: {
          chart: './charts/churn',
          sourceRef: { kind: 'GitRepository', name: 'config' },
          reconcileStrategy: facts.strategy ?? 'Revision',
        },
      },
    },
    status: {
      observedGeneration: facts.observed ?? facts.generation ?? 4,
      lastAttemptedGeneration: facts.attempted ?? facts.generation ?? 4,
      lastAttemptedRevision: version,
      lastAttemptedConfigDigest: DIGEST,
      helmChart: 'flux-system/prod-churn',
      history: [{ status: 'deployed', chartVersion: version, configDigest: DIGEST, version: 7, ...facts.latest }],
      conditions: conditions(facts.conditions ?? RELEASED),
    },
  })
}

describe('a HelmRelease that is known to be about our commit', () => {
  it.each<[string, ReleaseFacts, object]>([
    ['is deployed', {}, { kind: 'ready', revision: OURS }],
    ['is suspended', { suspend: true }, { kind: 'blocked' }],
    [
      'was not tried in its newest form',
      { generation: 5, observed: 4, attempted: 4 },
      { kind: 'waiting', because: 'not-synced' },
    ],
    [
      'is upgraded now',
      {
        conditions: [
          ['Reconciling', 'True', 'Progressing', "Running 'upgrade' action with timeout of 5m0s"],
          ['Ready', 'Unknown', 'Progressing'],
        ],
      },
      { kind: 'waiting', because: 'operation-running', detail: "Running 'upgrade' action with timeout of 5m0s" },
    ],
    [
      'failed and is tried again',
      {
        conditions: [
          ['Ready', 'False', 'UpgradeFailed', 'timed out waiting for the condition'],
          ['Released', 'False', 'UpgradeFailed', 'timed out'],
        ],
      },
      { kind: 'waiting', because: 'progressing', detail: 'timed out waiting for the condition' },
    ],
    [
      'failed as often as it may',
      {
        conditions: [
          ['Stalled', 'True', 'RetriesExceeded', 'Failed to upgrade after 1 attempt(s)'],
          ['Ready', 'False', 'UpgradeFailed', 'Helm upgrade failed'],
          ['Released', 'False', 'UpgradeFailed', 'Helm upgrade failed: timed out waiting for the condition'],
        ],
      },
      { kind: 'failed', because: 'sync-failed', detail: 'Helm upgrade failed: timed out waiting for the condition' },
    ],
    [
      'was rolled back by Flux',
      {
        latest: { status: 'deployed', chartVersion: '0.0.9' },
        conditions: [
          ['Ready', 'False', 'RollbackSucceeded', 'Helm rollback to previous release succeeded'],
          ['Released', 'False', 'UpgradeFailed', 'Helm upgrade failed: pod crashed'],
          ['Remediated', 'True', 'RollbackSucceeded', 'Helm rollback to previous release succeeded'],
        ],
      },
      { kind: 'failed', because: 'sync-failed', detail: 'Helm upgrade failed: pod crashed' },
    ],
    [
      'was rolled back by Flux before, and the next attempt begins',
      {
        conditions: [
          ['Reconciling', 'True', 'Progressing', 'Fulfilling prerequisites'],
          ['Ready', 'False', 'RollbackSucceeded', 'Helm rollback to previous release succeeded'],
          ['Remediated', 'True', 'RollbackSucceeded', 'Helm rollback to previous release succeeded'],
        ],
      },
      { kind: 'waiting', because: 'progressing' },
    ],
    [
      'has another chart in Helm’s storage',
      { latest: { status: 'deployed', chartVersion: '0.0.9' } },
      { kind: 'waiting', because: 'out-of-sync' },
    ],
    [
      'has other values in Helm’s storage',
      { latest: { status: 'deployed', configDigest: 'sha256:0' } },
      { kind: 'waiting', because: 'out-of-sync' },
    ],
    ['was uninstalled', { latest: { status: 'uninstalled' } }, { kind: 'waiting', because: 'out-of-sync' }],
  ])('and %s', (_, facts, expected) => {
    expect(assessHelmRelease(release(facts), OURS)).toMatchObject(expected)
  })

  it.each([...recorded('helm-releases.yaml')])('recorded as %s', (name, raw) => {
    expect(assessHelmRelease(parseHelmRelease(raw), OURS)).toMatchObject(
      {
        upgraded: { kind: 'ready' },
        'retries-exceeded': { kind: 'failed', detail: expect.stringContaining('podinfo-fault-test') },
      }[name] ?? { kind: 'no such record' },
    )
  })
})

describe('a chart of the config repository', () => {
  const chart = (version: string | undefined, sourceRevision: string, list: readonly Condition[] = []) =>
    parseHelmChart({
      metadata: { name: 'prod-churn', namespace: 'flux-system', generation: 1 },
      status: {
        observedSourceArtifactRevision: sourceRevision,
        conditions: conditions(list),
        ...(version && { artifact: { revision: version } }),
      },
    })
  const of = (commit: string): string => `0.1.0+${commit.slice(0, 12)}`

  it.each([
    ['that is tried', release({ chartVersion: of(OURS) }), chart(of(OURS), at(OURS)), undefined],
    ['with values files', release({ chartVersion: `${of(OURS)}.3` }), chart(`${of(OURS)}.3`, at(OURS)), undefined],
    ['that is not there', release(), undefined, { kind: 'waiting', because: 'not-seen' }],
    [
      'of another commit',
      release({ chartVersion: of(OLD) }),
      chart(of(OLD), at(OLD)),
      { kind: 'waiting', because: 'not-seen' },
    ],
    [
      'that is not built of what was fetched',
      release({ chartVersion: of(OLD) }),
      chart(of(OLD), at(OURS)),
      { kind: 'waiting', because: 'not-synced' },
    ],
    [
      'that the release has not tried',
      release({ chartVersion: of(OLD) }),
      chart(of(OURS), at(OURS)),
      { kind: 'waiting', because: 'not-synced' },
    ],
    [
      'that cannot be built',
      release({ chartVersion: of(OLD) }),
      chart(of(OLD), at(OLD), [['Ready', 'False', 'ChartPackageError', 'Chart.yaml is missing']]),
      { kind: 'waiting', because: 'not-seen', detail: 'Chart.yaml is missing' },
    ],
    [
      'that is built when its version changes',
      release({ strategy: 'ChartVersion' }),
      chart('0.1.0', at(OURS)),
      { kind: 'blocked', detail: expect.stringContaining('reconcileStrategy: Revision') },
    ],
  ])('%s', (_, one, built, expected) => {
    const answer = assessChart(one, built, holdsOurs)
    if (expected === undefined) expect(answer).toBeUndefined()
    else expect(answer).toMatchObject(expected)
  })
})
