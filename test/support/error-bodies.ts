/** How each system words a failure: the bodies of outside-faults.ts. */

export type ErrorBody = { readonly type: string; readonly body: string }

const JSON_TYPE = 'application/json; charset=utf-8'

const GITHUB: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by integration',
  404: 'Not Found',
  409: 'Conflict',
  422: 'Validation Failed',
  503: 'No server is currently available to service your request. Sorry about that.',
}

const MLFLOW: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  409: 'RESOURCE_CONFLICT',
  422: 'INVALID_PARAMETER_VALUE',
  429: 'REQUEST_LIMIT_EXCEEDED',
  503: 'TEMPORARILY_UNAVAILABLE',
}

const KUBERNETES: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
}

const BUCKET: Readonly<Record<number, string>> = {
  401: 'InvalidAccessKeyId',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  409: 'OperationAborted',
  422: 'InvalidRequest',
  429: 'TooManyRequests',
  503: 'SlowDown',
}

const REGISTRY: Readonly<Record<number, string>> = {
  401: 'UNAUTHORIZED',
  403: 'DENIED',
  404: 'MANIFEST_UNKNOWN',
  429: 'TOOMANYREQUESTS',
}

/** The body that the system gives with a status; `words` instead of its usual ones. */
export function errorBody(system: string, status: number, words?: string): ErrorBody {
  const write = BODIES[system] ?? (() => ({ message: `status ${status}` }))
  const body = write(status, words)
  return typeof body === 'string'
    ? { type: system === 'bucket' ? 'application/xml' : 'text/plain', body }
    : { type: JSON_TYPE, body: JSON.stringify(body) }
}

type Write = (status: number, words: string | undefined) => unknown

const BODIES: { readonly [system: string]: Write | undefined } = {
  github: (status, words) => ({
    message: words ?? GITHUB[status] ?? 'Server Error',
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  }),
  mlflow: (status) => ({ error_code: MLFLOW[status] ?? 'INTERNAL_ERROR', message: `mlflow says ${status}` }),
  kubernetes: (status) => ({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: KUBERNETES[status] ?? 'InternalError',
    message: `the server says ${status}`,
    code: status,
  }),
  bucket: (status) =>
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${BUCKET[status] ?? 'InternalError'}</Code><Message>status ${status}</Message></Error>`,
  registry: (status) => ({ errors: [{ code: REGISTRY[status] ?? 'UNKNOWN', message: `status ${status}` }] }),
  prometheus: (status) => ({
    status: 'error',
    errorType: status === 422 ? 'execution' : 'internal',
    error: `status ${status}`,
  }),
  argocd: (status) => ({ error: `status ${status}`, code: status === 403 ? 7 : 2, message: `status ${status}` }),
  wandb: (status) => ({ errors: [{ message: `status ${status}` }] }),
  endpoint: (status) => `upstream says ${status}`,
  storage: () => 'AuthenticationFailed',
}
