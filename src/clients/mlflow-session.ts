/** One MLflow server that is being asked, and how its answers are taken. Shared by mlflow.ts and mlflow-new-version.ts. */
import type { UserError } from '../domain/failure.ts'
import type { Answer } from './answer.ts'
import { type MlflowReply, type MlflowRequest, type MlflowServer, refused } from './mlflow-http.ts'

export type MlflowSession = {
  readonly server: MlflowServer
  /** Its address, for links. */
  readonly base: string
  readonly call: (request: MlflowRequest) => Promise<MlflowReply>
}

/** The answer; undefined for what does not exist; throws for every other error. */
export function presentOrThrow(session: MlflowSession, reply: MlflowReply): Answer | undefined {
  if (reply.ok) return reply.body
  if (isAbsent(reply)) return undefined
  throw refusal(session, reply)
}

/** Servers say that something does not exist in one of these ways. */
export const isAbsent = (reply: MlflowReply): boolean =>
  !reply.ok && (reply.code === 'RESOURCE_DOES_NOT_EXIST' || (reply.status === 404 && reply.code === 'NOT_FOUND'))

/** What a person has to change where the server answers so. */
export function refusal({ server }: MlflowSession, { code, message }: Extract<MlflowReply, { ok: false }>): UserError {
  return refused(
    server,
    `it answers ${code}: ${message}`,
    'Check the names of experiment, model and alias in the configuration.',
  )
}
