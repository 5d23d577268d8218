/** The check behind every edit, given edits that are wrong: it must notice each by itself. */
import { describe, expect, test } from 'vitest'
import { readValues } from '../../../src/domain/manifest/parse.ts'
import { disprove, type ExpectedValue } from '../../../src/domain/manifest/proof.ts'
import { applySplices } from '../../../src/domain/manifest/scalars.ts'

/** Replaces one part of the text and claims that `keys` of the first document became `value`. */
function check(text: string, [from, to]: readonly [string, string], keys: readonly string[], value: ExpectedValue) {
  const start = text.indexOf(from)
  const splice = { start, end: start + from.length, text: to }
  const before = { text, values: readValues(text) }
  return disprove(before, applySplices(text, [splice]), [{ splice, document: 0, keys, value }])
}

describe('an edit is proven', () => {
  test.each([
    ['a value', 'a: x\nb: y\n', ['x', 'v2'], ['a']],
    ['a value in a list', 'a: [x, y]\n', ['y', 'v2'], ['a', '1']],
    ['a value in one of several documents', 'a: x\n---\nb: y\n', ['x', 'v2'], ['a']],
    [
      'a value in a document that is not the only one before its marker',
      'a: x\n...\nb: y\n---\nc: z\n',
      ['x', 'v2'],
      ['a'],
    ],
    ['a key that is added', 'a: {b: x}\n', ['}', ', c: v2}'], ['a', 'c']],
    ['a value beside what repeats itself for ever', 'b: &b [*b]\na: x\n', ['x', 'v2'], ['a']],
  ] as const)('%s', (_, text, splice, keys) => {
    expect(check(text, splice, keys, 'v2')).toBeUndefined()
  })

  test('a number that stays one, and an item that is added', () => {
    expect(check('a: 1\n', ['1', '20'], ['a'], 20)).toBeUndefined()
    expect(check('a: [{b: x}]\n', [']', ', {b: y, c: "1"}]'], ['a', '1'], { b: 'y', c: '1' })).toBeUndefined()
  })
})

describe('an edit is disproven when', () => {
  test.each([
    ['another value changes', 'a: x\nb: y\n', ['x\nb: y', 'v2\nb: z'], ['a'], '`b` would'],
    ['the value is of another type', 'a: x\n', ['x', '12'], ['a'], '`a` would', '12'],
    ['an alias repeats the value', 'a: &t x\nb: *t\n', ['x', 'v2'], ['a'], '`b` would'],
    ['a merge brings the value elsewhere', 'm: &m {a: x}\nn: {<<: *m}\n', ['x', 'v2'], ['m', 'a'], '`n.a` would'],
    ['a key is lost', 'a: x\nb: y\n', ['x\nb: y', 'v2'], ['a'], '`b` would'],
    ['a key is gained', 'a: x\n', ['x', 'v2\nb: y'], ['a'], '`b` would'],
    ['an item is gained', 'a: x\nb: [y]\n', ['x\nb: [y', 'v2\nb: [y, z'], ['a'], '`b[1]` would'],
    ['a list becomes a mapping', 'a: x\nb: [y]\n', ['x\nb: [y]', 'v2\nb: {0: y}'], ['a'], '`b` would'],
    ['a number becomes its text', 'a: x\nb: 1\n', ['x\nb: 1', 'v2\nb: "1"'], ['a'], '`b` would'],
    ['another document changes', 'a: x\n---\nb: y\n---\nc: z\n', ['x\n---\nb: y', 'v2\n---\nb: z'], ['a'], '`b` would'],
    [
      'a document changes that no marker begins',
      'a: x\n...\nb: y\n---\nc: z\n',
      ['x\n...\nb: y', 'v2\n...\nb: z'],
      ['a'],
      '`b` would',
    ],
    ['a document is gained behind', 'a: x\n---\nc: z\n', ['x', 'v2\n...\nb: y'], ['a'], 'the number of documents'],
    ['another document is swallowed', 'a: x\n---\nc: z\n', ['x\n---', 'v2'], ['a'], 'the number of documents'],
    ['one of several documents no longer parses', 'a: x\n---\nc: z\n', ['x', '"v2'], ['a'], 'would not parse'],
    ['a document is gained', 'a: x\n', ['x', 'v2\n---\nb: y'], ['a'], 'the number of documents'],
    ['it no longer parses', 'a: x\n', ['x', '"v2'], ['a'], 'would not parse'],
    ['nothing changes', 'a: x\nb: y\n', ['y', 'y'], ['a'], '`a` would'],
    ['a number becomes a string', 'a: 1\n', ['1', '"20"'], ['a'], '`a` would', 20],
    ['an added item says something else', 'a: [x]\n', [']', ', {b: y}]'], ['a', '1'], '`a[1]` would', { b: 'z' }],
    ['an added item lacks a field', 'a: [x]\n', [']', ', {b: y}]'], ['a', '1'], '`a[1]` would', { b: 'y', c: 'z' }],
    ['an added item has a field more', 'a: [x]\n', [']', ', {b: y, c: z}]'], ['a', '1'], '`a[1]` would', { b: 'y' }],
    ['an added item is a text', 'a: [x]\n', [']', ', y]'], ['a', '1'], '`a[1]` would', { b: 'y' }],
    ['a mapping is written over', 'a: {b: x}\n', ['{b: x}', 'v2'], ['a', 'b'], '`a` would'],
  ] as const)('%s', (_, text, splice, keys, difference, value: ExpectedValue = 'v2') => {
    expect(check(text, splice, keys, value)).toContain(difference)
  })

  test.each([
    ['in front', ' a: v2 # c\n'],
    ['behind', 'a: v2 # d\n'],
    ['at the end', 'a: v2 # c\n\n'],
    ['missing', 'a: v2 # c'],
  ])('bytes outside the value change: %s', (_, after) => {
    const text = 'a: x # c\n'
    const claim = { splice: { start: 3, end: 4, text: 'v2' }, document: 0, keys: ['a'], value: 'v2' }
    expect(disprove({ text, values: readValues(text) }, after, [claim])).toContain('text outside')
    expect(disprove({ text, values: readValues(text) }, 'a: v2 # c\n', [claim])).toBeUndefined()
  })
})
