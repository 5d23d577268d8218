/** Writes trees as YAML text and records where each scalar stands. Shares no code with the editor. written-yaml.ts and written-manifest.ts make the trees. */

export type Scalar = {
  readonly is: 'scalar'
  /** An alias repeats the anchored scalar before it in its document. */
  readonly style: 'plain' | 'single' | 'double' | 'block' | 'alias'
  readonly text: string
  readonly anchor: boolean
  /** Of a block: `|` or `>`, an indentation indicator or none, and `-`, `+` or neither with the blank lines behind it. */
  readonly header?: Header
}
export type Header = {
  readonly sign: '|' | '>'
  readonly indicator: boolean
  readonly chomping: '' | '-' | '+'
  readonly blankLines: number
}
export type Layout = {
  readonly flow: boolean
  readonly step: number
  readonly gap: string
  readonly trail: string
  readonly above: string
}
/** `margin`: in a block mapping its dashes stand under the key. */
export type List = Layout & { readonly is: 'list'; readonly items: readonly Tree[]; readonly margin?: boolean }
export type Mapping = Layout & {
  readonly is: 'mapping'
  readonly keys: readonly string[]
  readonly items: readonly Tree[]
}
export type Tree = Scalar | List | Mapping

/** A scalar as written: `text.slice(start, end)` is it, quotes included. */
export type WrittenScalar = {
  /** Index of its document. */
  readonly document: number
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

const PLAIN_HEADER: Header = { sign: '|', indicator: false, chomping: '-', blankLines: 0 }

/** How a file begins, goes on and ends. */
export type Frame = {
  readonly newline: string
  readonly mark: string
  readonly opening: string
  /** Between two documents. */
  readonly between: string
  readonly closing: string
}

/** The documents as one file. */
export function writeDocuments(documents: readonly Mapping[], frame: Frame): WrittenYaml {
  const writer = new Writer(frame.newline)
  writer.put(frame.mark + frame.opening)
  for (const [index, document] of documents.entries()) {
    if (index > 0) writer.put(frame.between)
    writer.document(document)
  }
  writer.close(frame.closing)
  return { text: writer.text, scalars: writer.scalars, repeated: writer.repeated }
}

class Writer {
  text = ''
  readonly scalars: WrittenScalar[] = []
  readonly repeated = new Set<string>()
  private lastAnchored: WrittenScalar | undefined
  private readonly newline: string
  private belowBlock = false
  private index = -1

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
    this.index++
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
      this.blockList(item, path, indent + (item.margin === true && node.is === 'mapping' ? 0 : node.step))
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
      if (index > 0) this.put(node.step > 2 ? `,\n${' '.repeat(90)}` : ', ')
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
    const scalar = {
      document: this.index,
      segments,
      start,
      end: this.text.length,
      style: item.style,
      value: item.text,
      anchor,
    }
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
