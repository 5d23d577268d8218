/** A key that was not there: where it goes, and what the file looks like then. Every result is proven as an edit is. */
import { describe, expect, test } from 'vitest'
import { follow, rootsOf } from '../../../src/domain/manifest/cursor.ts'
import { insertion } from '../../../src/domain/manifest/insert.ts'
import { parseManifest } from '../../../src/domain/manifest/parse.ts'
import { parsePath } from '../../../src/domain/manifest/path.ts'
import { disprove } from '../../../src/domain/manifest/proof.ts'
import { applySplices } from '../../../src/domain/manifest/scalars.ts'

/** Adds `new: v2` to the mapping under the path. */
function add(text: string, path: string, value = 'v2'): string | undefined {
  const parsed = parseManifest('f.yaml', text)
  const keys = parsePath(path)
  if (parsed.kind === 'refused' || !keys.ok) throw new Error('the test is wrong')
  const [root] = rootsOf(parsed.manifest)
  const at = root === undefined ? undefined : path === 'root' ? root : follow(root, keys.segments)
  if (at?.kind !== 'cursor' || at.node.kind !== 'mapping') throw new Error('there is no such mapping')
  const splice = insertion(text, at.node, 'new', value)
  if (splice === undefined) return undefined
  const after = applySplices(text, [splice])
  const before = { text, values: parsed.manifest.documents.map((document) => document.value) }
  const claims = [{ splice, document: at.document, keys: [...at.keys, 'new'], value }]
  expect(disprove(before, after, claims)).toBeUndefined()
  return after
}

describe('a key is added', () => {
  test.each([
    ['behind the last one', 'a:\n  b: x\nc: y\n', 'a', 'a:\n  b: x\n  new: v2\nc: y\n'],
    [
      'in front of comments behind the mapping',
      'a:\n  b: x # x\n\n# c\nc: y\n',
      'a',
      'a:\n  b: x # x\n  new: v2\n\n# c\nc: y\n',
    ],
    [
      'in front of indented comments too',
      'a:\n  b: x\n  # end of a\nc: y\n',
      'a',
      'a:\n  b: x\n  new: v2\n  # end of a\nc: y\n',
    ],
    ['to the last mapping of a file without line break', 'c: y\na:\n  b: x', 'a', 'c: y\na:\n  b: x\n  new: v2'],
    ['the same with CRLF', 'c: y\r\na:\r\n    b: x', 'a', 'c: y\r\na:\r\n    b: x\r\n    new: v2'],
    ['to a file of one line', 'a: x', 'root', 'a: x\nnew: v2'],
    ['behind a byte-order mark', '\uFEFFa: x\n', 'root', '\uFEFFa: x\nnew: v2\n'],
    ['in front of the end of the document', 'a: x\n...\n---\nb: y\n', 'root', 'a: x\nnew: v2\n...\n---\nb: y\n'],
    ['to a list item', 'a:\n- b: x\n  c: y\n- d: z\n', 'a[0]', 'a:\n- b: x\n  c: y\n  new: v2\n- d: z\n'],
    ['to a list item of one key', 'a:\n  -   b: x\n  - c: y\n', 'a[0]', 'a:\n  -   b: x\n      new: v2\n  - c: y\n'],
    ['to an item below its dash', 'a:\n-\n  b: x\n', 'a[0]', 'a:\n-\n  b: x\n  new: v2\n'],
    ['to a list in a list', 'a:\n- - b: x\n', 'a[0][0]', 'a:\n- - b: x\n    new: v2\n'],
    [
      'behind nested mappings only',
      'a:\n  b:\n    c: x\n    d:\n    - y # y\ne: z\n',
      'a',
      'a:\n  b:\n    c: x\n    d:\n    - y # y\n  new: v2\ne: z\n',
    ],
    [
      'behind a nested value over two lines',
      'a:\n  b:\n    c: "x\n      y"\ne: z\n',
      'a',
      'a:\n  b:\n    c: "x\n      y"\n  new: v2\ne: z\n',
    ],
    ['behind a key without value', 'a:\n  b:   # none\nc: y\n', 'a', 'a:\n  b:   # none\n  new: v2\nc: y\n'],
    ['between simple and nested ones', 'a:\n  b: x\n  c:\n    d: y\n', 'a', 'a:\n  b: x\n  new: v2\n  c:\n    d: y\n'],
    ['in front of braces', 'a:\n  b: {c: x}\n', 'a', 'a:\n  new: v2\n  b: {c: x}\n'],
    ['in front of a block of text', 'a:\n- b: |\n    x\n', 'a[0]', 'a:\n- new: v2\n  b: |\n    x\n'],
    ['in front of an alias', 'z: &z x\na:\n  b: *z\n', 'a', 'z: &z x\na:\n  new: v2\n  b: *z\n'],
    ['to braces', 'a: {b: x, c: y} # c\n', 'a', 'a: {b: x, c: y, new: v2} # c\n'],
    ['to braces with a comma at the end', 'a: {b: x,}\n', 'a', 'a: {b: x, new: v2,}\n'],
    ['to braces over several lines', 'a: {\n  b: x,\n  c: y\n  }\n', 'a', 'a: {\n  b: x,\n  c: y, new: v2\n  }\n'],
    ['to empty braces', 'a: {} # none\n', 'a', 'a: {new: v2} # none\n'],
    ['to empty braces with a blank', 'a: { }\n', 'a', 'a: {new: v2 }\n'],
    ['to JSON', '{"a":{"b":"x"}}', 'a', '{"a":{"b":"x", "new": "v2"}}'],
    ['to empty JSON', '{"z": 1, "a": {}}', 'a', '{"z": 1, "a": {"new": "v2"}}'],
    ['to quoted keys', '"a":\n  "b": x\n', 'a', '"a":\n  "b": x\n  "new": "v2"\n'],
  ])('%s', (_, before, path, after) => {
    expect(add(before, path)).toBe(after)
  })

  test.each([
    ['braces of braces only', 'a: {b: {c: x}}\n', 'a'],
    ['empty braces with a comment', 'a: { # none\n  }\n', 'a'],
    ['an explicit key with a block', 'a:\n  ? b\n  : |\n    x\n', 'a'],
  ])('not where no place is in sight: %s', (_, text, path) => {
    expect(add(text, path)).toBeUndefined()
  })
})
