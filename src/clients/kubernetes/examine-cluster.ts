/** Whether a cluster answers, who the server is there, and for how long. For `lockkeeper doctor`; what it may do there: examine-rights.ts. */
import { UserError } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import type { Lifetime } from './bearer-token.ts'
import { type ClusterAnswer, type ClusterConnection, type ClusterRequest, NOT_CONFIGURED } from './connection.ts'

/** One line. Throws UserError and SystemUnavailable. */
export async function examineCluster(connection: ClusterConnection, now: Date): Promise<string> {
  const version = await askOr(connection, '/version', {})
  const name = fieldsOf(version.body)?.['gitVersion']
  const json = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const self = await askOr(connection, '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    method: 'POST',
    body: { type: 'application/json', json },
  })
  const user = fieldsOf(fieldsOf(fieldsOf(self.body)?.['status'])?.['userInfo'])?.['username']
  return [
    typeof name === 'string' ? `Kubernetes ${name}` : 'answers',
    // Kubernetes has the question since 1.28.
    typeof user === 'string' ? `signed in as ${user}` : 'signed in',
    ...lifetimeWords(await connection.lifetime(), now),
  ].join(', ')
}

/** Throws UserError also where nothing is configured, or the credentials are not taken. */
export async function askOr(
  connection: ClusterConnection,
  path: string,
  request: ClusterRequest,
): Promise<ClusterAnswer> {
  const answer = await connection.ask(path, request)
  if (answer === undefined)
    throw new UserError('system_unavailable', NOT_CONFIGURED, 'Or take the grants for it out of LOCKKEEPER_POLICY.')
  if (answer.status !== 401) return answer
  const ended = (await connection.lifetime())?.expiresAt
  const since = ended !== undefined && ended <= new Date() ? `: the token ended ${ended.toISOString()}` : ''
  throw new UserError(
    'system_unavailable',
    `the cluster does not accept the credentials${since}`,
    'Make new ones, for example with `kubectl create token`, and put them into the kubeconfig; in a pod, look at its service account.',
  )
}

const HOUR = 3_600_000

function lifetimeWords(lifetime: Lifetime | undefined, now: Date): readonly string[] {
  if (lifetime === undefined) return []
  const { issuedAt, expiresAt } = lifetime
  if (expiresAt === undefined) return ['with a token that never ends']
  const left = expiresAt.getTime() - now.getTime()
  const age = issuedAt === undefined ? '' : `made ${issuedAt.toISOString()}, `
  return [`token ${age}ends ${expiresAt.toISOString()}${left < HOUR ? ', within the hour' : ''}`]
}
