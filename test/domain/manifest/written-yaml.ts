/** Random YAML as people write it, with a record of where each scalar stands. The writer shares no code with the editor. */
import fc from 'fast-check'

type Scalar = {
  readonly is: 'scalar'
  /** An alias repeats the anchored scalar before it in its document. */
  readonly style: 'plain' | 'single' | 'double' | 'block' | 'alias'
  readonly text: string
  readonly anchor: boolean
  /** Of a block: `|` or `>`, an indentation indicator or none, and `-`, `+` or neither with the blank lines behind it. */
  readonly header?: Header
}
type Header = {
  readonly sign: '|' | '>'
  readonly indicator: boolean
  readonly chomping: '' | '-' | '+'
  readonly blankLines: number
}
type Layout = {
  readonly flow: boolean
  readonly step: number
  readonly gap: string
  readonly trail: string
  readonly above: string
}
type List = Layout & { readonly is: 'list'; readonly items: readonly Tree[] }
type Mapping = Layout & { readonly is: 'mapping'; readonly keys: readonly string[]; readonly items: readonly Tree[] }
type Tree = Scalar | List | Mapping

/** A scalar as written: `text.slice(start, end)` is it, quotes included. */
export type WrittenScalar = {
  readonly segments: readonly string[]
  readonly start: number
  readonly end: number
  readonly style: Scalar['style']
  readonly value: string
  /** Its anchor, which aliases may use. */
  readonly anchor: string | undefined
}

export type WrittenYaml = {
  readonly text: string
  readonly scalars: readonly WrittenScalar[]
  /** Anchors that an alias uses. */
  readonly repeated: ReadonlySet<string>
}

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

