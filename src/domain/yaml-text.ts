/** JSON and YAML that others write, read as plain values. The product's own configuration and manifests keep their places: src/config/, manifest/. */
import { CORE_SCHEMA, load, YAMLException } from 'js-yaml'

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string }

/** YAML 1.2, 32 levels deep at most, without aliases unless some are allowed: who walks the value meets them each time. The reason names line and column, both from 1. */
export function parseYamlText(text: string, { maxAliases = 0 } = {}): Parsed {
  try {
    return { ok: true, value: load(text, { schema: CORE_SCHEMA, maxAliases, maxDepth: 32 }) }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    // The whole message quotes the file.
    const { reason, mark } = error
    return { ok: false, reason: mark ? `line ${mark.line + 1}, column ${mark.column + 1}: ${reason}` : reason }
  }
}

/** JSON; else YAML, of which JSON is a subset. Python's `json.dump` writes a bare `NaN`, which JSON forbids and YAML reads as a word. */
export function parseJsonOrYaml(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    const parsed = parseYamlText(text)
    return parsed.ok ? parsed : { ok: false, reason: `it is neither JSON nor YAML (${parsed.reason})` }
  }
}
