/** When Rancher Fleet has our commit live, over what its GitRepo and its Bundles say. */
import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { parseBundle, parseGitRepo } from '../../src/clients/kubernetes/parse-fleet.ts'
import { assessGitRepo } from '../../src/domain/fleet-readiness.ts'

const OURS = 'a'.repeat(40)
const OLD = 'c'.repeat(40)
const holdsOurs = (commit: string): boolean => commit === OURS

type Condition = readonly [type: string, status: string, message: string]
const conditions = (list: readonly Condition[]) => list.map(([type, status, message]) => ({ type, status, message }))

type Facts = {
  readonly commit?: string
  readonly job?: string
  readonly generation?: number
  readonly paused?: boolean
  readonly conditions?: readonly Condition[]
}

const repo = (facts: Facts = {}) =>
  parseGitRepo({
    metadata: { name: 'ml-config', namespace: 'fleet-default', generation: facts.generation ?? 1 },
    spec: { repo: 'https://github.com/acme/ml-config', paused: facts.paused ?? false },
    status: {
      observedGeneration: 1,
      commit: facts.commit ?? OURS,
      gitJobStatus: facts.job ?? 'Current',
      conditions: conditions(facts.conditions ?? []),
    },
  })

type BundleFacts = {
  readonly commit?: string
  readonly generation?: number
  readonly paused?: boolean
  readonly summary?: Readonly<Record<string, unknown>>
  readonly conditions?: readonly Condition[]
}

const bundle = (facts: BundleFacts = {}) =>
  parseBundle({
    metadata: {
      name: 'ml-config-prod',
      namespace: 'fleet-default',
      generation: facts.generation ?? 3,
      labels: { 'fleet.cattle.io/commit': facts.commit ?? OURS, 'fleet.cattle.io/repo-name': 'ml-config' },
    },
    spec: { paused: facts.paused ?? false },
    status: {
      observedGeneration: 3,
      summary: facts.summary ?? { desiredReady: 2, ready: 2 },
      conditions: conditions(facts.conditions ?? []),
    },
  })

const nonReady = (bundleState: string, message?: string) => [
  { name: 'fleet-default/eu', bundleState, ...(message && { message }) },
]

