/** MLflow 3 logs metrics against datasets: `auc` of `holdout` is the slice `auc/dataset=holdout`, unless the configuration says that this dataset is the one meant. */
import { canonicalMetricName, type Metrics, parseMetricName } from './metric.ts'

/** The name of a metric that was logged against a dataset, and against one of several logged models where `model` is given. */
export function datasetMetricName(key: string, { dataset, model }: { dataset?: string; model?: string }): string {
  const dimensions = [
    ...(model === undefined ? [] : [`model=${sliceValue(model)}`]),
    ...(dataset === undefined ? [] : [`dataset=${sliceValue(dataset)}`]),
  ]
  if (dimensions.length === 0) return key
  const { slice } = parseMetricName(key)
  return slice === undefined ? `${key}/${dimensions.join(',')}` : `${canonicalMetricName(key)},${dimensions.join(',')}`
}

/** The metrics with `dataset`'s own under their plain names; metrics of no dataset stay, other datasets' stay slices. */
export function metricsOfDataset(metrics: Metrics, dataset: string): Metrics {
  const meant = new Map<string, number>()
  const rest = new Map<string, number>()
  for (const [name, value] of metrics) {
    const plain = withoutDataset(name, sliceValue(dataset))
    if (plain === undefined) rest.set(name, value)
    else meant.set(plain, value)
  }
  return new Map([...rest, ...meant])
}

function withoutDataset(name: string, dataset: string): string | undefined {
  const { base, slice } = parseMetricName(canonicalMetricName(name))
  const dimensions = slice?.split(',') ?? []
  if (!dimensions.includes(`dataset=${dataset}`)) return undefined
  const left = dimensions.filter((dimension) => dimension !== `dataset=${dataset}`)
  return left.length === 0 ? base : `${base}/${left.join(',')}`
}

/** `,`, `=`, `:` and `/` part dimensions; in a value they become `_`. */
function sliceValue(text: string): string {
  return text.replaceAll(/[,=:/]/g, '_')
}
