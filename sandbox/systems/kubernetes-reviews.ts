/** Who somebody is and what they may, as the API server answers about whoever asks: SelfSubjectAccessReview, SelfSubjectReview. Used by kubernetes.ts. */
import type { SandboxRequest, SandboxResponse } from '../http.ts'
import { type Attempt, allows, type Identity } from './kubernetes-access.ts'

/** The answer when the path is one of them. */
export function review(identity: Identity, request: SandboxRequest): SandboxResponse | undefined {
  if (request.method !== 'POST') return undefined
  if (request.path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') return access(identity, request)
  return request.path === '/apis/authentication.k8s.io/v1/selfsubjectreviews' ? self(identity) : undefined
}

function access({ rules, user }: Identity, request: SandboxRequest): SandboxResponse {
  const { spec = {} } = JSON.parse(request.body.toString('utf8')) as {
    spec?: { resourceAttributes?: Partial<Attempt> }
  }
  const { verb = '', group = '', resource = '', ...place } = spec.resourceAttributes ?? {}
  const allowed = allows(rules, { verb, group, resource, ...place })
  const status = allowed ? { allowed, reason: `RBAC: allowed for "${user}"` } : { allowed }
  const metadata = { creationTimestamp: null }
  return {
    status: 201,
    body: { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata, spec, status },
  }
}

function self({ user }: Identity): SandboxResponse {
  const groups = ['system:serviceaccounts', 'system:authenticated']
  return {
    status: 201,
    body: {
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: null },
      status: { userInfo: { username: user, groups } },
    },
  }
}
