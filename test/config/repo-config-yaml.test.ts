/** Where a mistake is said to be, what YAML's own ways come to, and that nothing a team writes can hurt. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { environment, model, problemsOf } from './mistakes.ts'

const REFERENCE = readFileSync('examples/reference/model-repo/.github/lockkeeper.yml', 'utf8')

describe('keys that nothing acts on yet', () => {
  it('are named', () => {
    const text = environment(['expires: 24h', 'notify: {}'].join('\n'))
    expect(problemsOf(text).map((problem) => problem.split(' | ').slice(0, 2).join(' '))).toEqual([
      '8:5 environments.prod.notify inactive',
    ])
    expect(problemsOf(text.replace('notify: {}', 'approvals: 1'))).toEqual([])
  })
})

describe('positions', () => {
  it.each([
    ['plain', 'url: https://{{ nope }}.x', '7:18'],
    ['single quotes with an escape', "reason: ''''", '7:5'],
    ['double quotes with escapes before it', 'url: "https:\\x2f\\/{{ nope }}"', '7:23'],
    ['a folded block points at its text', 'url: >-\n  https://{{ nope }}', '8:7'],
  ])('%s', (_, yaml, place) => {
    expect(problemsOf(environment(yaml))[0]?.split(' ')[0]).toBe(place)
  })

  it('count lines as editors do, whatever the line breaks and marks', () => {
    for (const [breaks, mark] of [
      ['\r\n', ''],
      ['\r', ''],
      ['\n', '\uFEFF'],
    ] as const) {
      expect(problemsOf(`${mark}version: 1${breaks}${breaks}extendz: x`)).toEqual([
        '3:1 extendz | there is no key `extendz` here | did you mean `extends`?',
      ])
    }
    expect(problemsOf('\uFEFFversoin: 1')[0]).toMatch(/^1:1 /)
  })
})

describe('anchors and merge keys', () => {
  it('spare a team the repetition', () => {
    const text = `version: 1
environments:
  staging: &base
    repository: acme/ml-config
    edit: &edit [{ file: "{{ environment }}.yaml", yaml: { a: x } }]
    sync: { argocd: { application: a } }
  prod:
    <<: *base
    approvals: 2
    edit: *edit
`
    const parsed = parseRepoConfig(text, { file: 'f' })
    expect(
      parsed.ok &&
        [...parsed.settings.environments.values()].map(({ name, approvals, repository }) => ({
          name,
          approvals,
          repository,
        })),
    ).toEqual([
      { name: 'staging', approvals: 0, repository: 'acme/ml-config' },
      { name: 'prod', approvals: 2, repository: 'acme/ml-config' },
    ])
  })
})

describe('hostile files', () => {
  const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth)
  const laughs = [
    'a: &a [x,x,x,x,x,x,x,x,x,x]',
    ...[...'bcdefghi'].map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(10)}]`),
  ].join('\n')
  it.each([
    ['a billion laughs', laughs, 'the file stands for more than 20,000 values'],
    ['a thousand levels', `x: ${nested('[', ']', 1000)}`, 'not valid YAML: nesting exceeded maxDepth (100)'],
    ['half a million values', `x: [${'1,'.repeat(499_000)}]`, 'the file has more than 20,000 values'],
    [
      'a thousand models of twenty keys each',
      `models:\n${Array.from({ length: 1000 }, (_, model) => `  m${model}: { ${Array.from({ length: 20 }, (_, key) => `k${key}: 1`).join(', ')} }`).join('\n')}`,
      'the file has more than 20,000 values',
    ],
    ['more than a megabyte', 'x'.repeat(1_000_001), 'the file is larger than 1 MB'],
    ['an alias of itself', 'x: &x [*x]', '`*x` refers to nothing'],
  ])('%s is refused at once', (_, text, reason) => {
    const started = performance.now()
    const parsed = parseRepoConfig(text, { file: 'f' })
    expect(performance.now() - started).toBeLessThan(1000)
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.reason)).toContain(reason)
  })

  it.each([
    ['unknown keys', `version: 1\n${Array.from({ length: 9000 }, (_, index) => `model${index}: 1`).join('\n')}`],
    ['environments that do not exist', model(`environments: [${'stagin,'.repeat(15_000)}]`)],
    [
      'time zones that do not exist',
      environment(`freeze: [${'{ from: "Fri 16:00", to: "Mon 08:00", zone: Europe/Berln },'.repeat(2000)}]`),
    ],
    [
      'environments in a circle',
      `version: 1\nenvironments:\n${Array.from({ length: 3000 }, (_, index) => `  e${index}: { after: e${(index + 1) % 3000} }`).join('\n')}`,
    ],
    [
      'models and environments',
      `version: 1\nmodels:\n${Array.from({ length: 200 }, (_, index) => `  m${index}: {}`).join('\n')}\nenvironments:\n${Array.from({ length: 200 }, (_, index) => `  e${index}: { repository: a/b, sync: { argocd: { application: a } }, edit: [{ file: f, yaml: { ${Array.from({ length: 20 }, (_, key) => `k${key}: "{{ image.tag }}"`).join(', ')} } }] }`).join('\n')}`,
    ],
  ])('thousands of %s are told briefly and at once', (_, text) => {
    const started = performance.now()
    const parsed = parseRepoConfig(text, { file: 'f' })
    expect(performance.now() - started).toBeLessThan(2500)
    expect(parsed.ok ? parsed.notices.length : parsed.problems.length).toBeLessThanOrEqual(100)
  })

  it('whatever is cut, doubled or put into the reference, there is an answer and never a throw', () => {
    const scrap = fc.constantFrom(
      '{{',
      '}}',
      '"',
      "'",
      '\t',
      '- ',
      '&a ',
      '*a',
      '? ',
      '<<: *a',
      '!!int ',
      '\u0000',
      '\uD800',
      '{',
      '[',
      '|',
      '>-',
      '%',
      '\r',
      '__proto__: 1',
      ': ',
      '#',
    )
    const place = fc.nat({ max: REFERENCE.length })
    fc.assert(
      fc.property(fc.array(fc.tuple(place, fc.nat({ max: 40 }), scrap), { minLength: 1, maxLength: 6 }), (changes) => {
        let text = REFERENCE
        for (const [at, cut, put] of changes) text = text.slice(0, at) + put + text.slice(at + cut)
        const lines = text.split(/\r\n|\r|\n/).length
        const parsed = parseRepoConfig(text, { file: 'f' })
        const told = parsed.ok ? parsed.notices : parsed.problems
        expect(parsed.ok || told.some((problem) => problem.severity === 'error')).toBe(true)
        for (const problem of told) {
          expect(problem.line).toBeGreaterThanOrEqual(1)
          expect(problem.line).toBeLessThanOrEqual(lines)
          expect(problem.column).toBeGreaterThanOrEqual(1)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('and the same for text that never was a configuration', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(() => parseRepoConfig(text, { file: 'f' })).not.toThrow()
      }),
      { numRuns: 500 },
    )
  })
})
