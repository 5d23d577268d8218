/** The MLflow servers of an installation by name, each with its own sign-in. Used by mlflow.ts, mlflow-unity-catalog.ts and mlflow-examination.ts. */
import { UserError } from '../domain/failure.ts'
import { withoutEnd } from '../domain/without-end.ts'
import type { MlflowCredentials, MlflowServer } from './mlflow-http.ts'
import { createSignIn } from './mlflow-sign-in.ts'

export type ServerSettings = {
  /** Base address by name, as the policy and MLFLOW_TRACKING_URI give them. */
  readonly servers: ReadonlyMap<string, string>
  /** By the server's name: one server's credentials are never shown to another. */
  readonly credentials: ReadonlyMap<string, MlflowCredentials>
}

/** Finds a server by name; its sign-in keeps tokens from call to call. Throws UserError `mlflow_refused` for names that nobody set up. */
export function openServers({ servers, credentials }: ServerSettings): (name: string) => MlflowServer {
  const open = new Map(
    [...servers].map(([name, address]): [string, MlflowServer] => {
      const url = withoutEnd(address, '/')
      return [name, { name, url, signIn: createSignIn({ name, url }, credentials.get(name)) }]
    }),
  )
  return (name) => {
    const server = open.get(name)
    if (server !== undefined) return server
    throw new UserError(
      'mlflow_refused',
      `There is no MLflow server named ${name}`,
      'Name it under `mlflow:` in LOCKKEEPER_POLICY, or set MLFLOW_TRACKING_URI for the one named default.',
    )
  }
}
