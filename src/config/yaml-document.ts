/** YAML text to a tree with positions (yaml-node.ts). Every problem is a value; nothing here throws, whatever the text. */
import {
  COLLECTION_STYLE,
  CORE_SCHEMA,
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from 'js-yaml'
import type { Entry, KeyPath, ScalarNode, YamlNode } from './yaml-node.ts'

/** Something wrong at a place in the text, before the place has become line and column. */
export type Finding = {
  readonly offset: number
  readonly path: KeyPath
  readonly reason: string
  readonly hint: string
}

export type YamlDocument = {
  /** undefined: nothing could be read, and `findings` says why. */
  readonly root: YamlNode | undefined
  readonly findings: readonly Finding[]
}

const MAX_BYTES = 1_000_000
/** Far more than any real file; a bomb of aliases or commas stops here. */
const MAX_NODES = 20_000

/** The parser's complaint about a tag takes as long as the file is. */
const MAX_FOREIGN_TAGS = 20

type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>
type DocumentEvent = Extract<Event, { type: typeof EVENT_ID.DOCUMENT }>
type Anchored = { readonly node: YamlNode; readonly size: number }

type Reader = {
  readonly text: string
  readonly events: readonly Event[]
  readonly document: DocumentEvent
  readonly anchors: Map<string, Anchored>
  readonly findings: Finding[]
  next: number
  /** Nodes so far, each alias counted as all that it stands for. */
  nodes: number
  /** Tags that the parser did not know. */
  foreignTags: number
}

class TooLarge extends Error {}

const TOO_MANY = ['the file has more than 20,000 values', 'leave some models to another repository'] as const

/** Reads one YAML document of at most 1 MB and 20,000 values, aliases and merge keys resolved. */
export function readYaml(text: string): YamlDocument {
  const whole = (reason: string, hint: string, offset = 0): YamlDocument => ({
    root: undefined,
    findings: [{ offset, path: [], reason, hint }],
  })
  if (Buffer.byteLength(text) > MAX_BYTES)
    return whole('the file is larger than 1 MB', 'a configuration is a few hundred lines')
  // Cheaper than parsing: so many commas and lines hold at least that many values, or none worth reading.
  if (separators(text) > MAX_NODES * 2) return whole(...TOO_MANY)
  // The parser's complaint quotes all of them.
  const nul = text.indexOf('\0')
  if (nul >= 0) return whole('not valid YAML: null byte is not allowed in input', 'save it as UTF-8 text', nul)
  let events: Event[]
  try {
    events = parseEvents(text, {})
  } catch (error) {
    return whole(...syntaxProblem(text, error))
  }
  const [document, ...rest] = events
  if (document?.type !== EVENT_ID.DOCUMENT || rest[0] === undefined || rest[0].type === EVENT_ID.POP) {
    return whole('the file is empty', 'the least that loads is `version: 1`')
  }
  if (events.length > MAX_NODES * 3) return whole(...TOO_MANY)
  const reader: Reader = {
    text,
    events: rest,
    document,
    anchors: new Map(),
    findings: [],
    next: 0,
    nodes: 0,
    foreignTags: 0,
  }
  try {
    const root = readNode(reader, [], 0)
    const more = reader.events
      .slice(reader.next)
      .find((event) => event.type !== EVENT_ID.POP && event.type !== EVENT_ID.DOCUMENT)
    if (more !== undefined)
      report(reader, startOf(text, more, 0), [], ['the file has a second document', 'remove the `---` between them'])
    return { root, findings: reader.findings }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    if (reader.anchors.size === 0) return whole(...TOO_MANY)
    return whole('the file stands for more than 20,000 values', 'use fewer aliases (`*name`)')
  }
}

function separators(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 44 || code === 10 || code === 13) count++
  }
  return count
}

/** Reason, hint and offset of what the parser threw. Its own message quotes source lines, which may hold what readers must not see. */
function syntaxProblem(text: string, error: unknown): [string, string, number] {
  if (!(error instanceof YAMLException)) throw error
  const offset = Math.min(error.mark?.position ?? 0, text.length)
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 1)
  let hint = 'check the indentation and the quotes here and in the line before'
  if (line.includes('\t')) hint = 'indent with spaces; YAML allows no tabs'
  else if (line.includes('{{')) hint = 'put text with `{{ … }}` in quotes'
  else if (/[[:,\s]\*/.test(line)) hint = 'put patterns that begin with `*` in quotes'
  return [`not valid YAML: ${error.reason}`, hint, offset]
}

function readNode(reader: Reader, path: KeyPath, fallback: number): YamlNode {
  const event = reader.events[reader.next++]
  if (++reader.nodes > MAX_NODES) throw new TooLarge()
  if (event === undefined) return { kind: 'unusable', start: fallback }
  if (event.type === EVENT_ID.ALIAS) return readAlias(reader, event, path)
  if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return { kind: 'unusable', start: fallback }
  const before = reader.nodes
  let node: YamlNode
  if (event.type === EVENT_ID.SCALAR) node = readScalar(reader, event, { path, fallback })
  else if (event.type === EVENT_ID.SEQUENCE) node = readSequence(reader, event.start, path)
  else node = readMapping(reader, event, path)
  if (event.anchorStart >= 0) {
    const name = reader.text.slice(event.anchorStart, event.anchorEnd)
    reader.anchors.set(name, { node, size: reader.nodes - before + 1 })
  }
  return node
}

