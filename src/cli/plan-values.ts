/** What the templates of `lockkeeper plan` may say: given on the command line or in a file, completed by the model's own templates as a release is. */
import { closest } from '../domain/closest.ts'
import { parsePinnedImage } from '../domain/image-name.ts'
import { renderEdits } from '../domain/promotion-plan.ts'
import type { EnvironmentSettings, ModelSettings } from '../domain/settings.ts'
import {
  namesIn,
  renderTemplate,
  TEMPLATE_NAMES,
  type Template,
  type TemplateName,
  type TemplateValues,
} from '../domain/template.ts'

export type Given =
  | { readonly ok: true; readonly values: TemplateValues }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Set by ENVIRONMENT and --model. */
const FIXED: readonly TemplateName[] = ['model.name', 'environment']

/** `NAME=VALUE`, each name once. */
export function valuesOfOptions(options: readonly string[]): Given {
  const entries = options.map((option) => {
    const split = option.indexOf('=')
    return { place: `--value ${option}`, name: option.slice(0, Math.max(0, split)), value: option.slice(split + 1) }
  })
  const broken = entries.find(({ name, value }) => name === '' || value === '')
  if (broken !== undefined) return { ok: false, problems: [`${broken.place}: NAME=VALUE is needed`] }
  return collected(entries)
}

/** A JSON object, nested by the names' dots: `{ "model": { "version": "12" } }`. */
export function valuesOfFile(text: string, file: string): Given {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { ok: false, problems: [`${file}: it is not JSON`] }
  }
  const leaves = flattened(parsed, '')
  const wrong = leaves.find(({ value }) => typeof value !== 'string' && typeof value !== 'number')
  if (typeof parsed !== 'object' || parsed === null || wrong !== undefined) {
    const what = wrong?.name ? `\`${wrong.name}\` is no text or number` : 'it is no JSON object'
    return { ok: false, problems: [`${file}: ${what}; write { "model": { "version": "12" } }`] }
  }
  return collected(leaves.map(({ name, value }) => ({ place: `${file}: ${name}`, name, value: String(value) })))
}

function flattened(value: unknown, prefix: string): readonly { readonly name: string; readonly value: unknown }[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ name: prefix, value }]
  return Object.entries(value).flatMap(([key, inner]) => flattened(inner, prefix === '' ? key : `${prefix}.${key}`))
}

type Entry = { readonly place: string; readonly name: string; readonly value: string }

function collected(entries: readonly Entry[]): Given {
  const values = new Map<string, string>()
  const problems: string[] = []
  for (const { place, name, value } of entries) {
    const problem = nameProblem(name) ?? (values.has(name) ? 'it is given twice' : undefined)
    if (problem === undefined) values.set(name, value)
    else problems.push(`${place}: ${problem}`)
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, values: Object.fromEntries(values) }
}

function nameProblem(name: string): string | undefined {
  if (FIXED.some((fixed) => fixed === name)) return 'this follows from ENVIRONMENT and --model'
  if (Object.hasOwn(TEMPLATE_NAMES, name)) return undefined
  const near = closest(name, Object.keys(TEMPLATE_NAMES))
  const list = Object.keys(TEMPLATE_NAMES).filter((each) => !FIXED.some((fixed) => fixed === each))
  return `templates know no such value; ${near === undefined ? `there are: ${list.join(', ')}` : `${near}?`}`
}

/** With what the model's own `release:` makes of them, as far as it goes; nothing is looked up. */
export function completed(given: TemplateValues, model: ModelSettings): TemplateValues {
  const text = (template: Template | undefined): string | undefined => {
    const rendered = template && renderTemplate(template, given)
    return rendered?.ok === true ? rendered.text : undefined
  }
  const image = parsePinnedImage(text(model.release.image) ?? '')
  return {
    ...given,
    'model.uri': given['model.uri'] ?? text(model.release.model?.uri),
    'image.repository': given['image.repository'] ?? image?.repository,
    'image.tag': given['image.tag'] ?? image?.tag,
    'image.digest': given['image.digest'] ?? image?.digest,
  }
}

/** Each value that is needed and not known, with the template that needs it. */
export function missingValues(
  environment: EnvironmentSettings,
  model: ModelSettings,
  values: TemplateValues,
): readonly { readonly name: TemplateName; readonly template: string }[] {
  const missing = new Map<TemplateName, string>()
  let known = values
  for (;;) {
    const rendered = renderEdits(environment, model.name, known)
    if (rendered.kind === 'rendered') return [...missing].map(([name, template]) => ({ name, template }))
    known = { ...known, [rendered.value]: 'unknown' }
    for (const [name, template] of behind(rendered, model, values)) missing.set(name, template)
  }
}

/** Of a value that the model makes by a template of its own, what that template lacks. */
function behind(
  { value, template }: { readonly value: TemplateName; readonly template: string },
  { release }: ModelSettings,
  values: TemplateValues,
): readonly (readonly [TemplateName, string])[] {
  const isOfImage = value === 'image.repository' || value === 'image.tag'
  const own = value === 'model.uri' ? release.model?.uri : isOfImage ? release.image : undefined
  const lacks = own === undefined ? [] : namesIn(own).filter((name) => values[name] === undefined)
  return own === undefined || lacks.length === 0
    ? [[value, template] as const]
    : lacks.map((name) => [name, own.source] as const)
}
