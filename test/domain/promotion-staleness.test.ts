/** When an open promotion pull request is made anew, and when it is left alone. */
import { describe, expect, test } from 'vitest'
import { parseCommitSha } from '../../src/domain/ids.ts'
import type { Change } from '../../src/domain/promotion.ts'
import { type BuildableNow, stalenessOf } from '../../src/domain/promotion-staleness.ts'

const base = parseCommitSha('a'.repeat(40))
const later = 'b'.repeat(40)
const change: Change = { file: 'prod.yaml', path: 'tag', document: undefined, before: '1', after: '2' }
const built = { pullRequest: { base, blobs: { 'prod.yaml': 'b1' } }, changes: [change] }
const now: BuildableNow = {
  base: later,
  blobs: { 'prod.yaml': 'b1' },
  changes: [change],
  mergeStateStatus: 'CLEAN',
  mergeable: 'mergeable',
}

describe('an open promotion pull request', () => {
  const stands: readonly [string, Partial<BuildableNow>][] = [
    ['the base moved elsewhere', {}],
    ['GitHub has not worked out yet whether it can be merged', { mergeable: 'unknown', mergeStateStatus: 'UNKNOWN' }],
    ['rules are open', { mergeStateStatus: 'BLOCKED' }],
    ['GitHub still says what it said of an older base', { base: 'a'.repeat(40), mergeStateStatus: 'BEHIND' }],
    ['a conflict is shown that the base cannot have', { base: 'a'.repeat(40), mergeable: 'conflicting' }],
    ['its changes come back from the store', { changes: [JSON.parse(JSON.stringify(change))] }],
  ]
  test.each(stands)('stands where %s', (_, seen) => {
    expect(stalenessOf(built, { ...now, ...seen })).toBeUndefined()
  })

  const renewed: readonly [string, Partial<BuildableNow>, string][] = [
    ['its file changed', { blobs: { 'prod.yaml': 'b2' } }, '`prod.yaml` changed on the base branch'],
    [
      'a file that needed no change now needs one',
      { blobs: { 'prod.yaml': 'b1', 'other.yaml': 'o' } },
      '`other.yaml` changed on the base branch',
    ],
    [
      'another value is to be written',
      { changes: [{ ...change, after: '3' }] },
      'what it is to change is configured otherwise now',
    ],
    [
      'GitHub wants it up to date',
      { mergeStateStatus: 'BEHIND' },
      'its branch has to be up to date with the base branch',
    ],
    ['they are in conflict', { mergeable: 'conflicting' }, 'the base branch has moved into conflict with it'],
  ]
  test.each(renewed)('is made anew where %s', (_, seen, because) => {
    expect(stalenessOf(built, { ...now, ...seen })).toBe(because)
  })

  test('of an earlier version, which kept no ids, is judged by what it changes', () => {
    const old = { pullRequest: {}, changes: [change] }
    expect(stalenessOf(old, { ...now, blobs: { 'prod.yaml': 'b2' } })).toBeUndefined()
    expect(stalenessOf(old, { ...now, changes: [{ ...change, before: '0' }] })).toBeDefined()
  })
})
