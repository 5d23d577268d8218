/** Files that somebody wrote to stop whoever reads them. Each is a function, since all of them together are a gigabyte. */

/** What a document of ten megabytes and one just below the megabyte that most readers take have in common: they are full. */
const SIZES = { 'ten megabytes': 10_000_000, 'a megabyte': 999_000 } as const

const filled = (size: number, part: string, head = '', tail = ''): string =>
  head + part.repeat(Math.max(1, Math.floor((size - head.length - tail.length) / part.length))) + tail

/** Joined now and then: a million small strings would need more memory than whoever reads them. */
const numbered = (size: number, write: (index: number) => string, head = '', tail = ''): string => {
  const joined = [head]
  let parts: string[] = []
  for (let length = head.length, index = 0; length < size; index += 1) {
    const part = write(index)
    length += part.length
    parts.push(part)
    if (parts.length < 10_000) continue
    joined.push(parts.join(''))
    parts = []
  }
  return [...joined, ...parts, tail].join('')
}

const LEVELS = [...'bcdefghij']
const laughs = (open: string, close: string, item: (alias: string, index: number) => string): string =>
  [
    `a: &a ${open}${Array.from({ length: 10 }, (_, index) => item('x', index)).join(', ')}${close}`,
    ...LEVELS.map((name, level) => {
      const alias = `*${'abcdefghij'[level]} `
      return `${name}: &${name} ${open}${Array.from({ length: 10 }, (_, index) => item(alias, index)).join(', ')}${close}`
    }),
  ].join('\n')

