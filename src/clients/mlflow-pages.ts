/** Where people look at runs and versions: each home of MLflow has pages of its own, and only MLflow's own are below the address of its API. */

type Pages = {
  run(experimentId: string, runId: string): string
  version(model: string, version: string): string
}

/** `base` is the server's address. Names are encoded. */
export function pagesOf(base: string): Pages {
  const { hostname, origin, pathname } = new URL(base)
  const workspace = WORKSPACE.exec(pathname)
  if (workspace !== null) return studio(workspace)
  if (DATABRICKS.test(hostname)) return databricks(origin)
  return {
    run: (experimentId, runId) => `${base}/#/experiments/${encoded(experimentId)}/runs/${encoded(runId)}`,
    version: (model, version) => `${base}/#/models/${encoded(model)}/versions/${encoded(version)}`,
  }
}

const encoded = encodeURIComponent

const DATABRICKS = /(?:^|\.)(?:azuredatabricks\.net|databricks\.(?:com|us|mil|azure\.cn|azure\.us))$/
/** Of Azure ML, whose tracking address has no pages at all. */
const WORKSPACE =
  /\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.MachineLearningServices\/workspaces\/([^/?]+)/i

/** https://github.com/mlflow/mlflow/blob/master/mlflow/utils/databricks_utils.py writes the same. */
const databricks = (origin: string): Pages => ({
  run: (experimentId, runId) => `${origin}/ml/experiments/${encoded(experimentId)}/runs/${encoded(runId)}`,
  version: (model, version) => `${origin}/#mlflow/models/${encoded(model)}/versions/${encoded(version)}`,
})

function studio([, subscription, group, name]: RegExpExecArray): Pages {
  const place = `wsid=/subscriptions/${subscription}/resourcegroups/${group}/workspaces/${name}`
  return {
    run: (_, runId) => `https://ml.azure.com/runs/${encoded(runId)}?${place}`,
    // The page of one version is not documented; the list is one click away from it.
    version: () => `https://ml.azure.com/model/list?${place}`,
  }
}
