/** What a real MLflow server itself holds, asked past the bot: the numbers that its comments must show, versions and aliases. */
import type { TrainedMlflow } from './mlflow-server.ts'

export type MlflowFacts = {
  /** The metric as a comment shows it: the value of one run, or `mean ±half of the 95 % interval (n)` of several. */
  shown(runs: readonly string[], metric: string): Promise<string>
  dataDigest(run: string): Promise<string>
  versionOfRun(run: string): Promise<string | undefined>
  /** The version behind an alias of `churn`; undefined when there is none. */
  alias(name: string): Promise<string | undefined>
  setAlias(name: string, version: string): Promise<void>
  deleteAlias(name: string): Promise<void>
}

type RunAnswer = {
  readonly run: {
    readonly data: { readonly metrics: readonly { readonly key: string; readonly value: number | string }[] }
    readonly inputs: { readonly dataset_inputs: readonly { readonly dataset: { readonly digest: string } }[] }
  }
}
type VersionAnswer = { readonly model_version?: { readonly version: string } }
type VersionsAnswer = { readonly model_versions?: readonly { readonly version: string }[] }

/** Two-sided 95 % of Student's distribution with four degrees of freedom: five seeds. */
const STUDENT_OF_FIVE = 2.7764

export function createMlflowFacts({ url }: Pick<TrainedMlflow, 'url'>): MlflowFacts {
  const ask = createAsk(url)
  const run = (id: string) => ask<RunAnswer>('GET', '/runs/get', { run_id: id })
  const metricOf = async (id: string, metric: string): Promise<number> => {
    const { metrics } = (await run(id)).run.data
    return Number(metrics.find(({ key }) => key === metric)?.value)
  }
  const name = 'churn'
  return {
    shown: async (runs, metric) => shownOf(await Promise.all(runs.map((id) => metricOf(id, metric)))),
    dataDigest: async (id) => (await run(id)).run.inputs.dataset_inputs[0]?.dataset.digest ?? '',
    versionOfRun: async (id) => {
      const found = await ask<VersionsAnswer>('GET', '/model-versions/search', { filter: `run_id='${id}'` })
      return found.model_versions?.[0]?.version
    },
    alias: async (alias) =>
      (await ask<VersionAnswer>('GET', '/registered-models/alias', { name, alias })).model_version?.version,
    setAlias: async (alias, version) => void (await ask('POST', '/registered-models/alias', { name, alias, version })),
    deleteAlias: async (alias) => void (await ask('DELETE', '/registered-models/alias', { name, alias })),
  }
}

/** An error answer is given back like any other: what is not there is then undefined in it. */
function createAsk(url: string) {
  return async <Answer>(method: string, path: string, values: Record<string, string>): Promise<Answer> => {
    const query = method === 'GET' ? `?${new URLSearchParams(values)}` : ''
    const response = await fetch(`${url}/api/2.0/mlflow${path}${query}`, {
      method,
      ...(method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(values) }),
    })
    return (await response.json()) as Answer
  }
}

function shownOf(values: readonly number[]): string {
  const [only] = values
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length === 1) return Number.isFinite(only) ? mean.toFixed(4) : String(only)
  if (values.length !== 5) throw new Error(`the interval of ${values.length} seeds is not known here`)
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  const half = STUDENT_OF_FIVE * Math.sqrt(variance / values.length)
  return `${mean.toFixed(4)} ±${half.toFixed(4)} (${values.length})`
}
