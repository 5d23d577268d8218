/** When a Kustomization of Flux has our commit live, over what real objects say (test/fixtures/flux). */
import { describe, expect, it } from 'vitest'
import { parseFluxSource, parseKustomization } from '../../src/clients/kubernetes/parse-flux.ts'
import { commitIn, shortRevision } from '../../src/domain/flux-objects.ts'
import { assessKustomization, isAddressOf } from '../../src/domain/flux-readiness.ts'
import { at, type Condition, conditions, holdsOurs, LATER, OLD, OURS, recorded } from './flux-fixture.ts'

type Facts = {
  readonly applied?: string
  readonly origin?: string
  readonly attempted?: string
  readonly generation?: number
  readonly observed?: number
  readonly suspend?: boolean
  readonly conditions?: readonly Condition[]
}

const READY: Condition = ['Ready', 'True', 'ReconciliationSucceeded', 'Applied revision']

const kustomization = (facts: Facts) =>
  parseKustomization({
    metadata: { name: 'churn', namespace: 'flux-system', generation: facts.generation ?? 2 },
    spec: { sourceRef: { kind: 'GitRepository', name: 'config' }, suspend: facts.suspend ?? false },
    status: {
      observedGeneration: facts.observed ?? facts.generation ?? 2,
      conditions: conditions(facts.conditions ?? [READY]),
      lastAppliedRevision: facts.applied ?? at(OLD),
      ...(facts.origin && { lastAppliedOriginRevision: facts.origin }),
      lastAttemptedRevision: facts.attempted ?? facts.applied ?? at(OLD),
    },
  })

const source = (
  revision: string | undefined,
  more: { suspend?: boolean; conditions?: readonly Condition[]; origin?: string } = {},
) =>
  parseFluxSource({
    metadata: { name: 'config', namespace: 'flux-system', generation: 1 },
    spec: { url: 'https://github.com/acme/ml-config', suspend: more.suspend ?? false },
    status: {
      observedGeneration: 1,
      conditions: conditions(more.conditions ?? [['Ready', 'True', 'Succeeded']]),
      ...(revision && {
        artifact: { revision, ...(more.origin && { metadata: { 'org.opencontainers.image.revision': more.origin } }) },
      }),
    },
  })

const told = (facts: Facts, from: ReturnType<typeof source> | undefined): string => {
  const readiness = assessKustomization(kustomization(facts), from, holdsOurs)
  if (readiness.kind === 'ready') return `ready at ${readiness.revision.slice(0, 1)}`
  if (readiness.kind === 'blocked') return `blocked: ${readiness.detail}`
  return `${readiness.kind} ${readiness.because}: ${readiness.detail}`
}

const reconciling = (message: string): readonly Condition[] => [
  ['Reconciling', 'True', 'Progressing', message],
  ['Ready', 'Unknown', 'Progressing', 'Reconciliation in progress'],
]
const broken = (reason: string, message: string): readonly Condition[] => [
  ['Reconciling', 'True', 'ProgressingWithRetry', 'Building manifests'],
  ['Ready', 'False', reason, message],
]

