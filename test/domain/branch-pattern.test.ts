/** Which branches a pattern of GitHub's deployment branch policies means. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesBranch } from '../../src/domain/branch-pattern.ts'

describe('a pattern of deployment branches', () => {
  it.each([
    ['main', 'main', true],
    ['main', 'Main', false],
    ['main', 'mainly', false],
    ['*', 'main', true],
    ['*', 'release/1', false],
    ['release/*', 'release/1', true],
    ['release/*', 'release/1/2', false],
    ['release/*/*', 'release/1/2', true],
    ['release-*', 'release-', true],
    ['**/*', 'release/1/2', true],
    ['**/*', 'main', true],
    ['release/**/hot', 'release/hot', true],
    ['release/**/hot', 'release/a/b/hot', true],
    ['release/**', 'release/1', true],
    ['release/**', 'release/1/2', false],
    ['v?', 'v1', true],
    ['v?', 'v12', false],
    ['v?', 'v/', false],
    ['v[0-9]', 'v7', true],
    ['v[0-9]', 'vx', false],
    ['v[^0-9]', 'vx', true],
    ['v[!0-9]', 'v7', false],
    ['v[0-9', 'v7', false],
    ['v[0-9', 'v[0-9', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['{main,next}', 'main', false],
    ['{main,next}', '{main,next}', true],
    ['v[a-cx-z]', 'vy', true],
    ['v[-x]', 'v-', true],
  ])('%s and %s: %s', (pattern, branch, expected) => {
    expect(matchesBranch(pattern, branch)).toBe(expected)
  })

  it('that is a plain name means itself alone', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z/]{1,12}$/), fc.stringMatching(/^[a-z/]{1,12}$/), (pattern, branch) => {
        expect(matchesBranch(pattern, branch)).toBe(pattern === branch)
      }),
    )
  })

  it('is judged at once, however many stars it has', () => {
    const start = performance.now()
    expect(matchesBranch(`${'*a'.repeat(120)}b`, 'a'.repeat(250))).toBe(false)
    expect(performance.now() - start).toBeLessThan(200)
  })
})