/** Full of one thing. */
const FULL: Readonly<Record<string, (size: number) => string>> = {
  letters: (size) => filled(size, 'a'),
  keys: (size) => numbered(size, (index) => `k${index}: 1\n`),
  'keys of keys': (size) => numbered(size, (index) => `k${index}: {a: {b: {c: 1}}}\n`),
  'the same key': (size) => filled(size, 'auc: 1\n'),
  'items of a list': (size) => filled(size, '- 1\n'),
  'empty items': (size) => filled(size, '-\n'),
  'numbers in brackets': (size) => filled(size, '1,', 'a: [', ']'),
  'empty brackets': (size) => filled(size, '[],', 'a: [', ']'),
  'empty braces': (size) => filled(size, '{},', 'a: [', ']'),
  'flow keys': (size) => numbered(size, (index) => `k${index}: 1, `, 'a: {', '}'),
  'opening brackets': (size) => filled(size, '['),
  'opening braces': (size) => filled(size, '{a: '),
  dashes: (size) => filled(size, '- '),
  'question marks': (size) => filled(size, '? '),
  colons: (size) => filled(size, ': '),
  spaces: (size) => filled(size, ' ', 'a:', 'b'),
  tabs: (size) => filled(size, '\t', 'a:\n', 'b: 1'),
  'line ends': (size) => filled(size, '\n', 'a: 1', 'b: 2'),
  'carriage returns': (size) => filled(size, '\r', 'a: 1', 'b: 2'),
  comments: (size) => filled(size, '# x\n', 'a: 1\n'),
  documents: (size) => filled(size, '---\na: 1\n'),
  directives: (size) => filled(size, '%YAML 1.2\n'),
  'tags of other languages': (size) => filled(size, '- !!python/object/apply:os.system ["id"]\n'),
  'binary tags': (size) => filled(size, '- !!binary aGVsbG8=\n'),
  'number tags': (size) => filled(size, '- !!int 1\n'),
  'a tag': (size) => filled(size, 'a', 'a: !<tag:', '> 1'),
  anchors: (size) => numbered(size, (index) => `- &a${index} 1\n`),
  'aliases of one anchor': (size) => filled(size, '- *a\n', 'a: &a 1\nb:\n'),
  'aliases of nothing': (size) => filled(size, '- *a\n'),
  'merge keys': (size) => filled(size, '- {<<: *a}\n', 'a: &a {b: 1}\nc:\n'),
  'merge keys of each other': (size) =>
    numbered(size, (index) => `m${index + 1}: &m${index + 1} {<<: *m${index}, k${index}: 1}\n`, 'm0: &m0 {a: 1}\n'),
  'a merge of many': (size) => filled(size, '*a, ', 'a: &a {b: 1}\nc:\n  <<: [', ']'),
  'single quotes': (size) => filled(size, "''", "a: '", "'"),
  'double quotes': (size) => filled(size, '\\"', 'a: "', '"'),
  escapes: (size) => filled(size, '\\u00e9', 'a: "', '"'),
  'a text of lines': (size) => filled(size, '  x\n', 'a: |\n'),
  'a folded text of empty lines': (size) => filled(size, '\n', 'a: >\n  x', '  y\n'),
  'poisoned keys': (size) => filled(size, '- __proto__: {polluted: 1}\n  constructor: {prototype: {polluted: 1}}\n'),
  digits: (size) => filled(size, '9', 'a: '),
  'digits with underscores': (size) => filled(size, '1_', 'a: 0x'),
  NUL: (size) => filled(size, '\0', 'a: 1\n'),
  'marks of byte order': (size) => filled(size, '\ufeff'),
  'halves of characters': (size) => filled(size, '\ud800', 'a: "', '"'),
  templates: (size) => filled(size, '{{ model.name }}', 'a: "', '"'),
  'JSON of numbers': (size) => filled(size, '1,', '{"a":[', '0]}'),
  'JSON of names': (size) => numbered(size, (index) => `"k${index}":${index},`, '{', '"z":0}'),
  'JSON of one name': (size) => filled(size, '"auc":1,', '{', '"auc":0}'),
  'JSON of objects': (size) => filled(size, '{"a":{}},', '[', '0]'),
  'JSON of NaN': (size) => filled(size, 'NaN,', '{"a":[', 'NaN]}'),
  'JSON of quotes': (size) => filled(size, '\\"', '{"a":"', '"}'),
  'JSON with poisoned keys': (size) =>
    filled(size, '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},', '{"tests":[', '{}]}'),
  'a table of columns': (size) => `${numbered(size / 2, (index) => `c${index},`)}z\n${filled(size / 4, '1,')}1\n`,
  'a table of rows': (size) => filled(size, '1,2\n', 'a,b\n'),
  'a table of quotes': (size) => filled(size, '""', '"', '",b\n1,2\n'),
}

/** Small, and worse. */
const DEEP: Readonly<Record<string, () => string>> = {
  'a billion laughs': () => laughs('[', ']', (alias) => alias),
  'a billion laughing keys': () => laughs('{', '}', (alias, index) => `k${index}: ${alias}`),
  'merges of a billion laughs': () =>
    laughs('{', '}', (alias, index) =>
      alias === 'x' ? `k${index}: 1` : index > 0 ? `k${index}: ${alias}` : `<<: ${alias}`,
    ),
  'an alias of itself': () => 'a: &a [*a]\n',
  'a merge of itself': () => 'a: &a {<<: *a}\n',
  'a hundred thousand brackets': () => `a: ${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  'a hundred thousand braces': () => `${'{a: '.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'a hundred thousand dashes': () => `${'- '.repeat(100_000)}1`,
  'two thousand indentations': () => Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  'a hundred thousand levels of JSON': () => `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'a hundred thousand lists of JSON': () => `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  'a mark of byte order, NUL and a tab': () => '\ufeffa: 1\0\n\tb: 2\n',
  nothing: () => '',
  'a number': () => '1',
  null: () => 'null',
}

/** By what a person would call it. */
export const BOMBS: ReadonlyMap<string, () => string> = new Map([
  ...Object.entries(FULL).flatMap(([name, write]) =>
    Object.entries(SIZES).map(([size, bytes]) => [`${size} of ${name}`, () => write(bytes)] as const),
  ),
  ...Object.entries(DEEP),
])
