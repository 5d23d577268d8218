/** What the rules make of objects as real controllers showed them, read by the parsers that read them in a cluster. */
import { expect, it } from 'vitest'
import { parseDeployment } from '../../src/clients/kubernetes/parse-deployment.ts'
import { parseInferenceService } from '../../src/clients/kubernetes/parse-inference-service.ts'
import { parseRollout } from '../../src/clients/kubernetes/parse-rollout.ts'
import { parseStatefulSet } from '../../src/clients/kubernetes/parse-stateful-set.ts'
import { assessRollout } from '../../src/domain/argo-rollout-readiness.ts'
import { assessDeployedPods } from '../../src/domain/deployment-readiness.ts'
import { NOTHING_WRITTEN } from '../../src/domain/pod-template.ts'
import { assessStatefulSet } from '../../src/domain/stateful-set-readiness.ts'
import type { ServiceReadiness } from '../../src/domain/workload-readiness.ts'
import { APPS, IMAGE } from '../fixtures/apps/states.ts'
import { SERVICES } from '../fixtures/kserve/states.ts'
import { ROLLOUTS } from '../fixtures/rollouts/states.ts'
import { judge, NOW, written } from './serving-fixture.ts'

const ours = { name: 'ghcr.io/acme/churn', tag: '12', digest: undefined, container: undefined }
const LONG_AGO = new Date('2018-01-01T00:00:00Z')
const proof = { written: written({ images: [ours] }), since: LONG_AGO, now: NOW }
const words = ({ kind, detail }: ServiceReadiness) => `${kind}: ${detail}`

it.each<[string, object, string]>([
  ['justMade', ROLLOUTS.justMade, 'waiting: Argo Rollouts has not looked at the changed pods yet'],
  ['newGeneration', ROLLOUTS.newGeneration, 'waiting: Argo Rollouts has not looked at the changed pods yet'],
  ['beforeOneDotNought', ROLLOUTS.beforeOneDotNought, 'waiting: Argo Rollouts has not looked at the changed pods yet'],
  [
    'beforeOneDotNoughtNumeric',
    ROLLOUTS.beforeOneDotNoughtNumeric,
    'waiting: Argo Rollouts has not looked at the changed pods yet',
  ],
  ['degraded', ROLLOUTS.degraded, 'failed: Degraded: InvalidSpec'],
  [
    'invalid',
    ROLLOUTS.invalid,
    'failed: InvalidSpec: The Rollout "basic" is invalid: spec.strategy.strategy: Required value: Rollout has missing field',
  ],
  ['aborted', ROLLOUTS.aborted, 'failed: aborted'],
  ['paused', ROLLOUTS.paused, 'waiting: paused at step 1 of 3 (CanaryPauseStep)'],
  ['referenced', ROLLOUTS.referenced, `ready: Healthy, 5 pods run ${IMAGE}`],
  [
    'referencedChanged',
    ROLLOUTS.referencedChanged,
    'waiting: Argo Rollouts has not looked at the changed Deployment churn-server yet',
  ],
])('Rollout %s', (_, raw, expected) => {
  const rollout = parseRollout(raw)
  const { template } = parseDeployment(APPS.progressing)
  expect(words(assessRollout(rollout, rollout.template ?? template, proof))).toBe(expected)
})

it.each<[string, object, string]>([
  [
    'overdue',
    APPS.overdue,
    'failed: new pods did not become available: ReplicaSet "guestbook-ui-75dd4d49d5" has timed out progressing',
  ],
  ['progressing', APPS.progressing, 'waiting: new pods are not available yet: 1 of 1 updated, 1 of 2 available'],
  ['paused', APPS.paused, 'waiting: it is paused: somebody has to resume it'],
])('Deployment %s', (_, raw, expected) => {
  expect(words(assessDeployedPods(parseDeployment(raw), proof))).toBe(expected)
})

it('StatefulSet onDelete, at rest', () => {
  expect(words(assessStatefulSet(parseStatefulSet(APPS.onDelete), proof))).toBe(`ready: 1 pod runs ${IMAGE}`)
})

const UNTOLD = '(by its conditions alone: KServe does not say how it is deployed)'
it.each<[string, object, string]>([
  ['revisionFailed', SERVICES.revisionFailed, 'failed: BlockedByFailedLoad'],
  ['meshBlocked', SERVICES.meshBlocked, 'failed: BlockedByFailedLoad'],
  ['healthy', SERVICES.healthy, `ready: Ready, serves the model ${UNTOLD}`],
  ['meshHealthy', SERVICES.meshHealthy, `ready: Ready, serves the model ${UNTOLD}`],
  [
    'waiting',
    SERVICES.waiting,
    'waiting: Ready is Unknown (RevisionMissing: Configuration "helloworld-predictor" is waiting for a Revision to become ready)',
  ],
  ['stopped', SERVICES.stopped, 'waiting: suspended: it is stopped (serving.kserve.io/stop) and has no pods'],
])('InferenceService %s', (_, raw, expected) => {
  expect(judge(parseInferenceService(raw), undefined, { written: NOTHING_WRITTEN })).toBe(expected)
})
