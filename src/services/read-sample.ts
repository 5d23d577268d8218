/** The request and the right answer of an inference sample: JSON of the configuration, or files of the model repository at the release's commit. Used by check-http.ts. */
import type { SampleDocument, SampleSettings } from '../domain/check-settings.ts'
import { namesIn, renderTemplate, type Template } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import type { GitHub } from './ports.ts'
import type { Merged } from './verify-service.ts'

export type Sample =
  | { readonly kind: 'sample'; readonly request: unknown; readonly response: unknown }
  /** Why there is none; prose. */
  | { readonly kind: 'none'; readonly reason: string }

const MAX_CHARACTERS = 1024 * 1024
/** Looks follow each other; nobody has so many rollouts at once. */
const MAX_KEPT = 100

/** Files at a commit never change, so that one read serves all looks. */
const kept = new WeakMap<GitHub, Map<string, unknown>>()

/** Throws only for outages of GitHub. */
export async function readSample(merged: Merged, sample: SampleSettings, deps: Deps): Promise<Sample> {
  const places = [sample.request, sample.response]
  const values: unknown[] = []
  for (const place of places) {
    const read = await readDocument(merged, place, deps)
    if (read.kind === 'none') return read
    values.push(read.value)
  }
  return { kind: 'sample', request: values[0], response: values[1] }
}

type Read = { readonly kind: 'value'; readonly value: unknown } | Extract<Sample, { kind: 'none' }>

const none = (reason: string): Read => ({ kind: 'none', reason })

async function readDocument(merged: Merged, document: SampleDocument, deps: Deps): Promise<Read> {
  if (document.kind === 'inline') return { kind: 'value', value: document.value }
  const { promotion, release } = merged
  const commit = release?.commit
  if (commit === undefined) return none('the sample belongs to a release, and what was found here has none')
  const path = pathOf(document.path, merged)
  const files = kept.get(deps.github) ?? new Map<string, unknown>()
  kept.set(deps.github, files)
  const key = JSON.stringify([promotion.repository, commit, path])
  if (files.has(key)) return { kind: 'value', value: files.get(key) }
  const file = (await deps.github.readFiles(promotion.repository, commit, [path])).get(path)
  if (file === undefined) return none(`there is no ${path} at ${commit.slice(0, 7)}`)
  if (file.text.length > MAX_CHARACTERS) return none(`${path} is larger than 1 MiB`)
  const parsed = parseJson(file.text)
  if (parsed === undefined) return none(`${path} at ${commit.slice(0, 7)} is no JSON`)
  const [oldest] = files.keys()
  if (files.size >= MAX_KEPT && oldest !== undefined) files.delete(oldest)
  files.set(key, parsed.value)
  return { kind: 'value', value: parsed.value }
}

function pathOf(template: Template, { promotion }: Merged): string {
  const values = { 'model.name': promotion.model, environment: promotion.environment }
  const rendered = renderTemplate(template, values)
  if (!rendered.ok) throw new Error(`${namesIn(template).join(', ')} in the path of a sample, which its parser refuses`)
  return rendered.text
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
