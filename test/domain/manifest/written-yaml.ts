/** Random YAML as people write it, with a record of where each scalar stands. yaml-writer.ts writes it. */
import fc from 'fast-check'
import { type Frame, type Mapping, type Scalar, type Tree, type WrittenYaml, writeDocuments } from './yaml-writer.ts'

const KEYS = ['image', 'tag', 'a b', 'lockkeeper.dev/release', 'ключ', 'x-y_z', 'on', '1', 'storageUri', "it's"]
const WORDS = [
  'x',
  'v1.2.3',
  's3://m/churn/11',
  'a: b',
  'a # b',
  '',
  "it's",
  'say "hi"',
  '11',
  'yes',
  'größe 🚀',
  '- x',
  '{{',
  'C:\\m',
  ' x ',
]
const PLAIN = [
  'x',
  'v1.2.3',
  's3://m/churn/11',
  "it's",
  'a"b',
  '11',
  'yes',
  'größe',
  'two words',
  '~',
  '0x1F',
  'a:b',
  'a#b',
]
const BLOCK = ['x', 'a: b', '# no comment', "it's", '{a: b}', '- x', 'l1\nl2', 'l1\n\nl2\n# l3', 'größe: 🚀\n- x']

/** Of a block or flow collection. */
export const layout = {
  flow: fc.boolean(),
  step: fc.integer({ min: 1, max: 4 }),
  gap: fc.constantFrom(' ', ' ', '  ', ' \t'),
  trail: fc.constantFrom('', '', '  ', ' # c', '\t# image: x', '   # "'),
  above: fc.constantFrom('', '', '\n', '# image: y\n', '   # indented\n\n'),
}
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.record({
    is: fc.constant('scalar'),
    style: fc.constant('plain'),
    text: fc.constantFrom(...PLAIN),
    anchor: fc.boolean(),
  }),
  fc.record({
    is: fc.constant('scalar'),
    style: fc.constantFrom('single', 'double'),
    text: fc.constantFrom(...WORDS),
    anchor: fc.boolean(),
  }),
  fc.record({
    is: fc.constant('scalar'),
    style: fc.constant('alias'),
    text: fc.constant('x'),
    anchor: fc.constant(false),
  }),
  fc.record({
    is: fc.constant('scalar'),
    style: fc.constant('block'),
    text: fc.constantFrom(...BLOCK),
    anchor: fc.boolean(),
    header: fc.record({
      sign: fc.constantFrom('|', '>'),
      indicator: fc.boolean(),
      chomping: fc.constantFrom('-', '-', '', '+'),
      blankLines: fc.integer({ min: 0, max: 2 }),
    }),
  }),
)
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    {
      weight: 1,
      arbitrary: fc.record({
        is: fc.constant('list'),
        items: fc.array(tie('tree'), { maxLength: 4 }),
        margin: fc.boolean(),
        ...layout,
      }),
    },
    { weight: 2, arbitrary: mappingOf(tie('tree'), 0) },
  ),
}))

function mappingOf(items: fc.Arbitrary<Tree>, minLength: number): fc.Arbitrary<Mapping> {
  const entries = fc.uniqueArray(fc.tuple(fc.constantFrom(...KEYS), items), {
    minLength,
    maxLength: 5,
    selector: ([key]) => key,
  })
  return fc.record({ entries, ...layout }).map(({ entries, ...rest }) => ({
    is: 'mapping' as const,
    keys: entries.map(([key]) => key),
    items: entries.map(([, item]) => item),
    ...rest,
  }))
}

/** How files begin, go on and end. */
export const frame: fc.Arbitrary<Frame> = fc.record({
  newline: fc.constantFrom('\n', '\n', '\r\n'),
  mark: fc.constantFrom('', '', '\uFEFF'),
  opening: fc.constantFrom('', '---\n', '# head\n---\n', '%YAML 1.2\n---\n'),
  between: fc.constantFrom('\n---\n', '\n---\n', '\n...\n---\n', '\n...\n# next\n---   # this\n', '\n--- # none\n'),
  closing: fc.constantFrom('\n', '', '\n\n', '\n...\n', '\n# end'),
})

/** One or more documents; a scalar of each is under a top-level key that no other document has. */
export const writtenYaml: fc.Arbitrary<WrittenYaml> = fc
  .tuple(fc.array(mappingOf(tree, 1), { minLength: 1, maxLength: 3 }), frame)
  .map(([documents, file]) => {
    const named = documents.map((document, index) => ({
      ...document,
      keys: document.keys.map((key) => `${key}.doc${index}`),
    }))
    return writeDocuments(named, file)
  })
  .filter(({ scalars }) => scalars.length > 0)
