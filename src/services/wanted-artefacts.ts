/** What the search for a release's artefacts is given and gives. Shared by find-model-version.ts, find-artefact.ts and find-image.ts. */
import type { MissingArtefact, Release } from '../domain/release.ts'
import type { ModelSettings } from '../domain/settings.ts'
import { renderTemplate, type Template, type TemplateValues } from '../domain/template.ts'
import type { ReleaseRecord } from './ledger.ts'

/** One artefact of one release. The record is the only input besides the configuration. */
export type Wanted = {
  readonly record: ReleaseRecord
  readonly model: ModelSettings
  /** The candidate's runs, in the order in which they started. */
  readonly runs: readonly string[]
  readonly gates: Release['gates']['verdict']
  /** What templates may say, as far as it is known. */
  readonly values: TemplateValues
}

export type Sought<Found> = { readonly found: Found } | { readonly missing: MissingArtefact }

/** The template's text; undefined where it names the version that is not made of a release whose gates fail. */
export function rendered(template: Template, { values, model, gates }: Wanted): Sought<string | undefined> {
  const result = renderTemplate(template, values)
  if (result.ok) return { found: result.text }
  const isUnmade = result.missing === 'model.version' && model.release.model?.registry !== undefined && gates === 'fail'
  if (isUnmade) return { found: undefined }
  const what = `a value for {{ ${result.missing} }} in \`${template.source}\``
  return { missing: { what, remedy: 'Name in that template only what this release has.' } }
}
