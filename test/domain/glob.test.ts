/** Patterns: what they match, and that nothing slips past or slows them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatches, globProblem } from '../../src/domain/glob.ts'

describe('a pattern', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/bc', false],
    ['a/*', 'a/b', true],
    ['a/*', 'a/b/c', false],
    ['a/*', 'a/', false],
    ['a/*.py', 'a/x.py', true],
    ['a/*.py', 'a/.py', true],
    ['a/**', 'a/b/c/d', true],
    ['a/**', 'a', false],
    ['a/**', 'a/', false],
    ['a/**', 'ab/c', false],
    ['**', 'a/b', true],
    ['**/x', 'x', true],
    ['**/x', 'a/b/x', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'a/b/c', false],
    ['a/**/b/**/c', 'a/b/x/b/c', true],
    ['churn-*', 'churn-prod', true],
    ['churn-*', 'fraud-prod', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['*a*b*', 'xxbxxa', false],
    ['A/b', 'a/b', false],
    ['s3://acme-models/**', 's3://acme-models/churn/11', true],
    ['s3://acme-models/**', 's3://acme-models-evil/churn', false],
    ['ghcr.io/acme/*', 'ghcr.io/acme/churn', true],
    ['ghcr.io/acme/*', 'ghcr.io/acme/churn/evil', false],
  ])('%s and %s: %s', (pattern, text, matches) => {
    expect(globMatches(pattern, text)).toBe(matches)
  })

  it('agrees with the plain recursive reading of the rules', () => {
    const segment = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '*b', '**')
    const found = fc.constantFrom('a', 'b', 'ab', 'aab', '')
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 5 }),
        fc.array(found, { minLength: 1, maxLength: 6 }),
        (pattern, text) => {
          expect(globMatches(pattern.join('/'), text.join('/'))).toBe(segmentsMatch(pattern, text))
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('takes no time, however many wildcards it has', () => {
    const started = performance.now()
    expect(globMatches(`${'*a'.repeat(2000)}`, 'a'.repeat(4000).concat('b'))).toBe(false)
    expect(globMatches('**/a/'.repeat(300).concat('b'), 'a/'.repeat(2000).concat('c'))).toBe(false)
    expect(performance.now() - started).toBeLessThan(1500)
  })

  it.each([
    ['', { offset: 0, reason: 'an empty pattern matches nothing' }],
    ['a?', { offset: 1, reason: '`?` has no meaning in patterns' }],
    ['x/{a,b}', { offset: 2, reason: '`{` has no meaning in patterns' }],
    ['a/b**', { offset: 3, reason: '`**` must stand alone between slashes' }],
  ])('%j is refused rather than misread', (pattern, problem) => {
    expect(globProblem(pattern)).toEqual(problem)
  })
})

function segmentsMatch(pattern: readonly string[], text: readonly string[]): boolean {
  const [wanted, ...more] = pattern
  const [found, ...rest] = text
  if (wanted === undefined) return found === undefined
  if (wanted === '**') {
    if (more.length === 0) return text.length > 0 && text.at(-1) !== ''
    return segmentsMatch(more, text) || (found !== undefined && segmentsMatch(pattern, rest))
  }
  return found !== undefined && oneMatches(wanted, found) && segmentsMatch(more, rest)
}

function oneMatches(wanted: string, found: string): boolean {
  if (wanted === '*') return found !== ''
  const parts = wanted.split('*')
  if (parts.length === 1) return wanted === found
  const [head = '', tail = ''] = parts
  return found.length >= head.length + tail.length && found.startsWith(head) && found.endsWith(tail)
}