const layout = {
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
      arbitrary: fc.record({ is: fc.constant('list'), items: fc.array(tie('tree'), { maxLength: 4 }), ...layout }),
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

const PLAIN_HEADER: Header = { sign: '|', indicator: false, chomping: '-', blankLines: 0 }

/** One or more documents; a scalar of each is under a top-level key that no other document has. */
export const writtenYaml: fc.Arbitrary<WrittenYaml> = fc
  .record({
    documents: fc.array(mappingOf(tree, 1), { minLength: 1, maxLength: 3 }),
    newline: fc.constantFrom('\n', '\n', '\r\n'),
    mark: fc.constantFrom('', '', '\uFEFF'),
    opening: fc.constantFrom('', '---\n', '# head\n---\n', '%YAML 1.2\n---\n'),
    closing: fc.constantFrom('\n', '', '\n\n', '\n...\n', '\n# end'),
  })
  .map(({ documents, newline, mark, opening, closing }) => {
    const writer = new Writer(newline)
    writer.put(mark + opening)
    for (const [index, document] of documents.entries()) {
      if (index > 0) writer.put('\n---\n')
      writer.document({ ...document, keys: document.keys.map((key) => `${key}.doc${index}`) })
    }
    writer.close(closing)
    return { text: writer.text, scalars: writer.scalars, repeated: writer.repeated }
  })
  .filter(({ scalars }) => scalars.length > 0)

class Writer {
  text = ''
  readonly scalars: WrittenScalar[] = []
  readonly repeated = new Set<string>()
  private lastAnchored: WrittenScalar | undefined
  private readonly newline: string
  private belowBlock = false

  constructor(newline: string) {
    this.newline = newline
  }

  put(text: string): void {
    this.text += text.replaceAll('\n', this.newline)
  }

  /** The end of the file; a block needs exactly one more line break. */
  close(closing: string): void {
    this.put(this.belowBlock && closing.trim() === '' ? '\n' : closing)
  }

  document(root: Mapping): void {
    this.belowBlock = false
    this.lastAnchored = undefined
    if (root.flow) this.flow(root, [])
    else this.blockMapping(root, [], { indent: 0, first: true })
  }

  private blockMapping(
    node: Mapping,
    path: readonly string[],
    at: { readonly indent: number; readonly first: boolean },
  ): void {
    for (const [index, item] of node.items.entries()) {
      const key = node.keys[index] ?? ''
      if (index > 0 || !at.first) this.put(`\n${this.above(node)}${' '.repeat(at.indent)}`)
      this.put(`${writtenKey(key)}:`)
      this.entryValue(item, [...path, key], { indent: at.indent, node })
    }
  }

  private blockList(node: List, path: readonly string[], indent: number): void {
    for (const [index, item] of node.items.entries()) {
      this.put(`\n${this.above(node)}${' '.repeat(indent)}-`)
      const segments = [...path, String(index)]
      if (item.is === 'mapping' && !item.flow && item.items.length > 0) {
        this.put(' '.repeat(node.step))
        this.blockMapping(item, segments, { indent: indent + 1 + node.step, first: true })
      } else this.entryValue(item, segments, { indent, node })
    }
  }

  private entryValue(
    item: Tree,
    path: readonly string[],
    within: { readonly indent: number; readonly node: List | Mapping },
  ): void {
    const { indent, node } = within
    if (item.is === 'scalar' && item.style === 'block')
      this.blockScalar(item, path, {
        indent: indent + node.step,
        parent: indent,
        trail: node.trail,
      })
    else if (item.is === 'scalar') {
      this.put(node.gap)
      this.scalar(item, path)
      this.put(node.trail)
    } else if (item.flow || item.items.length === 0) {
      // js-yaml refuses a tab before `{` or `[`, which YAML allows.
      this.put(node.gap.replace('\t', ''))
      this.flow(item, path)
      this.put(node.trail)
    } else if (item.is === 'list') {
      this.put(node.trail)
      this.blockList(item, path, indent + node.step)
    } else {
      this.put(node.trail)
      this.blockMapping(item, path, { indent: indent + node.step, first: false })
    }
  }

  private blockScalar(
    item: Scalar,
    path: readonly string[],
    at: { readonly indent: number; readonly parent: number; readonly trail: string },
  ): void {
    const { sign, indicator, chomping, blankLines } = item.header ?? PLAIN_HEADER
    const step = at.indent - at.parent
    this.put(
      ` ${item.anchor ? `&anchor${this.scalars.length} ` : ''}${sign}${indicator ? step : ''}${chomping}${at.trail}\n`,
    )
    this.put(' '.repeat(at.indent))
    // A folded line break is written as two.
    const lines = (sign === '>' ? item.text.replace(/\n+/g, '\n$&') : item.text).split('\n')
    const source = lines.map((line, index) => (index === 0 || line === '' ? line : ' '.repeat(at.indent) + line))
    const ending = chomping === '-' ? '' : '\n'.repeat(chomping === '+' ? blankLines + 1 : 1)
    this.record(path, { ...item, text: item.text + ending }, source.join('\n'))
    this.put('\n'.repeat(blankLines))
    this.belowBlock = true
  }

  /** What may stand above the next entry: blank lines and indented comments behind a block would be its text. */
  private above(node: Layout): string {
    const isBelow = this.belowBlock
    this.belowBlock = false
    return isBelow && !node.above.startsWith('#') ? '' : node.above
  }

  private flow(node: List | Mapping, path: readonly string[]): void {
    const [open, close] = node.is === 'mapping' ? ['{', '}'] : ['[', ']']
    this.put(open)
    for (const [index, item] of node.items.entries()) {
      if (index > 0) this.put(node.step > 2 ? `,\n${' '.repeat(30)}` : ', ')
      const key = node.is === 'mapping' ? (node.keys[index] ?? '') : String(index)
      if (node.is === 'mapping') this.put(`${writtenKey(key)}: `)
      if (item.is === 'scalar')
        this.scalar(item.style === 'block' ? { ...item, style: 'double' } : item, [...path, key])
      else this.flow(item, [...path, key])
    }
    this.put(close)
  }

  private scalar(item: Scalar, path: readonly string[]): void {
    const repeats = item.style === 'alias' ? this.lastAnchored : undefined
    if (repeats?.anchor !== undefined) {
      this.repeated.add(repeats.anchor)
      this.record(path, { ...item, text: repeats.value }, `*${repeats.anchor}`)
      return
    }
    if (item.anchor) this.put(`&anchor${this.scalars.length} `)
    this.record(path, item.style === 'alias' ? { ...item, style: 'plain' } : item, written(item))
  }

  private record(segments: readonly string[], item: Scalar, source: string): void {
    const start = this.text.length
    this.put(source)
    const anchor = item.anchor ? `anchor${this.scalars.length}` : undefined
    const scalar = { segments, start, end: this.text.length, style: item.style, value: item.text, anchor }
    if (item.anchor) this.lastAnchored = scalar
    this.scalars.push(scalar)
  }
}

function writtenKey(key: string): string {
  return /^[\w.-]+$/.test(key) ? key : JSON.stringify(key)
}

function written(item: Scalar): string {
  if (item.style === 'plain' || item.style === 'alias') return item.text
  return item.style === 'single' ? `'${item.text.replaceAll("'", "''")}'` : JSON.stringify(item.text)
}
