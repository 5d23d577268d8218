/** Metrics of one document of names and numbers, wherever it lies. Part of read-metrics.ts; the places: read-document.ts. */
import { parseCommitSha } from '../domain/ids.ts'
import { parseMetricsFile } from '../domain/metrics-file.ts'
import type { MetricSource } from '../domain/settings.ts'
import { type FoundDocument, readDocument } from './read-document.ts'
import { type MetricsDeps, type MetricsQuestion, type MetricsReading, type RunSet, refusal } from './read-metrics.ts'

/** One document is one run: it has no spread. */
export async function readDocumentMetrics(
  question: MetricsQuestion,
  { place }: Extract<MetricSource, { kind: 'document' }>,
  deps: MetricsDeps,
): Promise<MetricsReading> {
  const document = await readDocument(question, place, deps)
  if (document.kind !== 'document') return document
  return metricsOfDocument(document, question)
}

/** What one document measured. `label` is how people call this side; `ref` names its commit where the document does not. */
export function metricsOfDocument(
  { text, name, reference, url, commit, id, notes, run, newerRunning }: FoundDocument,
  { label, ref }: Pick<MetricsQuestion, 'label' | 'ref'>,
): RunSet | Extract<MetricsReading, { kind: 'refused' }> {
  const parsed = parseMetricsFile(text, reference)
  if (!parsed.ok) {
    return refusal(
      'gates_failed',
      `${name} cannot be read: ${parsed.reason}`,
      'Write it as a JSON or YAML mapping of names to numbers, or as CSV with a header and one row.',
    )
  }
  return {
    kind: 'found',
    label,
    reference,
    url,
    file: reference,
    version: undefined,
    commit: commit ?? parseCommitSha(ref),
    runs: run === undefined ? [] : [run],
    ids: [id],
    seeds: [parsed.metrics],
    params: new Map(),
    dataDigests: [],
    failedRuns: 0,
    newerRunning: newerRunning ?? false,
    notes,
  }
}
