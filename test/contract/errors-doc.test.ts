/** Every code that people can meet is explained in docs/errors.md, and every code is met somewhere. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode } from '../../src/domain/failure.ts'
import { readSources } from './sources.ts'

const page = readFileSync('docs/errors.md', 'utf8')
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
)

describe('docs/errors.md', () => {
  it('has a heading for every code, and for nothing else', () => {
    expect([...sections.keys()].toSorted()).toEqual([...ERROR_CODES].toSorted())
  })

  it.each(ERROR_CODES)('says of %s what it means, why, and what to do', (code) => {
    const parts = [...(sections.get(code) ?? '').matchAll(/^\*\*(\w+):\*\* \S/gm)].map(([, name]) => name)
    expect(parts).toEqual(['Means', 'Why', 'Do'])
  })
})

/** As a text of its own, or in the code span of a snapshot. */
const named = (code: ErrorCode): readonly string[] => [`'${code}'`, `\`${code}`, `(${code})`]

/** `internal` is for what no test knows of. Mistakes show no code, and a rollout that fails is told in a sentence. */
const BY_WORDS: Partial<Record<ErrorCode, string>> = {
  ambiguous: 'which model?',
  approvals_missing: 'needs 1 approval',
  merge_differs: 'does not hold all that it was to write',
  sync_blocked: 'sync window',
  sync_timeout: 'not synced within',
  usage: 'is more than /deploy takes',
  values_overwritten: 'changed what it wrote in',
  verify_timeout: 'not verified within',
  verify_no_data: 'no data for',
}

describe('the list of codes', () => {
  it('has none that is never used', () => {
    const texts = new Set(
      readSources('src')
        .filter(({ path }) => path !== 'src/domain/failure.ts')
        .flatMap(({ nodes }) => nodes.flatMap((node) => (node.type === 'Literal' ? [node.value] : []))),
    )
    expect(ERROR_CODES.filter((code) => !texts.has(code))).toEqual([])
  })

  it('has none that no test meets: by its name, or where it is not shown by its words', () => {
    const tests = readSources('test').filter(
      ({ path }) => path.endsWith('.test.ts') && !path.startsWith('test/contract/'),
    )
    const meets = (text: string): boolean => tests.some((file) => file.text.includes(text))
    const isMet = (code: ErrorCode): boolean => meets(BY_WORDS[code] ?? '\u0000') || named(code).some(meets)
    expect(ERROR_CODES.filter((code) => code !== 'internal' && !isMet(code))).toEqual([])
  })

  it('has each once', () => {
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length)
  })
})
