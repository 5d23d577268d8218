/** One text document of a training step or a tool: a file at a commit, an object in a bucket, an artifact of a workflow run. What stands in it: read-document-metrics.ts and read-reports.ts. */
import type { RunReference } from '../domain/comparison-report.ts'
import type { CommitSha } from '../domain/ids.ts'
import type { DocumentPlace } from '../domain/settings.ts'
import { namesIn, renderTemplate } from '../domain/template.ts'
import { readArtifactDocument } from './read-artifact-document.ts'
import {
  type MetricsDeps,
  type MetricsQuestion,
  type MetricsReading,
  none,
  policyRefusal,
  refusal,
} from './read-metrics.ts'

/** What a document may hold, wherever it comes from; GitHub ends earlier. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024

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
  /** What a reader should know about it, one sentence each. */
  readonly notes: readonly string[]
  /** What made it, where that is known. */
  readonly run?: RunReference
  /** What made it is at work again, for the same commit. */
  readonly newerRunning?: boolean
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
      return readObject(question, place, deps)
    case 'artifact':
      return readArtifactDocument(question, place, deps)
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
    notes: [],
  }
}

/** The object of the first commit that has one; an address without a commit is asked for once. */
async function readObject(
  { repository, model, commits, label, final }: MetricsQuestion,
  { uri }: Extract<DocumentPlace, { kind: 's3' }>,
  { buckets, mayUse }: MetricsDeps,
): Promise<DocumentReading> {
  const namesCommit = namesIn(uri).some((name) => name !== 'model.name')
  const asked = new Set<string>()
  let hidden: string | undefined
  for (const commit of namesCommit ? commits : [undefined]) {
    const values = { 'model.name': model.name, 'commit.sha': commit, 'pull_request.sha': commits[0] }
    const rendered = renderTemplate(uri, values)
    if (!rendered.ok || asked.has(rendered.text)) continue
    const address = rendered.text
    asked.add(address)
    const permit = mayUse(repository, { kind: 'bucket', uri: address })
    if (!permit.allowed) return policyRefusal(permit)
    const object = await buckets.read(address, { maxBytes: MAX_DOCUMENT_BYTES })
    if (object.kind === 'found') return objectDocument(address, object.bytes, commit)
    if (object.kind === 'refused') return unreadable(address, object.reason)
    if (object.kind === 'hidden') hidden ??= `${address} cannot be read: ${object.reason}`
  }
  if (asked.size === 0) {
    return refusal('config_invalid', `${uri.source} names a commit, and ${label} is none`, 'Name a fixed object.')
  }
  if (hidden === undefined) {
    return none(
      `There is no ${[...asked].join(', nor ')}`,
      'Write it in the training step, or correct its address in the configuration.',
    )
  }
  // As long as training may still write it, it is most likely absent; later nobody may take "forbidden" for "there is none".
  const hint =
    'Write it in the training step; and let the credentials of this server list the bucket, to know which it is.'
  return final ? refusal('gates_failed', hidden, hint) : none(hidden, hint)
}

function objectDocument(address: string, bytes: Uint8Array, commit: CommitSha | undefined): DocumentReading {
  const text = decodeText(bytes)
  if (text === undefined) return unreadable(address, 'it is not UTF-8 text')
  const notes = commit === undefined ? [`The address ${address} names no commit: whoever wrote it last is shown.`] : []
  return { kind: 'document', text, name: address, reference: address, id: address, url: undefined, commit, notes }
}

function unreadable(name: string, reason: string): DocumentReading {
  return refusal('gates_failed', `${name} cannot be read: ${reason}`, 'Correct it where it is written.')
}

/** undefined: not UTF-8. */
function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
