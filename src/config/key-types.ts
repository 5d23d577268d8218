/** The kinds of value that configuration keys take: durations, templates, principals … Each is a zod schema from YAML text to a domain value. */
import * as z from 'zod'
import { closest } from '../domain/closest.ts'
import { globProblem } from '../domain/glob.ts'
import {
  type EnvironmentName,
  type ModelName,
  parseEnvironmentName,
  parseModelName,
  parseRepoName,
} from '../domain/ids.ts'
import { repoPathProblem } from '../domain/repo-path.ts'
import type { Tolerance } from '../domain/settings.ts'
import { namesIn, parseTemplate, TEMPLATE_NAMES, type Template, type TemplateName } from '../domain/template.ts'

/** What is wrong with a text, and where in it. A hint that takes work to find is a function: only hints that are shown are asked for. */
type TextProblem = { readonly reason: string; readonly hint: string | (() => string); readonly offset?: number }

/** Shown in the editor, in docs/config.md and as the hint when the value has the wrong type. */
type Manners = { readonly title: string; readonly description: string; readonly examples: readonly string[] }

type Parsed<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & TextProblem)

/** A schema that takes text, and says in its own words what is wrong with it. */
export function textOf<T>(manners: Manners, parse: (text: string) => Parsed<T>) {
  return z
    .string()
    .meta({ ...manners, examples: [...manners.examples] })
    .transform((text, context): T => {
      const parsed = parse(text)
      if (parsed.ok) return parsed.value
      const { reason, hint, offset } = parsed
      context.addIssue({ code: 'custom', message: reason, params: { hint, offset } })
      return z.NEVER
    })
}

const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value })
const wrong = (reason: string, hint: string, offset?: number): { readonly ok: false } & TextProblem =>
  offset === undefined ? { ok: false, reason, hint } : { ok: false, reason, hint, offset }

/** At most 60 characters of what somebody wrote, on one line. */
export function quoted(text: string): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('`', "'")
  return `\`${line.length > 60 ? `${line.slice(0, 59)}…` : line}\``
}

const UNITS: { readonly [unit: string]: number } = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function parseDuration(text: string): Parsed<number> {
  const unit = UNITS[text.slice(-1)]
  const digits = text.slice(0, -1)
  if (unit !== undefined && /^\d{1,6}$/.test(digits) && Number(digits) * unit <= 366 * 86_400_000)
    return parsed(Number(digits) * unit)
  const minutes = /^(\d+) ?(?:min|mins|minutes?)$/i.exec(text)
  return wrong(
    `${quoted(text)} is not a duration`,
    minutes ? `write \`${minutes[1]}m\`` : 'write a whole number and a unit: `90s`, `15m`, `2h`, `3d`',
  )
}

const DURATION = {
  title: 'duration',
  description: 'A whole number and a unit: `s`, `m`, `h` or `d`.',
  examples: ['15m', '2h', '3d'],
}

/** Milliseconds; `0s` is one. */
export const duration = textOf(DURATION, parseDuration)

/** Milliseconds, more than none: nothing can happen within no time. */
export const timeLimit = textOf(DURATION, (text) => {
  const result = parseDuration(text)
  return result.ok && result.value === 0 ? wrong('the limit must be longer than nothing', 'for example `15m`') : result
})

/** `0.5%` is a share of the baseline, `0.01` an absolute difference. */
export const tolerance = z
  .union([
    z
      .number()
      .nonnegative()
      .transform((value): Tolerance => ({ kind: 'absolute', value })),
    textOf({ title: 'percentage', description: 'A share of the baseline.', examples: ['0.5%'] }, (text) => {
      const match = /^(\d+(?:\.\d+)?) ?%$/.exec(text)
      return match
        ? parsed<Tolerance>({ kind: 'percent', value: Number(match[1]) / 100 })
        : wrong(
            `${quoted(text)} is neither a percentage nor a number`,
            'write `0.5%` for a share of the baseline, or `0.01` for a difference',
          )
    }),
  ])
  .meta({ title: 'percentage or number', examples: ['0.5%', 0.01] })

