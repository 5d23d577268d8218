/** The forms in which the MLflow stand-in answers: MLflow's own, as they were recorded. Used by mlflow-routes.ts and mlflow-writes.ts. */
import type { SandboxResponse } from '../http.ts'
import type { RecordedAnswer } from './mlflow-recordings.ts'
import type { MlflowState } from './mlflow-state.ts'
import { printRaw, type RawObject } from './raw-json.ts'

export type Answerer = { readonly state: MlflowState; readonly violations: string[] }

export type Arguments = Readonly<Record<string, unknown>>

export function unknownModel({ state }: Answerer, input: Arguments): SandboxResponse | undefined {
  const name = text(input, 'name')
  if (name === undefined) return missing('name')
  return name === 'churn' && state.isRegistered() ? undefined : absent(`Registered Model with name=${name} not found`)
}

export function text(input: Arguments, key: string): string | undefined {
  const value = input[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function ok(body: RawObject): SandboxResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: printRaw(body) }
}

export function recorded({ status, contentType, text: body }: RecordedAnswer): SandboxResponse {
  return { status, headers: { 'content-type': contentType }, body }
}

export function absent(message: string): SandboxResponse {
  return failure(404, ['RESOURCE_DOES_NOT_EXIST', message, 'RESOURCE_NOT_FOUND'])
}

export function refuse(message: string, code = 'INVALID_PARAMETER_VALUE'): SandboxResponse {
  return failure(400, [code, message, code])
}

export function refuseLoudly(violations: string[], message: string): SandboxResponse {
  violations.push(message)
  return refuse(message)
}

export function missing(parameter: string): SandboxResponse {
  const advice = 'See the API docs for more information about request parameters.'
  return refuse(`Missing value for required parameter '${parameter}'. ${advice}`)
}

/** MLflow writes errors on one line, with Python's separators. */
function failure(status: number, [code, message, errorClass]: readonly [string, string, string]): SandboxResponse {
  const entries = Object.entries({ error_code: code, message, sqlstate: 'KAM00', error_class: errorClass })
  const body = `{${entries.map(([key, value]) => `"${key}": ${JSON.stringify(value)}`).join(', ')}}`
  return { status, headers: { 'content-type': 'application/json' }, body }
}
