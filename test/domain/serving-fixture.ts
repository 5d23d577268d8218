/** InferenceServices and their Deployments as tests need them: all well unless a test says otherwise. */
import type { ObservedDeployment } from '../../src/domain/deployment-readiness.ts'
import { assessInferenceService, type ObservedInferenceService, podsPlaces } from '../../src/domain/kserve-readiness.ts'
import { MODEL_PATH, NOTHING_WRITTEN, type PodTemplate, type WrittenValues } from '../../src/domain/pod-template.ts'
import type { ComponentRevisions, ObservedRevision } from '../../src/domain/revision-readiness.ts'
import type { Proof, WorkloadCondition } from '../../src/domain/workload-readiness.ts'

export const OLD = 's3://acme-models/churn/11'
export const NEW = 's3://acme-models/churn/12'
export const MERGED = new Date('2026-11-24T10:00:00Z')
export const BEFORE = new Date('2026-11-24T09:00:00Z')
export const AFTER = new Date('2026-11-24T10:05:00Z')
export const NOW = new Date('2026-11-24T10:10:00Z')
export const IMAGE = 'ghcr.io/acme/churn-server'
export const DIGEST = `sha256:${'b'.repeat(64)}`
export const OTHER_DIGEST = `sha256:${'a'.repeat(64)}`

/** What the promotion wrote: a model, an image, or both. */
export const written = (change: Partial<WrittenValues> = {}): WrittenValues => ({ ...NOTHING_WRITTEN, ...change })
export const model12 = written({ uris: [NEW] })
export const imageOf = (digest = DIGEST, container?: string) => ({ name: IMAGE, tag: undefined, digest, container })
export const proof = (values: WrittenValues = model12, change: Partial<Proof> = {}): Proof => ({
  written: values,
  since: MERGED,
  now: NOW,
  ...change,
})

/** Pods that load these models. */
export const template = (uris: readonly string[], images: readonly string[] = SERVER): PodTemplate => ({
  containers: images.map((image, index) => ({ name: index === 0 ? 'kserve-container' : `sidecar-${index}`, image })),
  sources: uris.map((uri) => ({ uri, mountPath: MODEL_PATH })),
  env: [],
  words: [],
})
const SERVER = ['kserve/sklearnserver:v0.20.0']

export type Service = ObservedInferenceService
export type Pods = ObservedDeployment

export const condition = (
  type: string,
  status: WorkloadCondition['status'],
  reason = '',
  change: Partial<WorkloadCondition> = {},
): WorkloadCondition => ({ type, status, reason, message: '', changedAt: AFTER, ...change })
export const READY = [condition('PredictorReady', 'True'), condition('Ready', 'True'), condition('Stopped', 'False')]
export const model = (transitionStatus: string, targetModelState?: string, failedAt?: Date | 'no time') => ({
  transitionStatus,
  targetModelState,
  activeModelState: 'Loaded',
  lastFailure:
    failedAt === undefined
      ? undefined
      : {
          reason: 'ModelLoadFailed',
          message: 'no such file',
          exitCode: 1,
          at: failedAt === 'no time' ? undefined : failedAt,
        },
  copies: undefined,
})
export const revisions = (
  created: string,
  ready: string | undefined = created,
  change: Partial<ComponentRevisions> = {},
) => ({
  predictor: {
    latestCreatedRevision: created,
    latestReadyRevision: ready,
    latestRolledoutRevision: ready,
    traffic: ready === undefined ? undefined : [{ revision: ready, percent: 100 }],
    ...change,
  },
})

/** A service in Standard mode whose status says that all is well. */
export const service = (change: Partial<Service> = {}): Service => ({
  name: 'churn',
  mode: 'standard',
  predictorName: undefined,
  isMultiNode: false,
  storageUri: NEW,
  storagePath: undefined,
  components: ['predictor'],
  runtimes: [],
  changedAt: undefined,
  conditions: READY,
  modelStatus: model('UpToDate', 'Loaded'),
  revisions: {},
  canaries: [],
  ...change,
})
export const knative = (change: Partial<Service> = {}): Service =>
  service({ mode: 'knative', revisions: revisions('churn-predictor-00002'), ...change })

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

/** A revision of Knative with a pod that answers. */
export const revision = (uri: string, change: Partial<ObservedRevision> = {}): ObservedRevision => ({
  name: 'churn-predictor-00002',
  conditions: [condition('Ready', 'True')],
  template: template([uri]),
  ...change,
})

/** A Deployment whose rollout to the new model has ended well. */
export const deployment = (change: Partial<Pods> = {}): Pods => ({
  name: 'churn-predictor',
  generation: 7,
  observedGeneration: 7,
  isPaused: false,
  wantedReplicas: 2,
  replicas: 2,
  updatedReplicas: 2,
  availableReplicas: 2,
  conditions: progressing('NewReplicaSetAvailable'),
  template: template([NEW, NEW]),
  ...change,
})
/** As Kubernetes shows it while a new pod starts, or crashes, behind two old ones. */
export const surging = (change: Partial<Pods> = {}): Pods =>
  deployment({ replicas: 3, updatedReplicas: 1, conditions: progressing('ReplicaSetUpdated'), ...change })

const TIMED_OUT = 'ReplicaSet "churn-predictor-5d9" has timed out progressing.'
export const overdue = (changedAt: Date | undefined = AFTER) =>
  surging({ conditions: progressing('ProgressDeadlineExceeded', changedAt, TIMED_OUT) })

/** What is written to the predictor is the new model unless a test says otherwise. */
export const judge = (
  observed: Service,
  pods: Pods | ObservedRevision | undefined,
  { written: values = model12, ...change }: Partial<Proof> = {},
) => {
  const found = podsPlaces(observed, ['predictor'], change.traffic?.canary).map((place) =>
    place.kind === 'Revision'
      ? { place, revision: pods && 'generation' in pods ? undefined : pods }
      : { place, deployment: pods && 'generation' in pods ? pods : undefined },
  )
  const asked = { since: MERGED, now: NOW, ...change, written: { predictor: values }, pods: found }
  const { kind, detail } = assessInferenceService(observed, asked)
  return `${kind}: ${detail}`
}