const SLUG = { title: 'name', description: 'Lower-case letters, digits, `.`, `_` and `-`.', examples: ['churn'] }
const SLUG_RULE = 'use a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit, at most 63'

const slug = <T>(parse: (text: string) => T | undefined) =>
  textOf(SLUG, (text) => {
    const value = parse(text)
    return value === undefined ? wrong(`${quoted(text)} is not a name`, SLUG_RULE) : parsed(value)
  })

export const modelName = slug<ModelName>(parseModelName)
export const environmentName = slug<EnvironmentName>(parseEnvironmentName)

/** The same names as keys of a mapping: checked, not changed. */
export const nameKey = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { error: (issue) => `${quoted(String(issue.input))} is not a name` })
  .meta({ ...SLUG, hint: undefined })

export const repoName = textOf(
  { title: 'repository', description: '`owner/name` on GitHub.', examples: ['acme/ml-config'] },
  (text) => {
    const value = parseRepoName(text)
    if (value !== undefined) return parsed(value)
    const url = /^(?:https?:\/\/|git@)[^/:]+[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(text)
    return wrong(`${quoted(text)} is not a repository`, url ? `write \`${url[1]}\`` : 'write `owner/name`')
  },
)

/** Text that is there and on one line. */
export const line = (manners: Manners) =>
  textOf(manners, (text) => {
    if (text.trim() === '') return wrong('the text is empty', `for example \`${manners.examples[0]}\``)
    if (text.length > 1000 || hasLineBreak(text))
      return wrong('the text is longer than one line', 'at most 1000 characters')
    return parsed(text)
  })

const hasLineBreak = (text: string): boolean => text.includes('\n') || text.includes('\r')

export const glob = textOf(
  {
    title: 'pattern',
    description: '`*` is anything within one path segment, `**` any number of segments.',
    examples: ['models/churn/**'],
  },
  (text) => checkGlob(text, text),
)

function checkGlob<T>(text: string, value: T): Parsed<T> {
  const problem = globProblem(text)
  return problem
    ? wrong(problem.reason, 'patterns know `*` (within a segment) and `**` (any segments)', problem.offset)
    : parsed(value)
}

/** A pattern over paths in the repository. */
export const pathGlob = textOf(
  {
    title: 'path pattern',
    description: 'A pattern over paths from the root of the repository.',
    examples: ['models/churn/**'],
  },
  (text) => {
    if (text.startsWith('/') || text.startsWith('./')) {
      return wrong(
        'a path pattern begins at the root of the repository',
        `write ${quoted(text.replace(/^\.?\/+/, ''))}`,
      )
    }
    if (text.split('/').includes('..'))
      return wrong('a path pattern has no `..`', 'name the path from the root of the repository')
    return checkGlob(text, text)
  },
)

type TemplateRules = {
  /** The values that make sense here; default: all. */
  readonly only?: readonly TemplateName[]
  /** A rule on the text, its `{{ … }}` replaced by `x`, which keeps no offsets. */
  readonly check?: (shape: string) => { readonly reason: string; readonly hint: string } | undefined
  readonly description?: string
  readonly examples: readonly string[]
}

/** Text with `{{ name }}` values. */
export function template(rules: TemplateRules) {
  const known = rules.only ?? (Object.keys(TEMPLATE_NAMES) as TemplateName[])
  const description = rules.description ?? 'Text with `{{ name }}` values.'
  return textOf({ title: 'template', description, examples: rules.examples }, (text) => {
    if (text.trim() === '') return wrong('the text is empty', `for example \`${rules.examples[0]}\``)
    if (text.length > 8000) return wrong('the text is longer than 8000 characters', 'shorten it')
    const result = parseTemplate(text)
    if (!result.ok)
      return wrong(result.problem.reason, templateHint(text.slice(result.problem.offset), known), result.problem.offset)
    const stranger = namesIn(result.template).find((name) => !known.includes(name))
    if (stranger !== undefined) {
      const places = [...result.template.source.matchAll(/\{\{\s*([^\s{}]+)\s*\}\}/g)]
      const offset = places.find(([, name]) => name === stranger)?.index ?? 0
      return wrong(`\`{{ ${stranger} }}\` is not known here`, `known here: ${listNames(known)}`, offset)
    }
    const problem = rules.check?.(shapeOf(result.template))
    return problem ? wrong(problem.reason, problem.hint) : parsed(result.template)
  })
}

function templateHint(rest: string, known: readonly TemplateName[]): string {
  const close = rest.indexOf('}}')
  if (close < 0) return 'write `{{ name }}`'
  const near = closest(rest.slice(2, close).trim(), known)
  return near === undefined ? `known here: ${listNames(known)}` : `did you mean \`{{ ${near} }}\`?`
}

const listNames = (names: readonly TemplateName[]): string => names.map((name) => `\`${name}\``).join(', ')

/** The template with every value replaced by a letter: what a name in its place would make of it. */
const shapeOf = (text: Template): string => text.parts.map((part) => (part.kind === 'text' ? part.text : 'x')).join('')

/** A file that may be read or written: no way out of the repository, nothing under `.github/`. */
export const checkPath = (shape: string): { reason: string; hint: string } | undefined => {
  const reason = repoPathProblem(shape)
  return reason === undefined
    ? undefined
    : { reason, hint: 'name the file from the root of the repository, for example `environments/prod/values.yaml`' }
}

export const checkHttpUrl = (shape: string): { reason: string; hint: string } | undefined => {
  const url = URL.parse(shape)
  if (url === null || !/^https?:$/.test(url.protocol))
    return { reason: 'not an http:// or https:// address', hint: 'for example `https://churn.example.com/health`' }
  return url.username || url.password
    ? { reason: 'an address here holds no user or password', hint: 'remove the part before `@`' }
    : undefined
}

/** A Kubernetes namespace. */
export const namespace = textOf(
  { title: 'namespace', description: 'A Kubernetes namespace.', examples: ['prod'] },
  (text) =>
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
      ? parsed(text)
      : wrong(`${quoted(text)} is not a Kubernetes namespace`, 'use a-z, 0-9 and `-`, at most 63'),
)

/** What Kubernetes allows as an object's name. */
export const checkObjectName = (shape: string): { reason: string; hint: string } | undefined =>
  /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(shape)
    ? undefined
    : { reason: `not a name that Kubernetes allows`, hint: 'use a-z, 0-9, `-` and `.`' }

/** A name of a server in the operator's policy. */
export const serverName = textOf(
  { title: 'server', description: "A server's name in the operator's policy.", examples: ['default'] },
  (text) =>
    parseModelName(text) === undefined ? wrong(`${quoted(text)} is not a name of a server`, SLUG_RULE) : parsed(text),
)

export const clusterName = textOf(
  { title: 'cluster', description: "A cluster's name in the operator's policy.", examples: ['prod-eu'] },
  (text) =>
    parseModelName(text) === undefined ? wrong(`${quoted(text)} is not a name of a cluster`, SLUG_RULE) : parsed(text),
)

export const slackChannel = textOf(
  {
    title: 'channel',
    description: 'A Slack channel, in quotes since `#` begins a comment.',
    examples: ['#ml-deploys'],
  },
  (text) =>
    /^#[^\s#]{1,80}$/.test(text)
      ? parsed(text)
      : wrong(`${quoted(text)} is not a channel`, `write \`"#${text.replace(/[^\w-]/g, '') || 'ml-deploys'}"\``),
)

/** Text that names something outside, as it is called there. */
export const freeName = (description: string, example: string) =>
  line({ title: 'text', description, examples: [example] })
