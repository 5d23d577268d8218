/** Who may do what at the Kubernetes stand-in: bearer tokens, RBAC rules, and the Status objects of refusals. Used by kubernetes.ts. */
import type { SandboxResponse } from '../http.ts'
import { RESOURCES } from './kubernetes-objects.ts'

/** One RBAC rule; `namespaces` absent means a ClusterRole, `*` matches all. */
export type AccessRule = {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly namespaces?: readonly string[]
  readonly resourceNames?: readonly string[]
}

export type Identity = { readonly token: string; readonly user: string; readonly rules: readonly AccessRule[] }

export type Attempt = {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
}

/** The service account that the sandbox's kubeconfig uses: reads everything, patches Applications and objects of Flux. */
export const BOT: Identity = {
  token: 'sandbox-service-account-token',
  user: 'system:serviceaccount:lockkeeper:lockkeeper',
  rules: [
    {
      apiGroups: ['argoproj.io'],
      resources: ['applications'],
      verbs: ['get', 'list', 'watch', 'patch'],
    },
    {
      apiGroups: ['kustomize.toolkit.fluxcd.io', 'source.toolkit.fluxcd.io'],
      resources: ['kustomizations', 'gitrepositories'],
      verbs: ['get', 'list', 'watch', 'patch'],
    },
    {
      apiGroups: ['serving.kserve.io', 'apps', 'serving.knative.dev'],
      resources: ['inferenceservices', 'deployments', 'revisions'],
      verbs: ['get', 'list', 'watch'],
    },
    {
      apiGroups: ['apps', 'argoproj.io', 'serving.kserve.io'],
      resources: ['statefulsets', 'rollouts', 'llminferenceservices'],
      verbs: ['get', 'list', 'watch'],
    },
  ],
}

/** Whether one of the rules allows the attempt. */
export function allows(rules: readonly AccessRule[], attempt: Attempt): boolean {
  return rules.some(
    (rule) =>
      covers(rule.apiGroups, attempt.group) &&
      covers(rule.resources, attempt.resource) &&
      covers(rule.verbs, attempt.verb) &&
      (rule.namespaces === undefined || covers(rule.namespaces, attempt.namespace ?? '')) &&
      (rule.resourceNames === undefined || covers(rule.resourceNames, attempt.name ?? '')),
  )
}

const covers = (allowed: readonly string[], value: string) => allowed.includes('*') || allowed.includes(value)

type Failure = { readonly code: number; readonly reason: string; readonly message: string; readonly details?: unknown }

/** A `Status` object of kind Failure, as the API server sends it. */
export function statusObject({ code, reason, message, details }: Failure) {
  const extra = details === undefined ? {} : { details }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...extra, code }
}

export function failure(refusal: Failure): SandboxResponse {
  return { status: refusal.code, headers: { 'content-type': 'application/json' }, body: statusObject(refusal) }
}

export const unauthorised = (): SandboxResponse =>
  failure({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' })

/** 403 with the sentence that names user, verb and resource. */
export function forbidden(user: string, { verb, group, resource, namespace, name }: Attempt): SandboxResponse {
  const qualified = group === '' ? resource : `${resource}.${group}`
  const subject = name === undefined ? qualified : `${qualified} "${name}"`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const cannot = `cannot ${verb} resource "${resource}" in API group "${group}" ${where}`
  return failure({
    code: 403,
    reason: 'Forbidden',
    message: `${subject} is forbidden: User "${user}" ${cannot}`,
    details: { ...(name === undefined ? {} : { name }), group, kind: resource },
  })
}

export function notFound(attempt: Attempt): SandboxResponse {
  const known = RESOURCES.some(({ group, plural }) => group === attempt.group && plural === attempt.resource)
  if (!known) {
    const message = 'the server could not find the requested resource'
    return failure({ code: 404, reason: 'NotFound', message, details: {} })
  }
  const { group, resource, name = '' } = attempt
  return failure({
    code: 404,
    reason: 'NotFound',
    message: `${resource}.${group} "${name}" not found`,
    details: { name, group, kind: resource },
  })
}
