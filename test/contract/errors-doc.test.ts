/** Every code that people can meet is explained in docs/errors.md, and every code is met somewhere. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../src/domain/failure.ts'
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

describe('the list of codes', () => {
  it('has none that is never used', () => {
    const texts = new Set(
      readSources('src')
        .filter(({ path }) => path !== 'src/domain/failure.ts')
        .flatMap(({ nodes }) => nodes.flatMap((node) => (node.type === 'Literal' ? [node.value] : []))),
    )
    expect(ERROR_CODES.filter((code) => !texts.has(code))).toEqual([])
  })

  it('has each once', () => {
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length)
  })
})
