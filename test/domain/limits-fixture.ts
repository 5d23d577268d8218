/** An entry of `accepts:` with limits, and what a promotion of churn writes: for the tests of artefact-limits. */
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { type AcceptanceRequest, accept } from '../../src/domain/acceptance.ts'
import { parseEnvironmentName, parseModelName, parseRepoName } from '../../src/domain/ids.ts'
import type { ManifestEdit } from '../../src/domain/manifest/index.ts'
import type { Acceptance } from '../../src/domain/settings.ts'
import type { TemplateValues } from '../../src/domain/template.ts'
import { NOTHING_WRITTEN, type WrittenArtefacts, writtenArtefacts } from '../../src/domain/written-artefacts.ts'
import { known } from './reference-settings.ts'

export const IMAGES = 'images: ["ghcr.io/acme/*"]'
export const URIS = 'uris: ["s3://acme-models/{{ model.name }}/**", "storage://models/{{ model.name }}/**"]'
export const COMMIT = '3f9c2e1d'.repeat(5)
export const DIGEST = `sha256:${'a'.repeat(64)}`
export const release: TemplateValues = {
  'model.name': 'churn',
  'model.version': '12',
  'image.repository': 'ghcr.io/acme/churn',
  'image.tag': COMMIT,
  'image.digest': DIGEST,
  'commit.sha': COMMIT,
  'release.id': 'rel-0123456789abcdef',
}

export function entryWith(...lists: readonly string[]): readonly Acceptance[] {
  const lines = lists.map((list) => `    ${list}\n`).join('')
  return parsed(`version: 1\naccepts:\n  - from: acme/models\n    paths: ["**"]\n${lines}`)
}

function parsed(text: string): readonly Acceptance[] {
  const config = parseRepoConfig(text, { file: 'f' })
  if (!config.ok) throw new Error(`${JSON.stringify(config.problems)}\n${text}`)
  return config.settings.accepts
}

export const request = (written: Partial<WrittenArtefacts>): AcceptanceRequest => ({
  from: known(parseRepoName('acme/models')),
  model: known(parseModelName('churn')),
  environment: known(parseEnvironmentName('prod')),
  isUnmerged: false,
  paths: ['environments/prod/values.yaml'],
  ...NOTHING_WRITTEN,
  ...written,
})
export const yaml = (...values: readonly string[]): ManifestEdit => ({
  kind: 'yaml',
  values: values.map((value, index) => ({ path: `a${index}`, segments: [`a${index}`], value })),
})
export const writes = (edit: ManifestEdit, values = release) =>
  request(writtenArtefacts([{ file: 'f', edits: [edit] }], values))
export const verdict = (accepts: readonly Acceptance[], edit: ManifestEdit, values = release) =>
  accept(accepts, writes(edit, values)).kind
