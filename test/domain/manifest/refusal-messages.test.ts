/** What people read when a file is not edited: the place, the reason, and what to do. refusals.test.ts has more cases of each. */
import { describe, expect, test } from 'vitest'
import { editManifest, parsePath } from '../../../src/domain/manifest/index.ts'

type Row = readonly [what: string, text: string, path: string, place: string, reason: string, hint: string]

const ROWS: readonly Row[] = [
  [
    'a quote that stays open',
    'a: "x\n',
    'a',
    '2:1',
    'a quote or bracket that opens above is never closed',
    'Close it.',
  ],
  [
    'a bracket that is not indented',
    'a: [\n  x\n]\nb: y\n',
    'b',
    '3:1',
    'it does not parse: deficient indentation',
    'Indent every further line of a value more than its key: inside {} and [], the closing bracket too, and inside quotes.',
  ],
  [
    'other text than YAML',
    'a: x\nb: y: z\n',
    'a',
    '2:5',
    'it does not parse: bad indentation of a mapping entry',
    'Correct the file first; nothing is written to a file that does not parse.',
  ],
  [
    'a tab that indents',
    'a:\n\tb: x\n',
    'a.b',
    '2:1',
    'a tab indents this line, and YAML allows only spaces there',
    'Indent the line with spaces.',
  ],
  [
    'a key that is there twice, anywhere',
    'a: x\nb: {c: 1, c: 2}\n',
    'a',
    '2:11',
    'a key is there twice, and readers disagree about which one counts',
    'Remove one of the two.',
  ],
  [
    'an alias',
    'b: &t x\na: *t\n',
    'a',
    '2:4',
    '`a` is the alias *t: its value is written at &t and used there too',
    'Write the value out in this place.',
  ],
  [
    'an anchor that an alias uses',
    'a: &t x\nb: *t\n',
    'a',
    '1:4',
    '`a` is repeated in another place through *t, which would change too',
    'Write the values out where the alias is.',
  ],
  [
    'what a merge key brings',
    'b: &b {c: x}\na:\n  <<: *b\n',
    'a.c',
    '3:3',
    '`a.c` comes in through the merge key `<<`, so it is written for other places too',
    'Write the key out in this place.',
  ],
  [
    'what is merged elsewhere',
    'a: &b {c: x}\nb: {<<: *b}\n',
    'a.c',
    '1:11',
    '`a.c` is merged into another place through *b, which would change too',
    'Write the values out where the alias is.',
  ],
  [
    'a template of Helm',
    'a: x\n{{- if .Values.b }}\nb: y\n{{- end }}\n',
    'a',
    '2:1',
    'template placeholders make it something other than YAML (missed comma between flow collection entries)',
    'Name the values file that the template reads instead.',
  ],
  [
    'a placeholder in quotes',
    'a: "{{ .Values.b }}"\n',
    'a',
    '1:4',
    '`a` is a template placeholder, which something else fills in',
    'Name the file that its value comes from instead.',
  ],
  [
    'a block that holds YAML',
    'a: |\n  b: x\n',
    'a.b',
    '2:1',
    '`a` is a block of text; what looks like keys inside it is not YAML of this file',
    'Move the value out of the block, or edit the file by hand.',
  ],
  [
    'a path that is in two documents',
    'a: x\n---\na: y\n',
    'a',
    '3:4',
    '`a` is there in more than one document',
    'Name the document by its kind and name, or keep the value in a file of its own.',
  ],
  [
    'an item that is there twice',
    'a:\n- {n: x, v: 1}\n- {n: x, v: 2}\n',
    'a[n=x].v',
    '3:3',
    '`a[n=x]` is there 2 times',
    'Leave one of them, or name the item by its index.',
  ],
  [
    'a key that is not there',
    'a: {b: x}\n',
    'a.c',
    '1:4',
    '`a` has no key `c`',
    'Its keys are b. Add it once by hand, or correct the path.',
  ],
  [
    'a tag that nobody here knows',
    'a: x\nb: !Ref c\n',
    'a',
    '2:4',
    'unknown scalar tag !<!Ref>',
    'Only the tags of YAML itself are understood; move the value to a file without such tags.',
  ],
  [
    'a tag that makes it a number',
    'a: !!int 11\n',
    'a',
    '1:4',
    '`a` carries the tag !!int, which makes it something other than a string',
    'Remove the tag.',
  ],
  ['UTF-16', 'a\0:\0 \0x\0', 'a', '1:2', 'it is not UTF-8 text', 'Save the file as UTF-8.'],
  ['a mapping', 'a: {b: x}\n', 'a', '1:4', '`a` is a mapping, not a single value', 'Name one of the values in it.'],
  [
    'a value that Flux writes',
    'a: x # {"$imagepolicy": "f:churn:tag"}\n',
    'a',
    '1:4',
    "`a` is marked for Flux's image automation, which would overwrite it",
    'Remove the `$imagepolicy` marker, or leave the value to Flux.',
  ],
]

describe('a refusal says where, why and what to do', () => {
  test.each(ROWS)('about %s', (_, text, path, place, reason, hint) => {
    const parsed = parsePath(path)
    if (!parsed.ok) throw new Error(parsed.problem.reason)
    const values = [{ path, segments: parsed.segments, value: 'v2' }]
    const result = editManifest({ file: 'prod/churn.yaml', text, edits: [{ kind: 'yaml', values }] })
    const [line, column] = place.split(':').map(Number)
    const { code: _code, ...refusal } = result.kind === 'refused' ? result.refusal : { code: result.kind }
    expect(refusal).toEqual({ file: 'prod/churn.yaml', line, column, reason, hint })
  })
})
