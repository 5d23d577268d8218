/** What a file looks like after an edit: its own style, and every other byte as it was. */
import { describe, expect, test } from 'vitest'
import { edited, set } from './support.ts'

describe('the new value', () => {
  test.each([
    ['plain', 'a: x\n', 'v2', 'a: v2\n'],
    ['double quoted', 'a: "x"\n', 'v2', 'a: "v2"\n'],
    ['single quoted', "a: 'x'\n", 'v2', "a: 'v2'\n"],
    ['plain in flow', '{a: x, b: y}\n', 'v2', '{a: v2, b: y}\n'],
    ['JSON', '{"a":"x","b":1}', 'v2', '{"a":"v2","b":1}'],
    ['unquoted in tight JSON', '{"a":x}', 'v,2', '{"a":"v,2"}'],
    ['plain over two lines', 'a: x\n  y\nb: z\n', 'v2', 'a: v2\nb: z\n'],
    ['quoted over two lines', 'a: "x\n  y"\nb: z\n', 'v2', 'a: "v2"\nb: z\n'],
    ['on the next line', 'a:\n  x # c\nb: z\n', 'v2', 'a:\n  v2 # c\nb: z\n'],
    ['folded without end', 'a: >-\n  x\nb: z\n', 'v2', 'a: >-\n  v2\nb: z\n'],
    ['literal without end', 'a: |-\n    x\n\nb: z\n', 'v2 # 3', 'a: |-\n    v2 # 3\n\nb: z\n'],
    ['literal with indicator', 'a: |2-\n  x\nb: z\n', 'v2', 'a: |2-\n  v2\nb: z\n'],
    ['literal with one line break', 'a: |\n  x\nb: z\n', 'v2\n', 'a: |\n  v2\nb: z\n'],
    [
      'literal of several lines',
      'a: |\n  x\n   y\n\nb: z\n',
      'l1\n\n  l2\nl3\n',
      'a: |\n  l1\n\n    l2\n  l3\n\nb: z\n',
    ],
    ['literal that becomes one line', 'a: |\n  x\n  y\nb: z\n', 'v2\n', 'a: |\n  v2\nb: z\n'],
    ['literal that keeps its line breaks', 'a: |+ # c\n  x\n\n\nb: z\n', 'v2\n\n\n', 'a: |+ # c\n  v2\n\n\nb: z\n'],
    ['literal with indicator and leading blanks', 'a: |2\n    x\n  y\n', 'v2\n', 'a: |2\n  v2\n'],
    ['literal below empty lines', 'a: |-\n\n\n  x\nb: z\n', 'v2', 'a: |-\n  v2\nb: z\n'],
    ['literal with CRLF', 'a: |\r\n  x\r\n  y\r\nb: z\r\n', 'l1\nl2\n', 'a: |\r\n  l1\r\n  l2\r\nb: z\r\n'],
    ['literal at the end without line break', 'a: |\n  x', 'v2\n', 'a: |\n  v2'],
    ['literal with an anchor and a tag', 'a: &t !!str |-\n  x\n', '12', 'a: &t !!str |-\n  12\n'],
    ['folded of several lines', 'a: >-\n  x\n  y\n# c\n', 'l1\nl2\n\nl3', 'a: >-\n  l1\n\n  l2\n\n\n  l3\n# c\n'],
    ['folded with more indented lines', 'a: >\n  x\n    y\nb: z\n', 'v2\n', 'a: >\n  v2\nb: z\n'],
    ['tagged as string', 'a: !!str 11\n', '12', 'a: !!str "12"\n'],
    ['anchored, but used nowhere', 'a: &t x\n', 'v2', 'a: &t v2\n'],
    ['empty', 'a:\nb: z\n', 'v2', 'a: v2\nb: z\n'],
    ['empty with comment', 'a:   # none yet\n', 'v2', 'a: v2   # none yet\n'],
    ['empty at the end', 'a:', 'v2', 'a: v2'],
    ['empty in flow', '{b: z, a: }', 'v2', '{b: z, a: v2 }'],
    ['empty with anchor', 'a: &t\n', 'v2', 'a: &t v2\n'],
    ['empty quotes', 'a: ""\n', 'v2', 'a: "v2"\n'],
    ['explicit key', '? a\n: x\n', 'v2', '? a\n: v2\n'],
    ['a number before', 'a: 11\n', 'v12', 'a: v12\n'],
    ['null before', 'a: ~\n', 'v12', 'a: v12\n'],
  ])('keeps the style: %s', (_, before, value, after) => {
    expect(edited(set(before, 'a', value))).toBe(after)
  })

  test.each([
    ['1.10'],
    ['11'],
    ['-1'],
    ['+1'],
    ['.5'],
    ['1e3'],
    ['685e230'],
    ['0x1F'],
    ['0o17'],
    ['017'],
    ['0b11'],
    ['1_000'],
    ['1_0.5e3'],
    ['0X1F'],
    ['0o1_7'],
    ['1:30'],
    ['.inf'],
    ['.NaN'],
    ['yes'],
    ['No'],
    ['y'],
    ['on'],
    ['true'],
    ['null'],
    ['~'],
    ['='],
    ['<<'],
    ['2024-01-01'],
    ['2001-12-14t21:59:43.10-05:00'],
    ['@x'],
    ['`x'],
    ['%x'],
    ['&x'],
    ['*x'],
    ['!x'],
    ['#x'],
    ['|x'],
    ['>x'],
    ['- x'],
    ['-'],
    ['? x'],
    ['a: b'],
    ['a:'],
    ['a #b'],
    [' x'],
    ['x '],
    ['[x'],
    ['{x}'],
    [''],
  ])('%s is quoted where it stood plain, since it would not be that text', (value) => {
    expect(edited(set('a: x # c\nb: z\n', 'a', value))).toBe(`a: "${value}" # c\nb: z\n`)
  })

  test.each([['a, b'], ['a]'], ['x}'], ['[a'], ['a,']])('%s is quoted in flow style only', (value) => {
    expect(edited(set('{a: x, b: z}', 'a', value))).toBe(`{a: "${value}", b: z}`)
    if (!value.startsWith('[')) expect(edited(set('a: x\nb: z\n', 'a', value))).toBe(`a: ${value}\nb: z\n`)
  })

  test.each([
    ['s3://b/k@v?x=1&y=2#z'],
    ['sha256:ab'],
    ['v1.2.3'],
    ['3f9c2e1d'],
    ['a:b'],
    ['größe 模型 🚀'],
    ["it's"],
    ['a"b'],
  ])('%s stays plain', (value) => {
    expect(edited(set('a: x\n', 'a', value))).toBe(`a: ${value}\n`)
  })

  test.each([
    ['single quotes in single quotes', "a: 'x'\n", "it's", "a: 'it''s'\n"],
    ['double quotes in double quotes', 'a: "x"\n', 'a"b\\c', 'a: "a\\"b\\\\c"\n'],
    ['single quotes where double ones would need escapes', 'a: x\n', '"q" #', 'a: \'"q" #\'\n'],
    ['a line break', "a: 'x'\n", 'l1\nl2', 'a: "l1\\nl2"\n'],
    ['CR and tab', 'a: x\n', 'l1\r\n\tl2', 'a: "l1\\r\\n\\tl2"\n'],
    ['NUL and escape', 'a: x\n', '\0\u001b', 'a: "\\x00\\x1b"\n'],
    ['line separators', 'a: x\n', 'a\u2028b\u0085c', 'a: "a\\u2028b\\x85c"\n'],
    ['invisible characters', 'a: "x"\n', 'a\u200b\u202e\ufeff\u00a0b', 'a: "a\\u200b\\u202e\\ufeff\\xa0b"\n'],
    ['invisible characters beyond 16 bits', 'a: x\n', 'a\u{e0041}', 'a: "a\\U000e0041"\n'],
  ])('is escaped: %s', (_, before, value, after) => {
    expect(edited(set(before, 'a', value))).toBe(after)
  })
})

