/** What a pull request that edits the configuration shows. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { annotationsFor, renderConfigProblems } from '../../src/comments/config-problems.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import type { Problem } from '../../src/domain/config-problem.ts'

const FILE = '.github/lockkeeper.yml'

function problemsOf(text: string): readonly Problem[] {
  const parsed = parseRepoConfig(text, { file: FILE })
  return parsed.ok ? parsed.notices : parsed.problems
}

describe('a pull request that breaks the configuration', () => {
  const problems = problemsOf('version: 1\nextends: acme/.github\nmodels:\n  churn:\n    enviroments: [a]\n')

  it('has an annotation on each line, errors first', () => {
    expect(annotationsFor(problems)).toEqual([
      {
        path: FILE,
        startLine: 5,
        endLine: 5,
        level: 'failure',
        title: 'models.churn.enviroments',
        message: 'There is no key `enviroments` here. Hint: did you mean `environments`?',
      },
      {
        path: FILE,
        startLine: 2,
        endLine: 2,
        level: 'notice',
        title: 'extends',
        message: 'This key is understood, but not acted on yet. Hint: this file is read on its own',
      },
    ])
  })

  it('has a summary of what is wrong where, and says that the old configuration stays', () => {
    expect(renderConfigProblems(problems)).toBe(
      [
        '`.github/lockkeeper.yml` is refused: 1 error. The configuration of the default branch stays in force.',
        '',
        '|  | Line | Key | What is wrong | What to do |',
        '| --- | --: | --- | --- | --- |',
        '| ❌ | 5:5 | `models.churn.enviroments` | there is no key `enviroments` here | did you mean `environments`? |',
        '| 💤 | 2:1 | `extends` | this key is understood, but not acted on yet | this file is read on its own |',
      ].join('\n'),
    )
  })
})

describe('a pull request that leaves the configuration whole', () => {
  it('hears what is not acted on yet, and nothing when there is nothing', () => {
    const text = renderConfigProblems(problemsOf('version: 1\nextends: acme/.github\n'))
    expect(text.split('\n')[0]).toBe('`.github/lockkeeper.yml` loads. One thing to know:')
    expect(renderConfigProblems([])).toBe('')
  })
})

describe('a hostile configuration', () => {
  it('mentions nobody, links nowhere and breaks no table', () => {
    const evil = '@acme/everyone | <img src=x> [x](https://evil.example) ``` \u202E #1'
    const text = renderConfigProblems(
      problemsOf(`version: 1\n${JSON.stringify(evil)}: 1\nmodels: { c: { environments: [${JSON.stringify(evil)}] } }`),
    )
    for (const row of text.split('\n').slice(4)) expect(row.match(/(?<!\\)\|/g)?.length).toBe(6)
    const outsideCode = text.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '')
    expect(outsideCode).not.toMatch(/@acme|<img|evil\.example|\u202E/)
  })

  it('stays within what GitHub takes, and says what is left out', () => {
    const many = Array.from(
      { length: 5000 },
      (_, index): Problem => ({
        file: FILE,
        line: index + 1,
        column: 1,
        key: 'k'.repeat(300),
        reason: '`x`*'.repeat(400),
        hint: '_'.repeat(1500),
        severity: 'error',
      }),
    )
    const text = renderConfigProblems(many)
    expect(text.length).toBeLessThanOrEqual(65_535)
    expect(text).toMatch(/\d+ more; `lockkeeper validate` lists them all\.$/)
  })
})

describe('the reference', () => {
  it('has two notices and no failure', () => {
    const problems = problemsOf(readFileSync('examples/reference/model-repo/.github/lockkeeper.yml', 'utf8'))
    expect(annotationsFor(problems).map(({ level, startLine, title }) => ({ level, startLine, title }))).toEqual([
      { level: 'notice', startLine: 94, title: 'environments.prod.notify' },
      { level: 'notice', startLine: 97, title: 'retrain' },
    ])
  })
})
