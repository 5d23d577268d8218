/** Metrics of a DVC pipeline at a commit: the files that its `dvc.yaml` names, with the data digests and parameters of its `dvc.lock`. Part of read-metrics.ts. */
import { type DvcPipeline, flattenParams, parseDvc } from '../domain/dvc.ts'
import { mergeMetricsFiles, type NamedMetrics } from '../domain/dvc-metrics.ts'
import { parseCommitSha } from '../domain/ids.ts'
import { parseMetricsFile } from '../domain/metrics-file.ts'
import type { MetricSource } from '../domain/settings.ts'
import { renderTemplate } from '../domain/template.ts'
import { parseJsonOrYaml } from '../domain/yaml-text.ts'
import type { RepoFile } from './ports.ts'
import { type MetricsDeps, type MetricsQuestion, type MetricsReading, none, refusal } from './read-metrics.ts'

type Files = ReadonlyMap<string, RepoFile>

/** Of all metrics files together, in characters: each is parsed at once, and a hundred of two MiB take minutes. */
const MAX_METRICS_TEXT = 2 * 1024 * 1024
/** Parameters are shown: those of the first files are enough. */
const MAX_PARAMS_TEXT = 1024 * 1024
const MAX_PARAMS = 2000

/** Two calls of GitHub for all pipelines of a pull request and both of its sides (up to 100 files). One pipeline is one run: it has no spread. */
export async function readDvcMetrics(
  question: MetricsQuestion,
  source: Extract<MetricSource, { kind: 'dvc' }>,
  { github }: MetricsDeps,
): Promise<MetricsReading> {
  const { repository, model, ref, label } = question
  const rendered = renderTemplate(source.path, { 'model.name': model.name })
  if (!rendered.ok) {
    return refusal('config_invalid', `${source.path.source} uses a value that is not known here`, 'Name the path.')
  }
  const path = rendered.text
  const lockPath = path.replace(/\.yaml$/, '.lock')
  const definition = await github.readFiles(repository, ref, [path, lockPath])
  const text = definition.get(path)?.text
  if (text === undefined) {
    return none(`There is no ${path} at ${label}`, 'Commit it, or correct its path in the configuration.')
  }
  const parsed = parseDvc(path, text, definition.get(lockPath)?.text)
  if (!parsed.ok) return unreadable(`${path} at ${label}`, parsed.reason)
  const { metrics, paramFiles } = parsed.pipeline
  if (metrics.length === 0) {
    return refusal('gates_failed', `${path} at ${label} names no metrics`, 'List the files of metrics under `metrics`.')
  }
  const files = await github.readFiles(repository, ref, [...metrics.map((file) => file.path), ...paramFiles])
  return readPipeline(question, { path, pipeline: parsed.pipeline, files })
}

function readPipeline(
  question: MetricsQuestion,
  { path, pipeline, files }: { readonly path: string; readonly pipeline: DvcPipeline; readonly files: Files },
): MetricsReading {
  const { ref, label } = question
  const length = pipeline.metrics.reduce((sum, { path: name }) => sum + (files.get(name)?.text.length ?? 0), 0)
  if (length > MAX_METRICS_TEXT) return unreadable(`${path} at ${label}`, 'its files of metrics hold more than 2 MiB')
  const read: NamedMetrics[] = []
  const absent: string[] = []
  for (const { path: name, isCached } of pipeline.metrics) {
    const file = files.get(name)
    if (file === undefined) {
      if (isCached) return onlyInCache(name, { path, label })
      absent.push(name)
      continue
    }
    const parsed = parseMetricsFile(file.text, name)
    if (!parsed.ok) return unreadable(`${name} at ${label}`, parsed.reason)
    read.push({ path: name, metrics: parsed.metrics })
  }
  if (read.length === 0) {
    return none(`There is no ${absent.join(', nor ')} at ${label}`, 'Commit what `dvc repro` writes with the change.')
  }
  const { metrics, note } = mergeMetricsFiles(read)
  return {
    kind: 'found',
    label,
    reference: path,
    url: undefined,
    file: path,
    version: undefined,
    commit: parseCommitSha(ref),
    runs: [],
    ids: read.map((file) => `${file.path}@${ref}`),
    seeds: [metrics],
    params: new Map([...paramsIn(pipeline.paramFiles, files), ...pipeline.params]),
    dataDigests: pipeline.dataDigests,
    failedRuns: 0,
    newerRunning: false,
    notes: [...(note === undefined ? [] : [note]), ...absent.map((name) => `There is no ${name} at ${label}.`)],
  }
}

/** Parameters are shown, never judged: a file that cannot be read is left out. */
function* paramsIn(paths: readonly string[], files: Files): Generator<readonly [string, string]> {
  let length = 0
  let count = 0
  for (const path of paths) {
    const text = files.get(path)?.text ?? ''
    length += text.length
    const parsed = length > MAX_PARAMS_TEXT ? undefined : parseJsonOrYaml(text)
    if (parsed?.ok !== true) continue
    for (const param of flattenParams(path, parsed.value)) {
      if (count === MAX_PARAMS) return
      count += 1
      yield param
    }
  }
}

/** Not "there is none yet": a baseline without metrics would let every candidate pass. */
function onlyInCache(name: string, { path, label }: { readonly path: string; readonly label: string }): MetricsReading {
  return refusal(
    'gates_failed',
    `${name} is not in Git at ${label}: DVC keeps it in its cache`,
    `Declare it in ${path} with \`cache: false\`, run \`dvc repro\` and commit the file; or push metrics to a bucket and use \`s3\`.`,
  )
}

function unreadable(name: string, reason: string): MetricsReading {
  return refusal('gates_failed', `${name} cannot be read: ${reason}`, 'Correct the file.')
}
