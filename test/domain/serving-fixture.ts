/** InferenceServices and their Deployments as tests need them: all well unless a test says otherwise. */
import type { ObservedDeployment } from '../../src/domain/deployment-readiness.ts'
import type { ObservedInferenceService } from '../../src/domain/kserve-readiness.ts'

export const OLD = 's3://acme-models/churn/11'
export const NEW = 's3://acme-models/churn/12'
export const MERGED = new Date('2026-11-24T10:00:00Z')
export const BEFORE = new Date('2026-11-24T09:00:00Z')
export const AFTER = new Date('2026-11-24T10:05:00Z')

export type Service = ObservedInferenceService
export type Pods = ObservedDeployment

export const condition = (type: string, status: 'True' | 'False' | 'Unknown', reason = '') => ({
  type,
  status,
  reason,
  message: '',
})
export const READY = [condition('PredictorReady', 'True'), condition('Ready', 'True'), condition('Stopped', 'False')]
export const model = (transitionStatus: string, targetModelState?: string, failedAt?: Date | 'no time') => ({
  transitionStatus,
  targetModelState,
  activeModelState: 'Loaded',
  lastFailure:
    failedAt === undefined
      ? undefined
      : { reason: 'ModelLoadFailed', message: 'no such file', at: failedAt === 'no time' ? undefined : failedAt },
})
export const NO_REVISIONS = { latestCreatedRevision: undefined, latestReadyRevision: undefined }
export const revisions = (created: string | undefined, ready: string | undefined = created) => ({
  latestCreatedRevision: created,
  latestReadyRevision: ready,
})

/** A service in Standard mode whose status says that all is well. */
export const service = (change: Partial<Service> = {}): Service => ({
  name: 'churn',
  mode: 'standard',
  storageUri: NEW,
  conditions: READY,
  modelStatus: model('UpToDate', 'Loaded'),
  predictor: NO_REVISIONS,
  ...change,
})
export const knative = (change: Partial<Service> = {}): Service =>
  service({ mode: 'knative', predictor: revisions('churn-predictor-00002'), ...change })

export const progressing = (reason: string, changedAt: Date | undefined = AFTER, message = '') => [
  { type: 'Available', status: 'True' as const, reason: 'MinimumReplicasAvailable', message: '', changedAt: BEFORE },
  {
    type: 'Progressing',
    status: reason === 'ProgressDeadlineExceeded' ? ('False' as const) : ('True' as const),
    reason,
    message,
    changedAt,
  },
]

/** A Deployment whose rollout to the new model has ended well. */
export const deployment = (change: Partial<Pods> = {}): Pods => ({
  name: 'churn-predictor',
  generation: 7,
  observedGeneration: 7,
  wantedReplicas: 2,
  replicas: 2,
  updatedReplicas: 2,
  availableReplicas: 2,
  conditions: progressing('NewReplicaSetAvailable'),
  sourceUris: [NEW, NEW],
  images: ['kserve/storage-initializer:v0.20.0', 'kserve/sklearnserver:v0.20.0'],
  ...change,
})
/** As Kubernetes shows it while a new pod starts, or crashes, behind two old ones. */
export const surging = (change: Partial<Pods> = {}): Pods =>
  deployment({ replicas: 3, updatedReplicas: 1, conditions: progressing('ReplicaSetUpdated'), ...change })

const TIMED_OUT = 'ReplicaSet "churn-predictor-5d9" has timed out progressing.'
export const overdue = (changedAt: Date | undefined = AFTER) =>
  surging({ conditions: progressing('ProgressDeadlineExceeded', changedAt, TIMED_OUT) })
