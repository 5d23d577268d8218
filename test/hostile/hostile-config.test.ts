/** Configurations that reach out of their repository, into other objects, or into what templates know: whatever place they choose, it is refused there. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseTemplate, renderTemplate } from '../../src/domain/template.ts'

const PATHS = [
  '../other.yaml',
  'a/../../b.yaml',
  'a/./b.yaml',
  './a.yaml',
  '/etc/passwd',
  '~/a.yaml',
  'C:/a.yaml',
  'C:\\a.yaml',
  'a\\..\\b.yaml',
  'a/%2e%2e/b.yaml',
  'a/%2E%2E%2fb.yaml',
  'a%5cb.yaml',
  'a%00.yaml',
  'a//b.yaml',
  'a\0b.yaml',
  'a\nb.yaml',
  '.git/config',
  '.GIT/config',
  'vendored/.git/hooks/post-checkout',
  'a/.Git/config',
  'git~1/config',
  '.github/workflows/deploy.yml',
  '.GitHub/lockkeeper.yml',
  '{{ model.name }}/../../x.yaml',
  '..{{ model.name }}/../x.yaml',
] as const

const model = (key: string): string => `version: 1\nmodels: { churn: { paths: ["models/**"], ${key} } }\n`
const environment = (key: string, edit = '[{ file: f.yaml, yaml: { a: x } }]'): string =>
  `version: 1\nenvironments: { prod: { repository: a/b, edit: ${edit}, sync: { argocd: { application: a } }, ${key} } }\n`

/** Wherever a configuration names a file. */
const PLACES: Readonly<Record<string, (path: string) => string>> = {
  'metrics of the candidate': (path) => model(`candidate: { file: ${path} }`),
  'metrics of the baseline': (path) => model(`baseline: { file: ${path} }`),
  'a pipeline of DVC': (path) => model(`candidate: { dvc: ${path} }`),
  'a report': (path) => model(`reports: { drift: { format: evidently, file: ${path} } }`),
  'an edited file': (path) => environment('soak: 1h', `[{ file: ${path}, yaml: { a: x } }]`),
  'a sample': (path) =>
    environment(
      `verify: { within: 1m, http: [{ url: "https://a.b", sample: { request: ${path}, response: ${path} } }] }`,
    ),
  'accepted paths': (path) => `version: 1\naccepts: [{ from: acme/models, paths: [${path}] }]\n`,
}

describe.each(Object.entries(PLACES))('%s', (_, write) => {
  it('may lie in the repository', () => {
    const file = write('"models/churn/dvc.yaml"')
    expect(parseRepoConfig(file, { file: 'f' })).toMatchObject({ ok: true })
  })

  it.each(PATHS)('never is %j', (path) => {
    const parsed = parseRepoConfig(write(JSON.stringify(path)), { file: 'f' })
    expect(parsed).toMatchObject({ ok: false })
    if (!parsed.ok) expect(parsed.problems[0]?.line).toBe(2)
  })
})

describe('a key that every object has', () => {
  const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'valueOf'] as const
  const KEYED: Readonly<Record<string, (key: string) => string>> = {
    'of the file': (key) => `version: 1\n${key}: { polluted: 1 }\n`,
    models: (key) => `version: 1\nmodels: { ${key}: { paths: ["a/**"], polluted: 1 } }\n`,
    environments: (key) => `version: 1\nenvironments: { ${key}: { polluted: 1 } }\n`,
    'of a model': (key) => model(`${key}: { polluted: 1 }`),
    'of a gate': (key) => model(`candidate: { file: a.json }, gates: { auc: { min: 1, ${key}: { polluted: 1 } } }`),
    'of an environment': (key) => environment(`${key}: { polluted: 1 }`),
    'of the values that are written': (key) => environment('soak: 1h', `[{ file: f.yaml, yaml: { ${key}: {} } }]`),
  }
  const cases = Object.entries(KEYED).flatMap(([place, write]) => KEYS.map((key) => [key, place, write] as const))

  it.each(cases)('%s, %s, is refused where it stands', (key, _, write) => {
    expect(parseRepoConfig(write(key), { file: 'f' })).toMatchObject({ ok: false })
    expect('polluted' in {}).toBe(false)
  })

  // `__proto__` itself is refused, as above: no mapping can hold it.
  it.each(KEYS.slice(1))('%s is a metric like any other', (key) => {
    const text = model(`candidate: { file: a.json }, gates: { ${key}: { goal: maximize, min: 1 } }`)
    const parsed = parseRepoConfig(text, { file: 'f' })
    expect(parsed.ok && [...parsed.settings.models.values()].map(({ gates }) => gates.length)).toEqual([1])
  })
})

describe('a template', () => {
  const VALUES = ['{{ model.uri }}', '$' + '{process.env.WEBHOOK_SECRET}', '<%= 1 %>', '{{', '}}', '$&', '$1', '\\0']

  it.each(VALUES)('does not read the value %s again', (value) => {
    const parsed = parseTemplate('a/{{ model.name }}/b')
    expect(parsed.ok && renderTemplate(parsed.template, { 'model.name': value, 'model.uri': 'secret' })).toEqual({
      ok: true,
      text: `a/${value}/b`,
    })
  })

  it.each([
    'process.env.HOME',
    'constructor',
    '__proto__',
    'toString',
    'model',
    'model.name | x',
    'model["name"]',
    '{{ model.name',
    '',
  ])('knows no {{ %s }}', (name) => {
    expect(parseTemplate(`{{ ${name} }}`)).toMatchObject({ ok: false })
  })
})