describe('a Kustomization', () => {
  it.each<[string, Facts, string]>([
    ['applied our commit', { applied: at(OURS) }, 'ready at a'],
    ['applied a later one that holds our values', { applied: at(LATER) }, 'ready at b'],
    ['names it as Flux did before 2.0', { applied: `main/${OURS}` }, 'ready at a'],
    ['follows a whole reference', { applied: `refs/heads/main@sha1:${OURS}` }, 'ready at a'],
    [
      'applied an OCI artifact made of it',
      { applied: `latest@sha256:${'d'.repeat(64)}`, origin: at(OURS) },
      'ready at a',
    ],
    ['is Ready at another commit', {}, 'waiting not-seen: GitRepository flux-system/config is at main@ccccccc'],
    [
      'was changed since',
      { applied: at(OURS), generation: 3, observed: 2 },
      'waiting operation-running: the Kustomization is reconciled',
    ],
    [
      'builds it',
      {
        attempted: at(OURS),
        conditions: reconciling('Building manifests for revision main@sha1:a with a timeout of 5m'),
      },
      'waiting operation-running: Building manifests for revision main@sha1:a with a timeout of 5m',
    ],
    [
      'waits for its health checks',
      {
        attempted: at(OURS),
        conditions: reconciling('Running health checks for revision main@sha1:a with a timeout of 5m'),
      },
      'waiting progressing: Running health checks for revision main@sha1:a with a timeout of 5m',
    ],
    [
      'has health checks that failed',
      {
        attempted: at(OURS),
        conditions: broken(
          'HealthCheckFailed',
          "health check failed after 30s: timeout waiting for: [Deployment/prod/churn status: 'InProgress']",
        ),
      },
      "failed degraded: health check failed after 30s: timeout waiting for: [Deployment/prod/churn status: 'InProgress']",
    ],
    [
      'had health checks that failed for the commit before',
      { attempted: at(OLD), conditions: broken('HealthCheckFailed', 'health check failed') },
      'waiting not-seen: GitRepository flux-system/config is at main@ccccccc',
    ],
    [
      'cannot build it',
      { attempted: at(OURS), conditions: broken('BuildFailed', 'kustomize build failed: accumulating resources') },
      'failed sync-failed: kustomize build failed: accumulating resources',
    ],
    [
      'may not apply it',
      {
        attempted: at(OURS),
        conditions: broken(
          'ReconciliationFailed',
          'InferenceService/prod/churn dry-run failed (Forbidden): cannot patch resource',
        ),
      },
      'failed sync-failed: InferenceService/prod/churn dry-run failed (Forbidden): cannot patch resource',
    ],
    [
      'meets a webhook that is away',
      {
        attempted: at(OURS),
        conditions: broken(
          'ReconciliationFailed',
          'dry-run failed (InternalError): Internal error occurred: failed calling webhook "inferenceservice.kserve-webhook-server.defaulter": connect: connection refused',
        ),
      },
      'waiting out-of-sync: dry-run failed (InternalError): Internal error occurred: failed calling webhook "inferenceservice.kserve-webhook-server.defaulter": connect: connection refused',
    ],
    [
      'was interrupted by the next commit',
      { attempted: at(OURS), conditions: [['Ready', 'False', 'HealthCheckCanceled', 'New reconciliation triggered']] },
      'waiting progressing: New reconciliation triggered',
    ],
    [
      'cannot delete what is no longer there',
      { attempted: at(OURS), conditions: broken('PruneFailed', 'delete failed: Forbidden') },
      'failed sync-failed: delete failed: Forbidden',
    ],
    [
      'is suspended',
      { suspend: true },
      'blocked: Kustomization flux-system/churn is suspended: `flux resume kustomization` goes on',
    ],
    ['is suspended after our commit was applied', { suspend: true, applied: at(OURS) }, 'ready at a'],
    [
      'has stalled',
      { conditions: [['Stalled', 'True', 'AccessDenied', 'cross-namespace references are forbidden']] },
      'blocked: Kustomization flux-system/churn has stalled: cross-namespace references are forbidden',
    ],
    [
      'has stalled at our commit',
      { attempted: at(OURS), conditions: [['Stalled', 'True', 'InvalidCELExpression', 'bad expression']] },
      'failed sync-failed: bad expression',
    ],
  ])('that %s', (_, facts, expected) => {
    expect(told(facts, source(at(OLD)))).toBe(expected)
  })

  it.each<[string, ReturnType<typeof source> | undefined, Facts, string]>([
    ['is not there', undefined, {}, 'waiting not-seen: there is no GitRepository flux-system/config'],
    [
      'has our commit',
      source(at(OURS)),
      {},
      'waiting not-synced: GitRepository flux-system/config has our commit, and Flux has not begun to apply it',
    ],
    [
      'has our commit, which waits for another Kustomization',
      source(at(OURS)),
      { conditions: [['Ready', 'False', 'DependencyNotReady', "dependency 'flux-system/infra' is not ready"]] },
      "waiting not-synced: dependency 'flux-system/infra' is not ready",
    ],
    [
      'is suspended',
      source(at(OLD), { suspend: true }),
      {},
      'blocked: GitRepository flux-system/config is suspended: `flux resume source` goes on',
    ],
    [
      'cannot be fetched',
      source(at(OLD), {
        conditions: [['Ready', 'False', 'GitOperationFailed', 'failed to checkout: authentication required']],
      }),
      {},
      'waiting not-seen: GitRepository flux-system/config: failed to checkout: authentication required',
    ],
    [
      'is an artifact of no known commit',
      source(`latest@sha256:${'d'.repeat(64)}`),
      {},
      'blocked: GitRepository flux-system/config names no commit: push the artifact with `flux push artifact --source --revision=main@sha1:<commit>`',
    ],
    [
      'is an artifact of our commit that is being applied',
      source(`latest@sha256:${'d'.repeat(64)}`, { origin: at(OURS) }),
      { attempted: `latest@sha256:${'d'.repeat(64)}`, conditions: reconciling('Building manifests') },
      'waiting operation-running: Building manifests',
    ],
  ])('whose source %s', (_, from, facts, expected) => {
    expect(told(facts, from)).toBe(expected)
  })

  it.each([...recorded('kustomizations.yaml')])('recorded as %s', (name, raw) => {
    const facts = parseKustomization(raw)
    const commit = commitIn(facts.attemptedRevision ?? '') ?? ''
    const readiness = assessKustomization(facts, source(facts.attemptedRevision), (one) => one === commit)
    expect(readiness).toMatchObject(
      {
        healthy: { kind: 'ready', revision: commit },
        'before-2-0': { kind: 'ready', revision: commit },
        'failed-at-the-next-commit': { kind: 'failed', because: 'sync-failed' },
      }[name] ?? { kind: 'no such record' },
    )
  })
})

describe('revisions and addresses', () => {
  it.each([
    [at(OURS), OURS, 'main@aaaaaaa'],
    [`main/${OURS}`, OURS, 'main@aaaaaaa'],
    [`sha1:${OURS}`, OURS, 'aaaaaaa'],
    [OURS, OURS, 'aaaaaaa'],
    [`v1.2@sha1:${OURS}`, OURS, 'v1.2@aaaaaaa'],
    [`latest@sha256:${'d'.repeat(64)}`, undefined, 'latest@ddddddd'],
    ['', undefined, 'no revision'],
    [`main@sha1:${OURS.slice(1)}`, undefined, `main@sha1:${OURS.slice(1)}`],
  ])('%s', (revision, commit, short) => {
    expect(commitIn(revision)).toBe(commit)
    expect(shortRevision(revision)).toBe(short)
  })

  it.each([
    ['https://github.com/acme/ml-config', true],
    ['https://github.com/Acme/ml-config.git', true],
    ['ssh://git@github.com/acme/ml-config.git', true],
    ['git@github.com:acme/ml-config.git', true],
    ['https://token@git.internal:8443/acme/ml-config/', true],
    ['https://github.com/acme/ml-config-old', false],
    ['https://github.com/evil-acme/ml-config', false],
    ['https://github.com/acme', false],
    ['', false],
  ])('%s is the config repository: %s', (url, expected) => {
    expect(isAddressOf(url, 'acme/ml-config')).toBe(expected)
  })
})
