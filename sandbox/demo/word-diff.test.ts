/** Word by word, as `git diff --word-diff` has it. */
import { expect, test } from 'vitest'
import { wordDiff } from './word-diff.ts'

const changes = (before: string | null, after: string | null) =>
  wordDiff([{ path: 'f', before, after }]).map(({ line, shown }) => `${line}: ${shown}`)

test('only the word that changed is told, with its line', () => {
  const before = 'a: 1\nuri: "x/11"   # <- kept\n'
  expect(changes(before, 'a: 1\nuri: "x/12"   # <- kept\n')).toEqual(['2: uri: [-"x/11"-]{+"x/12"+}   # <- kept'])
})

test('two values of one line are two changes', () => {
  expect(
    wordDiff([{ path: 'f', before: 'a 1 b 2', after: 'a 3 b 4' }]).map(({ before, after }) => [before, after]),
  ).toEqual([
    ['1', '3'],
    ['2', '4'],
  ])
})

test.each([
  ['an added line', 'a\n', 'a\nb c\n', ['2: {+b c+}']],
  ['a removed line', 'a\nb\n', 'a\n', ['2: [-b-]']],
  ['a new file', null, 'a\n', ['1: {+a+}']],
  ['white space', 'a:  1\n', 'a: 1\n', ['1: a:[-  -]{+ +}1']],
  ['nothing', 'a\n', 'a\n', []],
])('%s is told', (_name, before, after, expected) => expect(changes(before, after)).toEqual(expected))
