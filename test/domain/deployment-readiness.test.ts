/** When all pods of a predictor are new, answer, and load what was promoted: the states in which Kubernetes shows a Deployment. */
import { expect, test } from 'vitest'
import { assessDeployment } from '../../src/domain/deployment-readiness.ts'
import { NOTHING_WRITTEN } from '../../src/domain/pod-template.ts'
import {
  BEFORE,
  deployment,
  MERGED,
  model12,
  NEW,
  OLD,
  overdue,
  type Pods,
  progressing,
  surging,
  template,
} from './serving-fixture.ts'

const judge = (deployed: Pods): string => {
  const pods = assessDeployment(deployed, model12, MERGED)
  return pods.kind === 'complete' ? `complete with ${pods.replicas}` : `${pods.kind}: ${pods.detail}`
}

const LATE = 'failed: new pods did not become available: ReplicaSet "churn-predictor-5d9" has timed out progressing'

test.each<[string, Pods, string]>([
  ['all are', deployment(), 'complete with 2'],
  [
    'one pod is all there shall be',
    deployment({ wantedReplicas: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }),
    'complete with 1',
  ],
  [
    'KServe has not reacted, and the old pods are well',
    deployment({ template: template([OLD, OLD]) }),
    `unseen: its pods have not changed yet: they carry ${OLD}, not ${NEW}`,
  ],
  [
    'annotation and arguments of the template differ',
    deployment({ template: template([NEW, OLD]) }),
    `unseen: its pods have not changed yet: they carry ${OLD}, not ${NEW}`,
  ],
  [
    'the template carries no model',
    deployment({ template: template([]) }),
    `unseen: its pods have not changed yet: they carry no model, not ${NEW}`,
  ],
  [
    'Kubernetes has not looked at the template',
    deployment({ observedGeneration: 6 }),
    'unseen: Kubernetes has not looked at the changed pods yet',
  ],
  [
    'the Deployment was just made',
    deployment({ observedGeneration: undefined, replicas: 0, updatedReplicas: 0, availableReplicas: 0 }),
    'unseen: Kubernetes has not looked at the changed pods yet',
  ],
  [
    'a new pod crashes behind old ones',
    surging(),
    'waiting: new pods are not available yet: 1 of 2 updated, 2 of 3 available',
  ],
  [
    'all pods are new, and one does not answer',
    deployment({ availableReplicas: 1 }),
    'waiting: new pods are not available yet: 2 of 2 updated, 1 of 2 available',
  ],
  [
    'an old pod has not gone yet',
    deployment({ replicas: 3, availableReplicas: 3 }),
    'waiting: new pods are not available yet: 2 of 2 updated, 3 of 3 available',
  ],
  [
    'more pods are wanted than there are',
    deployment({ wantedReplicas: 3 }),
    'waiting: new pods are not available yet: 2 of 3 updated, 2 of 2 available',
  ],
  [
    'the counts are right before Kubernetes calls the rollout complete',
    deployment({ conditions: progressing('ReplicaSetUpdated') }),
    'waiting: the rollout of the pods is not complete (ReplicaSetUpdated)',
  ],
  [
    'the Deployment is paused',
    deployment({ conditions: progressing('DeploymentPaused') }),
    'waiting: the rollout of the pods is not complete (DeploymentPaused)',
  ],
  [
    'the Deployment has no conditions',
    deployment({ conditions: [] }),
    'waiting: the rollout of the pods is not complete (no progress)',
  ],
  ['new pods miss their deadline', overdue(), LATE],
  ['the time of the missed deadline is not told', overdue(undefined), LATE],
  [
    'the deadline was missed by the release before',
    overdue(BEFORE),
    'unseen: its pods have been missing their progress deadline since before the promotion',
  ],
  [
    'the deadline was missed by the template before, and ours is not there yet',
    { ...overdue(), template: template([OLD]) },
    `unseen: its pods have not changed yet: they carry ${OLD}, not ${NEW}`,
  ],
  [
    'the deadline was missed by the generation before',
    { ...overdue(), observedGeneration: 6 },
    'unseen: Kubernetes has not looked at the changed pods yet',
  ],
])('%s', (_, pods, expected) => {
  expect(judge(pods)).toBe(expected)
})

test('a promotion that changes no model is proven by any pods that are complete', () => {
  expect(assessDeployment(deployment({ template: template([OLD]) }), NOTHING_WRITTEN, MERGED)).toEqual({
    kind: 'complete',
    replicas: 2,
  })
})
