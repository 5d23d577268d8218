/** An MLflow server as `lockkeeper doctor` looks at it: by a call of its API, since /health answers also where every call is refused. */
import { callMlflow, type MlflowServer, type MlflowTransport, refused } from './mlflow-http.ts'

export type MlflowExamination = {
  /** Its models are in Unity Catalog, which is asked as well. */
  readonly inCatalog: boolean
  readonly transport: MlflowTransport
}

/** One line about it. Throws UserError `mlflow_refused` and SystemUnavailable as every call does. */
export async function examineMlflow(
  server: MlflowServer,
  { inCatalog, transport }: MlflowExamination,
): Promise<string> {
  const search = await callMlflow(
    server,
    { method: 'POST', path: 'experiments/search', body: { max_results: 1 } },
    transport,
  )
  if (!search.ok)
    throw refused(server, `it answers ${search.code}: ${search.message}`, 'Look into the log of the MLflow server.')
  const seen = search.body.list('experiments').length === 0 ? 'answers, and shows no experiment' : 'answers'
  const { host } = new URL(server.url)
  if (!inCatalog) return `${host} ${seen}`
  const models = await callMlflow(
    server,
    { method: 'GET', api: 'api/2.1/unity-catalog', path: 'models', query: { max_results: '1' } },
    transport,
  )
  if (!models.ok)
    throw refused(
      server,
      `Unity Catalog answers ${models.code}: ${models.message}`,
      'Give the Lockkeeper user USE CATALOG, USE SCHEMA and EXECUTE; or remove `registry: unity_catalog` in LOCKKEEPER_POLICY.',
    )
  return `${host} ${seen}, with Unity Catalog`
}
