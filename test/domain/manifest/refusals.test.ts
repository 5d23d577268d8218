/** Files that are not edited: each names the place, the reason and the next step. */
import { describe, expect, test } from 'vitest'
import { editManifest, MAX_MANIFEST_LENGTH, type ManifestEdit } from '../../../src/domain/manifest/index.ts'
import { edited, set } from './support.ts'

const bomb = ['a: &a0 x', ...Array.from({ length: 30 }, (_, i) => `b${i}: &a${i + 1} [*a${i}, *a${i}]`)].join('\n')

describe('an edit is refused', () => {
  test.each([
    ['a file that does not parse', 'a: "x\n', '2:1 does_not_parse'],
    ['a tab as indentation', 'a:\n\tb: x\n', '2:1 does_not_parse'],
    ['a Helm template', 'a: x\n{{- if .Values.b }}\nb: y\n{{- end }}\n', '2:1 template'],
    ['a value that a template fills', 'b: {{ .Values.b }}\na: x\n', '1:4 template'],
    [
      'a value that a template fills, far below',
      `${'b: {c: [x]}\n---\n'.repeat(9)}a:\n  b: [{{ .b }}]\n`,
      '20:7 template',
    ],
    ['a mapping as a key', 'a: x\n? {b: c}\n: y\n', '2:3 does_not_parse'],
    ['a bracket that is not indented', 'b: [\n  x\n]\na: x\n', '3:1 does_not_parse'],
    ['a placeholder as the target', 'a: "{{ .Values.b }}"\n', '1:4 template'],
    ['a key that is there twice', 'a: x\nb: y\na: z\n', '3:1 duplicate_key'],
    ['a key that is there twice somewhere else', 'a: x\nb: {c: 1, c: 2}\n', '2:11 duplicate_key'],
    ['a tag nobody knows', 'a: x\nb: !Ref c\n', '2:4 unknown_tag'],
    ['a number by tag', 'a: !!int 11\n', '1:4 tagged'],
    ['an alias', 'b: &t x\na: *t\n', '2:4 alias'],
    ['an anchor that is used', 'a: &t x\nb: *t\n', '1:4 alias'],
    ['an anchor that is merged', 'a: &t x\nb: {<<: {c: *t}}\n', '1:4 alias'],
    ['a mapping', 'a: {b: x}\n', '1:4 not_a_scalar'],
    ['a list', 'a:\n- x\n', '2:1 not_a_scalar'],
    ['a block of lines', 'a: |\n  x\n  y\n', '2:1 block_scalar'],
    ['a block that ends in a line break', 'a: >\n  x\n', '2:1 block_scalar'],
    ['a block that keeps its line breaks', 'a: |+\n  x\n\n', '2:1 block_scalar'],
    ['an empty value without a colon', '{a}', '1:2 not_a_scalar'],
    ['an empty value below its key', '? a\n: \n', '1:3 not_a_scalar'],
    ["a value that Flux's automation writes", 'a: x # {"$imagepolicy": "flux-system:churn"}\n', '1:4 flux_marker'],
    ['a key that is not there', 'b: x\nc: y\n', '1:1 target_missing'],
    ['a key that is there in two documents', 'a: x\n---\na: y\n', '3:4 target_ambiguous'],
    ['a key that is in no document', 'b: x\n---\nc: y\n', '1:1 target_missing'],
    ['an empty file', '', '1:1 target_missing'],
    ['a file of comments', '# nothing\n', '1:1 target_missing'],
    ['UTF-16', 'a\0:\0 \0x\0', '1:2 not_utf8'],
    ['bytes that a decoder lost', 'a: x # M\ufffdller\n', '1:9 not_utf8'],
    ['half a character', 'a: \ud83d\n', '1:4 not_utf8'],
    ['an undefined alias', 'a: x\nb: *t\n', '2:5 does_not_parse'],
    ['depth without end', `a: ${'['.repeat(200)}`, '1:103 does_not_parse'],
    ['too many aliases', `a: x\nb: &b 1\nc: [${'*b, '.repeat(1001)}]`, '3:4006 does_not_parse'],
    ['a byte-order mark does not count as a column', '\uFEFFa: {b: x}\n', '1:4 not_a_scalar'],
    ['lines end with CR too', 'b: x\r\nc: y\ra: {b: x}\n', '3:4 not_a_scalar'],
  ])('%s', (_, text, expected) => {
    expect(edited(set(text, 'a', 'v2'))).toBe(`refused ${expected}`)
  })

  test.each([
    ['through an alias', 'b: &b {c: x}\na: *b\n', 'a.c', '2:4 alias'],
    ['inside an anchor that is used', 'a: &b {c: x}\nb: *b\n', 'a.c', '1:11 alias'],
    ['inside an anchor that is merged elsewhere', 'a: &b {c: x}\nb: {<<: *b}\n', 'a.c', '1:11 merge_key'],
    ['inside one of several that are merged', 'a: &b {c: x}\nb: {<<: [*b]}\n', 'a.c', '1:11 merge_key'],
    ['a key that only a merge brings', 'b: &b {c: x}\na:\n  <<: *b\n  d: y\n', 'a.c', '3:3 merge_key'],
    ['the merge key itself', 'b: &b {c: x}\na: {<<: *b}\n', 'a.<<.c', '2:5 merge_key'],
    ['a key inside a text', 'a: |\n  b: x\n', 'a.b', '2:1 block_scalar'],
    ['a key inside a value', 'a: x\n', 'a.b', '1:4 target_missing'],
    ['a key inside nothing', 'a:\nb: x\n', 'a.b', '1:1 target_missing'],
    ['an item that is not there', 'a: [x]\n', 'a[1]', '1:4 target_missing'],
    ['an item that is there twice', 'a:\n- {n: x, v: 1}\n- {n: x, v: 2}\n', 'a[n=x].v', '3:3 target_ambiguous'],
    ['a missing parent', 'a: {b: x}\n', 'a.c.d', '1:4 target_missing'],
  ])('%s', (_, text, path, expected) => {
    expect(edited(set(text, path, 'v2'))).toBe(`refused ${expected}`)
  })

  test('says what is there instead of what is missing', () => {
    expect(set('image: {tag: x, digest: y}\n', 'image.tga', 'v2')).toEqual({
      kind: 'refused',
      refusal: {
        code: 'target_missing',
        file: 'f.yaml',
        line: 1,
        column: 8,
        reason: '`image` has no key `tga`',
        hint: 'Its keys are tag, digest. Add it once by hand, or correct the path.',
      },
    })
  })

  test.each([
    ['|', 'v2', 'ends with a line break, which the new value does not'],
    ['|+', 'v2\n\n\n', 'ends with 2 line breaks, which the new value does not'],
    ['>-', 'v2\n', 'ends without a line break (`-`), and the new value has one at its end'],
    ['|-', ' v2', 'cannot keep blanks at the start of a line'],
    ['>-', 'l1\n l2', 'cannot keep blanks at the start of a line'],
    ['|-', 'l1 \nl2', 'cannot keep blanks at the end of a line'],
    ['|-', '\nl2', 'cannot start with an empty line'],
    ['|-', 'a\tb', 'cannot hold control or invisible characters'],
    ['|-', 'a\u200bb', 'cannot hold control or invisible characters'],
    ['|', 'l1\r\nl2\n', 'cannot hold control or invisible characters'],
  ])('says why a block %s cannot hold %j', (header, value, reason) => {
    expect(set(`a: ${header}\n  x\n\nb: y\n`, 'a', value)).toMatchObject({
      refusal: { code: 'block_scalar', reason: `\`a\` is a block of text (\`|\` or \`>\`) that ${reason}`, line: 2 },
    })
  })

  test.each([
    ['a: |\n\nb: y\n', 'is empty, so nothing shows how far to indent'],
    ['a: |\n  x\n    \nb: y\n', 'ends with a line of blanks, which are part of its text'],
  ])('says why a block has no room: %j', (text, reason) => {
    expect(set(text, 'a', 'v2\n')).toMatchObject({
      refusal: { code: 'block_scalar', reason: expect.stringContaining(reason) },
    })
  })

  test.each([
    ['a line that starts with a tab', 'a:\n\tb: x\n', 2, 1],
    ['a tab behind spaces', 'a: x\nb:\n  - c\n \t- d\n', 4, 2],
    ['a tab in braces', 'a: x\nb: {\n\tc: 1}\n', 3, 1],
  ])('says that tabs are no indentation: %s', (_, text, line, column) => {
    const hint = 'Indent the line with spaces.'
    expect(set(text, 'a', 'v2')).toMatchObject({ refusal: { code: 'does_not_parse', line, column, hint } })
  })

  test('never quotes the text of a file that may hold secrets', () => {
    const result = set('password: hunter2\n  a: "x\n', 'a', 'v2')
    expect(JSON.stringify(result)).not.toContain('hunter2')
    expect(result.kind).toBe('refused')
  })

  test('a file that stands for a huge one costs no more than its size', () => {
    const start = performance.now()
    expect(edited(set(`${bomb}\nz: x\n`, 'z', 'v2'))).toBe(`${bomb}\nz: v2\n`)
    expect(performance.now() - start).toBeLessThan(500)
  })

  test('a file that is too large', () => {
    expect(edited(set(`a: x\n#${' '.repeat(MAX_MANIFEST_LENGTH)}`, 'a', 'v2'))).toBe('refused 1:1 too_large')
  })

  test.each([
    ['half a character', 'v\ud83d', 'is not valid Unicode'],
    ['a placeholder', 'v{{ .x }}', 'has `{{` in it, which templates take for a placeholder'],
  ])('a value that is no text, also where it would be new: %s', (_, value, why) => {
    const refusal = { code: 'unsupported_value', hint: 'Correct the value that the release gives.' }
    const image = (text: string) =>
      editManifest({ file: 'f.yaml', text, edits: [{ kind: 'kustomize_image', name: 'a', newTag: value }] })
    expect(set('a: x\n', 'a', value)).toMatchObject({
      refusal: { ...refusal, line: 1, column: 4, reason: `the new value for \`a\` ${why}` },
    })
    expect(image('images:\n- name: a\n')).toMatchObject({ refusal: { ...refusal, line: 2, column: 3 } })
    expect(image('images:\n- name: b\n')).toMatchObject({ refusal: { ...refusal, line: 2, column: 1 } })
  })

  test('two edits that disagree, while two that agree are one', () => {
    const edit = (value: string): ManifestEdit => ({ kind: 'yaml', values: [{ path: 'a', segments: ['a'], value }] })
    const run = (...values: readonly string[]) =>
      edited(editManifest({ file: 'f.yaml', text: 'a: x\n', edits: values.map(edit) }))
    expect(run('v2', 'v3')).toBe('refused 1:4 conflicting_edits')
    expect(run('x', 'v3')).toBe('refused 1:4 conflicting_edits')
    expect(run('v2', 'v2')).toBe('a: v2\n')
  })

  test('one refusal is enough to leave the whole file alone', () => {
    const edits: readonly ManifestEdit[] = [
      { kind: 'yaml', values: [{ path: 'a', segments: ['a'], value: 'v2' }] },
      { kind: 'yaml', values: [{ path: 'c', segments: ['c'], value: 'v2' }] },
    ]
    expect(edited(editManifest({ file: 'f.yaml', text: 'a: x\nb: y\n', edits }))).toBe('refused 1:1 target_missing')
  })
})