function readAlias(reader: Reader, event: Extract<Event, { type: typeof EVENT_ID.ALIAS }>, path: KeyPath): YamlNode {
  const name = reader.text.slice(event.anchorStart, event.anchorEnd)
  const anchored = reader.anchors.get(name)
  if (anchored === undefined) {
    const hint = `put \`&${name}\` before the value that it stands for, further up; or quote it if it is a pattern`
    report(reader, event.anchorStart - 1, path, [`\`*${name}\` refers to nothing`, hint])
    return { kind: 'unusable', start: event.anchorStart - 1 }
  }
  reader.nodes += anchored.size
  if (reader.nodes > MAX_NODES) throw new TooLarge()
  return anchored.node
}

function readScalar(reader: Reader, event: ScalarEvent, options: { path: KeyPath; fallback: number }): YamlNode {
  const start = startOf(reader.text, event, options.fallback)
  const source = reader.text
  try {
    if (event.tagStart >= 0 && reader.foreignTags >= MAX_FOREIGN_TAGS) return unknownTag(reader, start, options.path)
    const [value] = constructFromEvents([reader.document, event, POP], { source, schema: CORE_SCHEMA })
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return { kind: 'scalar', value, text: getScalarValue(source, event), start, raw: rawOf(source, event) }
    }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
  }
  reader.foreignTags += 1
  return unknownTag(reader, start, options.path)
}

function unknownTag(reader: Reader, start: number, path: KeyPath): YamlNode {
  report(reader, start, path, ['this tag has no meaning here', 'remove the tag (`!…`)'])
  return { kind: 'unusable', start }
}

const POP: Event = { type: EVENT_ID.POP }

function rawOf(text: string, event: ScalarEvent): ScalarNode['raw'] {
  if (event.valueStart < 0 || event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK)
    return undefined
  const quote =
    event.style === SCALAR_STYLE.PLAIN ? 'none' : event.style === SCALAR_STYLE.SINGLE_QUOTED ? 'single' : 'double'
  return { text: text.slice(event.valueStart, event.valueEnd), start: event.valueStart, quote }
}

function readSequence(reader: Reader, start: number, path: KeyPath): YamlNode {
  const items: YamlNode[] = []
  while (!atEnd(reader)) items.push(readNode(reader, [...path, items.length], start))
  reader.next++
  return { kind: 'sequence', start, items }
}

function readMapping(
  reader: Reader,
  event: Extract<Event, { type: typeof EVENT_ID.MAPPING }>,
  path: KeyPath,
): YamlNode {
  const entries = new Map<string, Entry>()
  const merged: YamlNode[] = []
  let complex = false
  while (!atEnd(reader)) {
    const key = readNode(reader, path, event.start)
    const name = key.kind === 'scalar' ? key.text : ''
    const value = readNode(reader, [...path, name], key.start)
    if (key.kind !== 'scalar' || name === '__proto__') complex = true
    else if (name === '<<' && key.raw?.quote === 'none')
      merged.push(...(value.kind === 'sequence' ? value.items : [value]))
    else if (entries.has(name)) {
      report(
        reader,
        key.start,
        [...path, name],
        ['this key is there twice', 'keep one of the two; this one is not used'],
      )
    } else entries.set(name, { name, key, value })
  }
  reader.next++
  if (complex) return complexKey(reader, event, path)
  mergeInto(reader, entries, { merged, path })
  return { kind: 'mapping', start: event.start, entries: [...entries.values()] }
}

/** What `name: {{ model.name }}` turns into when nobody quotes it, which is the usual way to get here. */
function complexKey(reader: Reader, event: Extract<Event, { type: typeof EVENT_ID.MAPPING }>, path: KeyPath): YamlNode {
  const braces = event.style === COLLECTION_STYLE.FLOW && reader.text.startsWith('{{', event.start)
  report(
    reader,
    event.start,
    path,
    braces
      ? ['text with `{{ … }}` is not in quotes', 'put it in quotes: `"{{ … }}"`']
      : ['a key must be plain text', 'write `key: value`'],
  )
  return { kind: 'unusable', start: event.start }
}

/** `<<: *defaults`: keys that the mapping has itself win. */
function mergeInto(
  reader: Reader,
  entries: Map<string, Entry>,
  options: { readonly merged: readonly YamlNode[]; readonly path: KeyPath },
): void {
  for (const source of options.merged) {
    if (source.kind !== 'mapping') {
      report(reader, source.start, options.path, [
        '`<<` merges mappings only',
        'write `<<: *name`, where `&name` marks a mapping',
      ])
      continue
    }
    for (const entry of source.entries) if (!entries.has(entry.name)) entries.set(entry.name, entry)
  }
}

function atEnd(reader: Reader): boolean {
  const event = reader.events[reader.next]
  return event === undefined || event.type === EVENT_ID.POP
}

function report(reader: Reader, offset: number, path: KeyPath, [reason, hint]: readonly [string, string]): void {
  reader.findings.push({ offset, path, reason, hint })
}

/** A block scalar's range begins before its indentation. */
function indentation(text: string, event: ScalarEvent): number {
  return /^ */.exec(text.slice(event.valueStart, event.valueEnd))?.[0].length ?? 0
}

/** Where people look for it: at the opening quote, and at the first letter of a block. */
function startOf(text: string, event: Event, fallback: number): number {
  if (event.type === EVENT_ID.SCALAR) {
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED
    if (event.valueStart < 0) return fallback
    return quoted ? event.valueStart - 1 : event.valueStart + indentation(text, event)
  }
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start
  return fallback
}
