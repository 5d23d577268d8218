/** JSON Schema validators for places in GitHub's description, compiled when first used. Used by rest.ts. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { Description } from './description.ts'

export type Validators = {
  /** Problems of `value` against the schema at a JSON pointer (`/paths/…/schema`); empty = valid. */
  check(pointer: string, value: unknown): string[]
  /** The same for a path or query parameter, whose value is text on the wire. */
  checkText(pointer: string, value: string | readonly string[]): string[]
}

/** Formats that GitHub itself does not keep: `homepage: ""`, e-mail addresses with `[bot]`, and its own inventions. */
const UNCHECKED_FORMATS = ['uri', 'email', 'repo.nwo', 'ssh-key fingerprint', 'timestamp']

/** Validators over a normalised description. A first use of a schema costs 4-90 ms (compilation), later uses well below 1 ms. */
export function createValidators(description: Description): Validators {
  const strict = createAjv(description, false)
  const coercing = createAjv(description, true)
  const compiled = new Map<string, ValidateFunction>()
  const validator = (key: string, build: () => ValidateFunction): ValidateFunction => {
    const known = compiled.get(key)
    if (known !== undefined) return known
    const built = build()
    compiled.set(key, built)
    return built
  }
  return {
    check: (pointer, value) => {
      const validate = validator(pointer, () => strict.compile({ $ref: `github#${pointer}` }))
      return validate(value) ? [] : problems(validate.errors)
    },
    checkText: (pointer, value) => {
      const boxed = { type: 'object', properties: { value: { $ref: `github#${pointer}` } } }
      const validate = validator(`text ${pointer}`, () => coercing.compile(boxed))
      return validate({ value }) ? [] : problems((validate.errors ?? []).filter((error) => !matchesTwice(error)))
    },
  }
}

/** "7" is text and, coerced, a number: of `oneOf` both may fit what was never typed on the wire. */
function matchesTwice({ keyword, params }: ErrorObject): boolean {
  return keyword === 'oneOf' && Array.isArray((params as Record<string, unknown>)['passingSchemas'])
}

function createAjv(description: Description, coerce: boolean): Ajv {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    // Errors know the value, so that a wrong word is named.
    verbose: true,
    validateSchema: false,
    inlineRefs: false,
    logger: false,
    ...(coerce ? { coerceTypes: 'array' as const } : {}),
  })
  addFormats.default(ajv)
  for (const format of UNCHECKED_FORMATS) ajv.addFormat(format, true)
  ajv.addSchema({ ...description, $id: 'github' })
  return ajv
}

function problems(errors: readonly ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).map((error) => {
    const { allowedValues, additionalProperty } = error.params as Record<string, unknown>
    const detail =
      allowedValues === undefined
        ? additionalProperty
        : `${JSON.stringify(allowedValues)}, not ${JSON.stringify(error.data)?.slice(0, 100)}`
    return [error.instancePath || '/', error.message, detail].filter((part) => part !== undefined).join(' ')
  })
}
