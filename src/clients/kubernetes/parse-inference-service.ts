/** From a raw KServe InferenceService (v1beta1) to the port's type. */
import { fieldsOf } from '../../domain/json-fields.ts'
import { COMPONENTS } from '../../domain/kserve-readiness.ts'
import type { InferenceService } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import { parseCondition, specChangedAt } from './parse-pod-template.ts'

/** Throws SystemUnavailable when the object has no name or namespace. */
export function parseInferenceService(raw: unknown): InferenceService {
  const service = answerOf('KServe', raw, 'InferenceService')
  const metadata = service.child('metadata')
  const spec = service.maybe('spec')
  const predictor = spec?.maybe('predictor')
  const status = service.maybe('status')
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    generation: metadata.maybeInteger('generation') ?? 0,
    mode: modeOf(status?.maybeText('deploymentMode') ?? metadata.maybe('annotations')?.maybeText(MODE_ANNOTATION)),
    predictorName: predictor?.maybeText('name'),
    isMultiNode: predictor?.has('workerSpec') === true,
    storageUri: storageUriOf(predictor),
    storagePath: predictor?.maybe('model')?.maybe('storage')?.maybeText('path'),
    components: COMPONENTS.filter((component) => spec?.has(component) === true),
    runtimes: ['servingRuntimeName', 'clusterServingRuntimeName'].flatMap((key) => status?.maybeText(key) ?? []),
    changedAt: specChangedAt(metadata),
    conditions: (status?.list('conditions') ?? []).map(parseCondition),
    modelStatus: modelStatusOf(status?.maybe('modelStatus')),
    revisions: revisionsOf(status?.maybe('components')),
    canaries: canariesOf(spec, status),
    url: status?.maybeText('url'),
  }
}

/** `predictor.model.storageUri`, or the same below an older framework block (`predictor.sklearn`, `predictor.xgboost`…), of which there is exactly one. */
function storageUriOf(predictor: Answer | undefined): string | undefined {
  if (predictor === undefined) return undefined
  const current = predictor.maybe('model')?.maybeText('storageUri')
  if (current !== undefined) return current
  const blocks = Object.values(predictor.raw).map((block) => fieldsOf(block)?.['storageUri'])
  return blocks.find((uri) => typeof uri === 'string')
}

const MODE_ANNOTATION = 'serving.kserve.io/deploymentMode'

/** KServe has renamed two of them; both names are in use. */
const MODES: Readonly<Record<string, InferenceService['mode']>> = {
  Standard: 'standard',
  RawDeployment: 'standard',
  Knative: 'knative',
  Serverless: 'knative',
  ModelMesh: 'modelmesh',
}

const modeOf = (name: string | undefined): InferenceService['mode'] => (name === undefined ? undefined : MODES[name])

function revisionsOf(components: Answer | undefined): InferenceService['revisions'] {
  const known = COMPONENTS.flatMap((component) => {
    const status = components?.maybe(component)
    const latestCreatedRevision = status?.maybeText('latestCreatedRevision')
    if (status === undefined || latestCreatedRevision === undefined) return []
    const traffic = status.list('traffic').flatMap((target) => {
      const percent = target.maybeInteger('percent')
      return percent === undefined ? [] : [{ revision: target.maybeText('revisionName') ?? '', percent }]
    })
    const revisions = {
      latestCreatedRevision,
      latestReadyRevision: status.maybeText('latestReadyRevision'),
      latestRolledoutRevision: status.maybeText('latestRolledoutRevision'),
      traffic: traffic.length === 0 ? undefined : traffic,
    }
    return [[component, revisions] as const]
  })
  return Object.fromEntries(known)
}

/** An empty state is none. */
const textOf = (holder: Answer | undefined, key: string): string | undefined => holder?.maybeText(key) || undefined

function modelStatusOf(status: Answer | undefined): InferenceService['modelStatus'] {
  if (status === undefined) return undefined
  const states = status.maybe('states')
  const failure = status.maybe('lastFailureInfo')
  const copies = status.maybe('copies')
  return {
    transitionStatus: status.maybeText('transitionStatus') ?? '',
    targetModelState: textOf(states, 'targetModelState'),
    activeModelState: textOf(states, 'activeModelState'),
    lastFailure:
      failure === undefined
        ? undefined
        : {
            reason: failure.maybeText('reason') ?? '',
            message: failure.maybeText('message') ?? '',
            exitCode: failure.maybeInteger('exitCode'),
            at: failure.maybeDate('time'),
          },
    copies: copies && {
      failed: copies.maybeInteger('failedCopies') ?? 0,
      total: copies.maybeInteger('totalCopies') ?? 0,
    },
  }
}

function canariesOf(spec: Answer | undefined, status: Answer | undefined): InferenceService['canaries'] {
  const states = status?.list('canaryStatuses') ?? []
  return (spec?.list('canary') ?? []).flatMap((canary) => {
    const predictor = canary.maybe('predictor')
    const name = predictor?.maybeText('name')
    if (name === undefined) return []
    const state = states.find((one) => one.maybeText('name') === name)
    return [
      {
        name,
        storageUri: storageUriOf(predictor),
        isReady: state?.raw['ready'] === true,
        percent: state?.maybeInteger('trafficPercent'),
      },
    ]
  })
}
