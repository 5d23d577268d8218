/** "Did you mean": near words are offered, far ones are not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closest, editDistance } from '../../src/domain/closest.ts'

describe('did you mean', () => {
  it.each([
    ['enviroments', ['environments', 'extends'], 'environments'],
    ['deploys', ['deploy', 'deployers'], 'deploy'],
    ['Rollback', ['rollback'], 'rollback'],
    ['gaol', ['goal', 'gates'], 'goal'],
    ['x', ['models'], undefined],
    ['completely', ['different'], undefined],
    ['', ['a'], 'a'],
  ])('%s among %j: %s', (word, candidates, expected) => {
    expect(closest(word, candidates)).toBe(expected)
  })

  it('counts edits the same both ways, and none between equal words', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
    fc.assert(
      fc.property(word, word, (one, other) => {
        expect(editDistance(one, other)).toBe(editDistance(other, one))
        expect(editDistance(one, other) === 0).toBe(one === other)
        expect(editDistance(one, other)).toBeLessThanOrEqual(Math.max(one.length, other.length))
      }),
    )
  })
})