const AWKWARD = ['1.10', '0x1F', 'yes', 'null', '2024-01-01', '1e3', '@x', 'a: b', 'a #b', '- x', '{x}', 'größe 🚀']

describe.each([
  ['single quotes', "a: 'x' # c\n", (value: string) => `a: '${value}' # c\n`],
  ['double quotes', 'a: "x" # c\n', (value: string) => `a: "${value}" # c\n`],
  ['a literal', 'a: |- # c\n    x\n', (value: string) => `a: |- # c\n    ${value}\n`],
  ['a folded text', 'a: >-\n  x\n \n', (value: string) => `a: >-\n  ${value}\n \n`],
  ['quotes in braces', '{a: "x",b: y}\n', (value: string) => `{a: "${value}",b: y}\n`],
])('%s need no other form', (_, before, after) => {
  test.each(AWKWARD)('for %s', (value) => {
    expect(edited(set(before, 'a', value))).toBe(after(value))
  })
})

describe('everything around the new value', () => {
  test.each([
    ['CRLF', 'b: z\r\na: x\r\nc: y\r\n', 'b: z\r\na: v2\r\nc: y\r\n'],
    ['document end markers', 'b: z\n...\n---\na: x\n...\n# end\n', 'b: z\n...\n---\na: v2\n...\n# end\n'],
    [
      'documents before and behind',
      '---\nb: z\n---\na: x\n---\n# none\n---\nc: y',
      '---\nb: z\n---\na: v2\n---\n# none\n---\nc: y',
    ],
    ['lone CR', 'b: z\ra: x\rc: y\r', 'b: z\ra: v2\rc: y\r'],
    ['a byte-order mark', '\uFEFFa: x\n', '\uFEFFa: v2\n'],
    ['no line break at the end', 'b: z\na: x', 'b: z\na: v2'],
    ['trailing blanks', 'a: x   \nb: z  \n\n\n', 'a: v2   \nb: z  \n\n\n'],
    ['tabs before and in a comment', 'a: x\t#\tc\n', 'a: v2\t#\tc\n'],
    ['comments that look like YAML', '# a: x\na: x # a: x\n', '# a: x\na: v2 # a: x\n'],
    ['document markers', '%YAML 1.2\n---\na: x\n...\n', '%YAML 1.2\n---\na: v2\n...\n'],
    ['a text that holds the same key', 'b: |\n  a: x\na: x\n', 'b: |\n  a: x\na: v2\n'],
    ['non-ASCII', 'ключ: "значение"\n🚀: ✔\na: x # 模型\n', 'ключ: "значение"\n🚀: ✔\na: v2 # 模型\n'],
    ['anchors elsewhere', 'b: &b {c: d}\ne: *b\na: x\n', 'b: &b {c: d}\ne: *b\na: v2\n'],
    ['a cycle elsewhere', 'b: &b [*b]\na: x\n', 'b: &b [*b]\na: v2\n'],
    ['merge keys beside it', 'b: &b {a: 1}\nc: {<<: *b}\na: x\n', 'b: &b {a: 1}\nc: {<<: *b}\na: v2\n'],
    ['odd spacing', 'a   :    x\n', 'a   :    v2\n'],
    [
      'keys of other types',
      '1: z\ntrue: z\nnull: z\n~: y\n0x10: z\na: x\n'.replace('~: y\n', ''),
      '1: z\ntrue: z\nnull: z\n0x10: z\na: v2\n',
    ],
  ])('is left alone: %s', (_, before, after) => {
    expect(edited(set(before, 'a', 'v2'))).toBe(after)
  })

  test('a key that overrides a merged one is its own', () => {
    const before = 'base: &b {tag: x}\napp:\n  <<: *b\n  tag: y\n'
    expect(edited(set(before, 'app.tag', 'v2'))).toBe('base: &b {tag: x}\napp:\n  <<: *b\n  tag: v2\n')
  })

  test('list items are found by index and by a key of theirs', () => {
    const before = 'c:\n- name: a\n  image: x\n- {name: b, image: x}\nargs: [--m, x]\n'
    expect(edited(set(before, 'c[name=b].image', 'v2'))).toBe(before.replace('b, image: x', 'b, image: v2'))
    expect(edited(set(before, 'c[0].image', 'v2'))).toBe(before.replace('  image: x', '  image: v2'))
    expect(edited(set(before, 'args[1]', 'v2'))).toBe(before.replace('--m, x]', '--m, v2]'))
  })

  test('keys of other types are named as they are written', () => {
    expect(edited(set('0x10: x\n', '0x10', 'v2'))).toBe('0x10: v2\n')
    expect(edited(set('true: x\n', 'true', 'v2'))).toBe('true: v2\n')
    expect(edited(set('__proto__: {a: x}\n', '__proto__.a', 'v2'))).toBe('__proto__: {a: v2}\n')
  })
})

describe('a value that is already there', () => {
  test.each([
    ['plain', 'a: v2\n'],
    ['quoted', "a: 'v2'\n"],
    ['repeated by an alias', 'a: &t v2\nb: *t\n'],
    ['in a block', 'a: >-\n  v2\n'],
  ])('changes nothing: %s', (_, text) => {
    expect(set(text, 'a', 'v2')).toMatchObject({
      kind: 'unchanged',
      changes: [],
      alreadyThere: [{ path: 'a', value: 'v2' }],
    })
  })

  test('is not there as long as readers see a number or a boolean', () => {
    expect(edited(set('a: 11\n', 'a', '11'))).toBe('a: "11"\n')
    expect(edited(set('a: yes\n', 'a', 'yes'))).toBe('a: "yes"\n')
  })
})
