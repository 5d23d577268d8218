/** Names that people shorten: when a beginning is enough, and where a name is written in full. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completed, isDelicate, isReleaseLike } from '../../src/domain/name-prefix.ts'

const NAMES = ['dev', 'staging', 'staging-eu', 'prod', 'churn', 'fraud']

describe('the beginning of a name', () => {
  it.each([
    ['de', 'dev'],
    ['DE', 'dev'],
    ['dev', 'dev'],
    ['ch', 'churn'],
    ['staging-', 'staging-eu'],
    ['sta', undefined],
    ['staging', undefined],
    ['x', undefined],
    ['d', undefined],
    ['', undefined],
    ['churns', undefined],
  ])('%j means %j', (typed, meant) => {
    expect(completed(typed, NAMES)).toBe(meant)
  })

  it('never means a name that does not begin with it, nor one of several', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.stringMatching(/^[a-z0-9._-]{1,8}$/)), (typed, names) => {
        const meant = completed(typed, names)
        if (meant === undefined) return
        expect(names.filter((name) => name.startsWith(typed.toLowerCase()))).toEqual([meant])
      }),
    )
  })
})

describe('what names a release', () => {
  it.each(['v12', '12', '3f9c2e1', '3f9c', 'rel-0123', 'V7'])('%s is no name', (word) => {
    expect(isReleaseLike(word)).toBe(true)
  })
  it.each(['staging', 'de', 'vault', 'face', 'release-eu'])('%s may be one', (word) => {
    expect(isReleaseLike(word)).toBe(false)
  })
})

describe('an environment whose name is written in full', () => {
  const plain = { approvals: 0, freeze: [] }
  const chains = [
    ['dev', 'staging', 'prod'],
    ['dev', 'eu'],
  ]
  it.each([
    ['dev', plain, false],
    ['staging', plain, false],
    ['prod', plain, true],
    ['production-eu', plain, true],
    ['live', plain, true],
    ['eu', plain, true],
    ['staging', { ...plain, approvals: 1 }, true],
    ['staging', { ...plain, freeze: ['weekend'] }, true],
  ])('%s %j: %s', (name, rules, delicate) => {
    expect(isDelicate({ name, ...rules }, chains)).toBe(delicate)
  })
})
