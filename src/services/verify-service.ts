/** What a promotion wrote to one workload, from its release and the environment's edits. The rule is src/domain/written-values.ts; asked by look-at-workloads.ts. */
import type { WrittenValues } from '../domain/pod-template.ts'
import type { Promotion } from '../domain/promotion.ts'
import { renderEdits } from '../domain/promotion-plan.ts'
import { type Release, releaseValues } from '../domain/release.ts'
import type { EnvironmentSettings } from '../domain/settings.ts'
import { renderTemplate, type Template, type TemplateValues } from '../domain/template.ts'
import { type Addressee, writtenByChanges, writtenByEdits } from '../domain/written-values.ts'

/** A promotion whose commit is in the config repository. */
export type Merged = {
  readonly promotion: Promotion
  /** undefined for a rollback to "as found". */
  readonly release: Release | undefined
  readonly environment: EnvironmentSettings
  /** ISO instant. */
  readonly mergedAt: string
}

/** Also values that were there before: an old pod that happens to run them is as good. */
export function writtenTo({ promotion, release, environment }: Merged, to: Addressee): WrittenValues {
  if (release === undefined) return writtenByChanges(to, promotion.changes)
  const rendered = renderEdits(environment, promotion.model, releaseValues(release, promotion.environment))
  const edits = rendered.kind === 'rendered' ? rendered.files.flatMap((file) => file.edits) : []
  return writtenByEdits(to, edits, release.modelUri)
}

/** A template's text; the checks may use everything that edits may. */
export function checkText({ promotion, release }: Pick<Merged, 'promotion' | 'release'>, template: Template): string {
  const rendered = renderTemplate(template, valuesOf(promotion, release))
  return rendered.ok ? rendered.text : template.source
}

const valuesOf = ({ model, environment }: Promotion, release: Release | undefined): TemplateValues =>
  release === undefined ? { 'model.name': model, environment } : releaseValues(release, environment)
