/** Short ways to edit one value in tests. */
import { type EditResult, editManifest, parsePath, type YamlValue } from '../../../src/domain/manifest/index.ts'

/** One value of a `yaml:` edit; the path must be well formed. */
function yamlValue(path: string, value: string): YamlValue {
  const parsed = parsePath(path)
  if (!parsed.ok) throw new Error(`${path}: ${parsed.problem.reason}`)
  return { path, segments: parsed.segments, value }
}

/** Sets one path in a text. */
export function set(text: string, path: string, value: string): EditResult {
  return editManifest({ file: 'f.yaml', text, edits: [{ kind: 'yaml', values: [yamlValue(path, value)] }] })
}

/** The edited text, or what happened instead. */
export function edited(result: EditResult): string {
  if (result.kind === 'edited') return result.text
  return result.kind === 'refused'
    ? `refused ${result.refusal.line}:${result.refusal.column} ${result.refusal.code}`
    : 'unchanged'
}
