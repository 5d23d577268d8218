/** One text document of a training step or a tool: a file at a commit, an object in a bucket, an artifact of a workflow run. What stands in it: read-document-metrics.ts and read-reports.ts. */
import type { CommitSha } from '../domain/ids.ts'
import type { DocumentPlace } from '../domain/settings.ts'
import { renderTemplate } from '../domain/template.ts'
import { type MetricsDeps, type MetricsQuestion, type MetricsReading, none, refusal } from './read-metrics.ts'

export type FoundDocument = {
  readonly kind: 'document'
  readonly text: string
  /** For sentences: `models/fraud/metrics.json at 3f9c2e1`. */
  readonly name: string
  /** For tables and releases: `models/fraud/metrics.json`, `s3://…`. */
  readonly reference: string
  readonly id: string
  readonly url: string | undefined
  /** The commit it belongs to, where it is known better than from `ref`. */
  readonly commit: CommitSha | undefined
}

export type DocumentReading = FoundDocument | Exclude<MetricsReading, { kind: 'found' }>

/** May throw UserError and SystemUnavailable, as readers of metrics may. */
export function readDocument(
  question: MetricsQuestion,
  place: DocumentPlace,
  deps: MetricsDeps,
): Promise<DocumentReading> {
  switch (place.kind) {
    case 'file':
      return readFile(question, place, deps)
    case 's3':
    case 'artifact':
      return Promise.resolve(refusal('config_invalid', 'This place is not read yet', 'Use `file`.'))
  }
}

async function readFile(
  { repository, model, ref, label }: MetricsQuestion,
  { path }: Extract<DocumentPlace, { kind: 'file' }>,
  { github }: MetricsDeps,
): Promise<DocumentReading> {
  const rendered = renderTemplate(path, { 'model.name': model.name })
  if (!rendered.ok) {
    return refusal(
      'config_invalid',
      `${path.source} uses a value that is not known before a release`,
      'Only `{{ model.name }}` can be used in the path of a file.',
    )
  }
  const file = (await github.readFiles(repository, ref, [rendered.text])).get(rendered.text)
  if (file === undefined) {
    return none(
      `There is no ${rendered.text} at ${label}`,
      'Commit the file together with the change, or correct its path in the configuration.',
    )
  }
  return {
    kind: 'document',
    text: file.text,
    name: `${rendered.text} at ${label}`,
    reference: rendered.text,
    id: `${rendered.text}@${ref}`,
    url: undefined,
    commit: undefined,
  }
}
