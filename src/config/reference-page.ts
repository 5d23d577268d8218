/** docs/config.md, written from the schemas, so that the page and the parser cannot disagree. Checked in; a test compares. */
import { TEMPLATE_NAMES } from '../domain/template.ts'
import { INACTIVE_KEYS } from './inactive-keys.ts'
import { policySchema } from './policy-schema.ts'
import { repoSchema } from './repo-schema.ts'
import { defaultOf, isRequired, mannersOf, type Schema, unwrap } from './schema-walk.ts'

const INTRODUCTION = `# Configuration

<!-- Written by \`npm run docs\` from src/config/; change it there. -->

Lockkeeper reads \`.github/lockkeeper.yml\` from the **default branch** of a repository, and from nowhere else. A pull request that edits the file gets
its own version checked, with an annotation on every line that is wrong; until it is merged, nothing obeys it.
\`lockkeeper validate\` says the same on your machine. For completion in an editor, put this line first:

\`\`\`yaml
# yaml-language-server: $schema=<path or address of docs/lockkeeper.schema.json>
\`\`\`

Complete, working examples of all three files are in [examples/reference](../examples/reference): a model repository, a config repository and the operator's policy.

- A **model repository** has \`models:\` and \`environments:\`.
- A **config repository** has \`accepts:\`. Without an entry there, no model repository gets in, whatever its own file says.
- Models and manifests in one repository: one file has all three.

Unknown keys are errors. Keys marked 💤 are understood, but nothing acts on them yet. Anchors (\`&name\`), aliases (\`*name\`) and merge keys (\`<<\`) work.
A file has at most 1 MB and 20,000 values, and 200 models and 200 environments.

## How values are written

| Value | Written as |
| --- | --- |
| duration | a whole number and \`s\`, \`m\`, \`h\` or \`d\`: \`90s\`, \`15m\`, \`2h\`, \`3d\` |
| percentage | \`0.5%\`; the same key without \`%\` is an absolute number |
| name | lower-case letters, digits, \`.\`, \`_\`, \`-\`; begins with a letter or digit; at most 63 |
| user, team or role | \`user:alice\`; a bot by its whole login: \`user:renovate[bot]\`; \`team:ml-leads\` of the repository's own organisation, \`team:acme/ml-leads\` of any; \`role:maintain\`: at least this permission in both repositories; \`role:release-manager\`: exactly this custom role. More: [permissions.md](permissions.md) |
| pattern | \`*\` is anything within one path segment, \`**\` any number of segments; no other wildcards |
| key path | keys joined by dots; a key that holds a dot in double quotes; a list item by index or by a key of it: \`podAnnotations."lockkeeper.dev/release"\`, \`env[name=MODEL_URI].value\`, \`args[0]\` |
| time of a window | \`Fri 16:00\` every week; \`12-20\` or \`12-20 18:00\` every year; \`2026-12-20\` or \`2026-12-20 18:00\` once. Without a time, \`to\` is the end of its day |
| template | text with \`{{ name }}\` values, in quotes |

Templates know these values, each key only those that can be known there:

`

const POLICY_INTRODUCTION = `## The operator's policy

The file that \`LOCKKEEPER_POLICY\` names, on the server. It says which repositories may use which of the server's credentials and reach.
Entries add up; no entry, no access; without the file nothing is allowed. A refusal prints the line that is missing. \`lockkeeper validate --policy FILE\` checks it.
`

/** The whole page. */
export function renderReferencePage(): string {
  const values = Object.entries(TEMPLATE_NAMES).map(([name, meaning]) => `| \`{{ ${name} }}\` | ${meaning} |`)
  return [
    `${INTRODUCTION}| Value | Meaning |\n| --- | --- |\n${values.join('\n')}\n`,
    ...sections(repoSchema, { path: '', heading: '## `.github/lockkeeper.yml`' }),
    POLICY_INTRODUCTION,
    ...sections(policySchema, { path: '', heading: '### Keys of the policy' }),
  ].join('\n')
}

type Section = { readonly path: string; readonly heading: string }

/** A table for a mapping, then one for every mapping below it. */
function sections(schema: Schema, section: Section): string[] {
  const { def } = unwrap(schema)._zod
  if (def.type !== 'object') return []
  const rows = Object.entries(def.shape).map(([key, value]) => row(key, value, section.path))
  const description = mannersOf(schema).description
  const head = [section.heading, ...(description === undefined ? [] : ['', description])].join('\n')
  const table = ['| Key | Value | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
  const below = Object.entries(def.shape).flatMap(([key, value]) => nested(value, join(section.path, key)))
  return [`${head}\n\n${table}\n`, ...below]
}

function nested(schema: Schema, path: string): string[] {
  const { def } = unwrap(schema)._zod
  if (def.type === 'object') return sections(schema, { path, heading: `### \`${path}\`` })
  if (def.type === 'record') return nested(def.valueType, `${path}.<name>`)
  if (def.type === 'array') return nested(def.element, `${path}[]`)
  // "One, or a list of them" is one table.
  if (def.type === 'union')
    return def.options.filter((option) => !isListOf(option, def.options)).flatMap((option) => nested(option, path))
  return []
}

function isListOf(schema: Schema, members: readonly Schema[]): boolean {
  const { def } = unwrap(schema)._zod
  return def.type === 'array' && members.includes(def.element)
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

function row(key: string, schema: Schema, path: string): string {
  const inactive = INACTIVE_KEYS.find((candidate) => candidate.key.replaceAll('*', '<name>') === join(path, key))
  const meaning = [mannersOf(schema).description ?? '']
  if (inactive !== undefined) {
    const which = inactive.values === undefined ? '' : ` ${inactive.values.map((value) => `\`${value}\``).join(', ')}:`
    meaning.push(`💤${which} not acted on yet; ${inactive.meanwhile}.`)
  }
  const cells = [`\`${key}\``, typeOf(schema), defaultText(schema), meaning.filter((part) => part !== '').join(' ')]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function defaultText(schema: Schema): string {
  if (isRequired(schema)) return 'required'
  const value = defaultOf(schema)
  if (value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)) return ''
  return `\`${String(value)}\``
}

/** The kind of value, in the words of the table above. */
function typeOf(schema: Schema): string {
  const { title } = mannersOf(schema)
  const { def } = unwrap(schema)._zod
  switch (def.type) {
    case 'enum':
      return Object.values(def.entries)
        .map((value) => `\`${value}\``)
        .join(', ')
    case 'literal':
      return def.values.map((value) => `\`${String(value)}\``).join(', ')
    case 'number':
      return title ?? ('format' in def ? 'whole number' : 'number')
    case 'array':
      return title ?? `list of ${plural(typeOf(def.element))}`
    case 'object':
      return 'mapping'
    case 'record':
      return title ?? `mapping of ${plural(typeOf(def.valueType))}`
    case 'boolean':
      return '`true`, `false`'
    case 'unknown':
      return 'anything'
    default:
      return title ?? 'text'
  }
}

function plural(words: string): string {
  if (words.startsWith('`')) return words
  if (words === 'text' || words === 'anything') return words
  if (words.endsWith('y')) return `${words.slice(0, -1)}ies`
  return words.endsWith('s') ? `${words}es` : `${words}s`
}
