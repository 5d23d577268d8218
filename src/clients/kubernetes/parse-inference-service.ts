/** From a raw KServe InferenceService (v1beta1) to the port's type. */

import { fieldsOf } from '../../domain/json-fields.ts'
import type { InferenceService } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'

/** Throws SystemUnavailable when the object has no name or namespace. */
export function parseInferenceService(raw: unknown): InferenceService {
  const service = answerOf('KServe', raw, 'InferenceService')
  const metadata = service.child('metadata')
  const status = service.maybe('status')
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    generation: metadata.maybeInteger('generation') ?? 0,
    mode: modeOf(status?.maybeText('deploymentMode') ?? metadata.maybe('annotations')?.maybeText(MODE_ANNOTATION)),
    storageUri: storageUriOf(service.maybe('spec')?.maybe('predictor')),
    conditions: (status?.list('conditions') ?? []).map((condition) => ({
      type: condition.maybeText('type') ?? '',
      status: conditionStatus(condition.maybeText('status')),
      reason: condition.maybeText('reason') ?? '',
      message: condition.maybeText('message') ?? '',
    })),
    modelStatus: modelStatusOf(status?.maybe('modelStatus')),
    predictor: revisionsOf(status?.maybe('components')?.maybe('predictor')),
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

const revisionsOf = (predictor: Answer | undefined): InferenceService['predictor'] => ({
  latestCreatedRevision: predictor?.maybeText('latestCreatedRevision'),
  latestReadyRevision: predictor?.maybeText('latestReadyRevision'),
})

function conditionStatus(text: string | undefined): 'True' | 'False' | 'Unknown' {
  return text === 'True' || text === 'False' ? text : 'Unknown'
}

function modelStatusOf(status: Answer | undefined): InferenceService['modelStatus'] {
  if (status === undefined) return undefined
  const states = status.maybe('states')
  const failure = status.maybe('lastFailureInfo')
  return {
    transitionStatus: status.maybeText('transitionStatus') ?? '',
    targetModelState: states?.maybeText('targetModelState'),
    activeModelState: states?.maybeText('activeModelState'),
    lastFailure:
      failure === undefined
        ? undefined
        : {
            reason: failure.maybeText('reason') ?? '',
            message: failure.maybeText('message') ?? '',
            at: failure.maybeDate('time'),
          },
  }
}
