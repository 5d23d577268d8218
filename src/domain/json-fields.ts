/** Careful reading of parsed JSON and YAML that others write: each gives undefined where something else stands. */

/** A plain object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}

export function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

const MAX_PARAM_LENGTH = 500

/** A parameter's value as it is shown and compared: text as it is, anything else as JSON, at most 500 characters of it. */
export function paramText(value: unknown): string {
  const text = typeof value === 'string' ? value : jsonOf(value)
  return text.length > MAX_PARAM_LENGTH ? `${text.slice(0, MAX_PARAM_LENGTH)}…` : text
}

/** Lists in lists, a hundred thousand deep, can be parsed and not written. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch (error) {
    if (error instanceof RangeError) return '…'
    throw error
  }
}
