/** The links in comments lead to pages that exist, at each home of MLflow. */
import { describe, expect, it } from 'vitest'
import { pagesOf } from '../../src/clients/mlflow-pages.ts'

const AZURE =
  'https://westeurope.api.azureml.ms/mlflow/v1.0/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/research'
const WSID = 'wsid=/subscriptions/s-1/resourcegroups/rg/workspaces/research'

describe('a page', () => {
  it.each([
    ['http://mlflow.mlops.svc:5000', 'http://mlflow.mlops.svc:5000/#/experiments/3/runs/a'],
    ['https://x.example/mlflow', 'https://x.example/mlflow/#/experiments/3/runs/a'],
    ['https://adb-1.19.azuredatabricks.net', 'https://adb-1.19.azuredatabricks.net/ml/experiments/3/runs/a'],
    ['https://acme.cloud.databricks.com', 'https://acme.cloud.databricks.com/ml/experiments/3/runs/a'],
    ['https://notdatabricks.com', 'https://notdatabricks.com/#/experiments/3/runs/a'],
    [AZURE, `https://ml.azure.com/runs/a?${WSID}`],
    [AZURE.replace('v1.0', 'v2.0').replace('resourceGroups', 'resourcegroups'), `https://ml.azure.com/runs/a?${WSID}`],
  ])('of a run at %s', (base, page) => {
    expect(pagesOf(base).run('3', 'a')).toBe(page)
  })

  it.each([
    ['http://mlflow.mlops.svc:5000', 'http://mlflow.mlops.svc:5000/#/models/a%20b/versions/7'],
    ['https://adb-1.19.azuredatabricks.net', 'https://adb-1.19.azuredatabricks.net/#mlflow/models/a%20b/versions/7'],
    [AZURE, `https://ml.azure.com/model/list?${WSID}`],
  ])('of a version at %s', (base, page) => {
    expect(pagesOf(base).version('a b', '7')).toBe(page)
  })
})
