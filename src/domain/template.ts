/** `{{ name }}` templates over a fixed list of values: never the environment, never code. Parsed by src/config/, rendered when a release is known. */

/** Every name a template may use. docs/config.md lists them from here. */
export const TEMPLATE_NAMES = {
  'model.name': 'the key of the model in the configuration',
  'model.version': 'the registered version made from the candidate run',
  'model.uri': 'where the artefact lies, as KServe can pull it',
  'image.repository': 'the image without tag and digest',
  'image.tag': 'the tag',
  'image.digest': 'the digest that the tag resolved to when the release was made',
  'commit.sha': 'the commit on the default branch',
  'pull_request.sha': "the pull request's head commit",
  'pull_request.number': "the pull request's number",
  'release.id': 'the content-derived id of the release',
  environment: 'the key of the environment',
} as const

export type TemplateName = keyof typeof TEMPLATE_NAMES

/** What is known; a name that is absent makes rendering fail by that name. */
export type TemplateValues = { readonly [Name in TemplateName]?: string | undefined }

type Part = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'value'; readonly name: TemplateName }

/** A parsed template. `source` is the text as written. */
export type Template = { readonly source: string; readonly parts: readonly Part[] }

export type TemplateProblem = {
  /** UTF-16 offset in the text where the problem starts. */
  readonly offset: number
  readonly reason: string
}

/** Parses `text`; problems name the unknown value, or the braces that do not close. */
export function parseTemplate(
  text: string,
): { readonly ok: true; readonly template: Template } | { readonly ok: false; readonly problem: TemplateProblem } {
  const parts: Part[] = []
  let position = 0
  while (position < text.length) {
    const open = text.indexOf('{{', position)
    if (open < 0) break
    const close = text.indexOf('}}', open + 2)
    if (close < 0) return { ok: false, problem: { offset: open, reason: '`{{` is not closed by `}}`' } }
    const name = text.slice(open + 2, close).trim()
    if (!isTemplateName(name)) {
      return { ok: false, problem: { offset: open, reason: `\`{{ ${name} }}\` is not a value that templates know` } }
    }
    if (open > position) parts.push({ kind: 'text', text: text.slice(position, open) })
    parts.push({ kind: 'value', name })
    position = close + 2
  }
  if (position < text.length) parts.push({ kind: 'text', text: text.slice(position) })
  return { ok: true, template: { source: text, parts } }
}

/** The text with every value in place, or the first name that is not known yet. */
export function renderTemplate(
  template: Template,
  values: TemplateValues,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly missing: TemplateName } {
  let text = ''
  for (const part of template.parts) {
    const value = part.kind === 'text' ? part.text : values[part.name]
    if (value === undefined) return { ok: false, missing: part.kind === 'value' ? part.name : 'model.name' }
    text += value
  }
  return { ok: true, text }
}

/** The names a template uses, each once. */
export function namesIn(template: Template): readonly TemplateName[] {
  return [...new Set(template.parts.flatMap((part) => (part.kind === 'value' ? [part.name] : [])))]
}

/** Does any template in these settings, however deep, use the value? */
export function mentions(settings: unknown, name: TemplateName): boolean {
  if (typeof settings !== 'object' || settings === null) return false
  if (isTemplate(settings)) return namesIn(settings).includes(name)
  return Object.values(settings).some((each) => mentions(each, name))
}

const isTemplate = (value: object): value is Template => 'source' in value && 'parts' in value

function isTemplateName(name: string): name is TemplateName {
  return Object.hasOwn(TEMPLATE_NAMES, name)
}