describe('a GitRepo', () => {
  it.each<[string, Facts, readonly BundleFacts[], string]>([
    ['whose Bundles are all of our commit and ready', {}, [{}, {}], 'ready'],
    ['at another commit', { commit: OLD }, [], 'waiting not-seen: GitRepo fleet-default/ml-config is at ccccccc'],
    [
      'that cannot fetch',
      { commit: OLD, conditions: [['GitPolling', 'False', 'authentication required']] },
      [],
      'waiting not-seen: authentication required',
    ],
    [
      'that is paused before our commit',
      { commit: OLD, paused: true },
      [],
      'blocked: GitRepo fleet-default/ml-config is paused',
    ],
    [
      'whose job runs',
      { job: 'InProgress' },
      [{}],
      'waiting not-synced: GitRepo fleet-default/ml-config: the Git job is InProgress',
    ],
    [
      'whose job has failed',
      { job: 'Failed', conditions: [['Stalled', 'True', 'no resource found at the following paths']] },
      [{}],
      'failed sync-failed: no resource found at the following paths',
    ],
    [
      'that was changed since',
      { generation: 2 },
      [{}],
      'waiting not-synced: GitRepo fleet-default/ml-config was changed, and Fleet has not looked yet',
    ],
    ['without Bundles', {}, [], 'waiting not-synced: GitRepo fleet-default/ml-config has no Bundles yet'],
    [
      'that says Current before the job of our commit has begun: its Bundles are of the one before',
      {},
      [{ commit: OLD }],
      'waiting not-synced: Bundle ml-config-prod is of ccccccc',
    ],
    [
      'one of whose Bundles is behind',
      {},
      [{}, { commit: OLD }],
      'waiting not-synced: Bundle ml-config-prod is of ccccccc',
    ],
    [
      'one of whose Bundles was changed, and whose summary is of before',
      {},
      [{ generation: 4 }],
      'waiting not-synced: Fleet has not looked at Bundle ml-config-prod yet',
    ],
    [
      'without a cluster to go to',
      {},
      [{ summary: {} }],
      'blocked: no cluster matches the targets of GitRepo fleet-default/ml-config',
    ],
    [
      'whose manifests cannot be rendered',
      {},
      [{ summary: {}, conditions: [['Ready', 'False', 'Error while processing bundle: template: bad.yaml:1']] }],
      'failed sync-failed: Bundle ml-config-prod: Error while processing bundle: template: bad.yaml:1',
    ],
    [
      'whose agents have not applied it',
      {},
      [{ summary: { desiredReady: 2, ready: 1, waitApplied: 1, nonReadyResources: nonReady('WaitApplied') } }],
      'waiting operation-running: 1 of 2 deployments are ready: fleet-default/eu is WaitApplied',
    ],
    [
      'with an error, which may be of the release before',
      {},
      [
        {
          summary: {
            desiredReady: 1,
            errApplied: 1,
            nonReadyResources: nonReady('ErrApplied', 'cannot patch "churn": admission webhook denied'),
          },
        },
      ],
      'waiting out-of-sync: 0 of 1 deployments are ready: fleet-default/eu is ErrApplied: cannot patch "churn": admission webhook denied',
    ],
    [
      'with resources that are not ready',
      {},
      [
        {
          summary: {
            desiredReady: 1,
            notReady: 1,
            nonReadyResources: [
              {
                name: 'fleet-default/eu',
                bundleState: 'NotReady',
                nonReadyStatus: [
                  {
                    kind: 'Deployment',
                    name: 'churn',
                    summary: { message: ['Deployment does not have minimum availability.'] },
                  },
                ],
              },
            ],
          },
        },
      ],
      'waiting progressing: 0 of 1 deployments are ready: fleet-default/eu is NotReady: Deployment churn: Deployment does not have minimum availability.',
    ],
    [
      'that somebody changed in the cluster',
      {},
      [{ summary: { desiredReady: 1, modified: 1, nonReadyResources: nonReady('Modified') } }],
      'waiting out-of-sync: 0 of 1 deployments are ready: fleet-default/eu is Modified',
    ],
    [
      'that waits for a partition of its clusters',
      {},
      [{ summary: { desiredReady: 2, ready: 1, pending: 1, nonReadyResources: nonReady('Pending') } }],
      'waiting not-synced: 1 of 2 deployments are ready: fleet-default/eu is Pending',
    ],
    [
      'that was paused after our commit',
      { paused: true },
      [{ summary: { desiredReady: 1, outOfSync: 1, nonReadyResources: nonReady('OutOfSync') } }],
      'blocked: GitRepo fleet-default/ml-config is paused',
    ],
    [
      'whose Bundle is paused',
      {},
      [{ paused: true, summary: { desiredReady: 1, outOfSync: 1 } }],
      'blocked: GitRepo fleet-default/ml-config is paused',
    ],
    ['that is paused with our commit everywhere', { paused: true }, [{}], 'ready'],
    ['with a Bundle for nobody beside one that is ready', {}, [{}, { summary: {} }], 'ready'],
  ])('%s', (_, facts, bundles, expected) => {
    const readiness = assessGitRepo(repo(facts), bundles.map(bundle), holdsOurs)
    if (readiness.kind === 'ready') expect(`ready ${readiness.revision}`).toBe(`ready ${OURS}`)
    const said =
      readiness.kind === 'ready'
        ? 'ready'
        : readiness.kind === 'blocked'
          ? `blocked: ${readiness.detail}`
          : `${readiness.kind} ${readiness.because}: ${readiness.detail}`
    expect(said).toBe(expected)
  })

  it('as an issue of Rancher quotes one: at our commit, and its message is told while nothing is known of its Bundles', () => {
    const recorded = parseGitRepo(load(readFileSync('test/fixtures/fleet/not-ready.yaml', 'utf8')))
    expect(assessGitRepo(recorded, [], (commit) => commit === recorded.commit)).toMatchObject({ because: 'not-synced' })
    expect(assessGitRepo(recorded, [], () => false)).toMatchObject({
      because: 'not-seen',
      detail: expect.stringContaining('Progress deadline exceeded'),
    })
  })
})
