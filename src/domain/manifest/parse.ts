/** Text to manifest: the only place where a file from outside is parsed, with its limits. The edited text passes through it again (proof.ts). */
import { CORE_SCHEMA, constructFromEvents, mergeTag, parseEvents, YAMLException } from 'js-yaml'
import { hasMoreMarks } from '../count-marks.ts'
import { briefly } from '../yaml-text.ts'
import type { RefusalCode, Refused } from './manifest-edit.ts'
import { endOfLine, type Source, sourceOf, startOfLine } from './position.ts'
import { buildTrees, type ManifestNode, startOf } from './tree.ts'

/** Larger files are refused: GitHub's contents API ends at 1 MiB too. UTF-16 units. */
export const MAX_MANIFEST_LENGTH = 1024 * 1024

/** Lines, commas, colons and opening brackets: some ten thousand lines of YAML. */
const MAX_MARKS = 60_000

/** js-yaml allows any number of aliases by default, which lets a small file stand for a huge one. */
const MAX_ALIASES = 1000

/** Merge keys are part of what Kubernetes' own parsers read, so an edit's effect must be judged with them. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag)

/** A document: its tree, and the value that the tree stands for. */
export type ManifestDocument = {
  readonly index: number
  readonly root: ManifestNode | undefined
  readonly value: unknown
}

export type Manifest = Source & { readonly documents: readonly ManifestDocument[] }

export type Parsed = { readonly kind: 'parsed'; readonly manifest: Manifest }

/** The manifest, or why it cannot be edited safely. */
export function parseManifest(file: string, text: string): Parsed | Refused {
  const source = sourceOf(file, text)
  if (text.length > MAX_MANIFEST_LENGTH) {
    // Where it begins can be said without its lines.
    return refuse(sourceOf(file, ''), 0, {
      code: 'too_large',
      reason: `it has ${text.length} characters, and at most ${MAX_MANIFEST_LENGTH} are read`,
      hint: 'Split the file, or name a smaller one.',
    })
  }
  if (hasMoreMarks(text, MAX_MARKS, { lines: true })) {
    return refuse(source, 0, {
      code: 'too_large',
      reason: 'it holds more than 20,000 values or so',
      hint: 'Split the file, or name a smaller one.',
    })
  }
  // U+FFFD stands where a decoder lost bytes; the file could not be written back as it was.
  const isText = text.isWellFormed() && !text.includes('\0') && !text.includes('\ufffd')
  const broken = isText ? -1 : text.search(/[\0\ufffd\p{Surrogate}]/u)
  if (broken >= 0) {
    return refuse(source, broken, {
      code: 'not_utf8',
      reason: 'it is not UTF-8 text',
      hint: 'Save the file as UTF-8.',
    })
  }
  try {
    const events = parseEvents(text, {})
    const values = constructFromEvents(events, { source: text, schema: SCHEMA, maxAliases: MAX_ALIASES })
    const documents = buildTrees(text, events).map((root, index) => ({ index, root, value: values[index] }))
    return { kind: 'parsed', manifest: { ...source, documents } }
  } catch (error) {
    return refuseUnparsed(source, error)
  }
}

/** The values alone: half the work, for the second look at an edited text. Throws what js-yaml throws. */
export function readValues(text: string): readonly unknown[] {
  return constructFromEvents(parseEvents(text, {}), { source: text, schema: SCHEMA, maxAliases: MAX_ALIASES })
}

/** A refusal that points at an offset. */
export function refuse(
  source: Source,
  offset: number,
  why: { readonly code: RefusalCode; readonly reason: string; readonly hint: string },
): Refused {
  return { kind: 'refused', refusal: { file: source.file, ...source.lineAndColumn(Math.max(0, offset)), ...why } }
}

function refuseUnparsed(source: Source, error: unknown): Refused {
  const complexKey = /complex keys/.test(String(error)) ? complexKeyIn(source.text) : undefined
  // js-yaml asks to catch everything. Its messages quote source lines, which may hold secrets: only `reason` is passed on.
  const reason = error instanceof YAMLException ? briefly(error.reason) : 'the parser gave up on it'
  const offset = complexKey ?? (error instanceof YAMLException ? (error.mark?.position ?? 0) : 0)
  const placeholder = placeholderNear(source.text, offset)
  if (placeholder !== undefined) {
    return refuse(source, placeholder, {
      code: 'template',
      reason: `template placeholders make it something other than YAML (${reason})`,
      hint: 'Name the values file that the template reads instead.',
    })
  }
  if (reason === 'duplicated mapping key') {
    return refuse(source, offset, {
      code: 'duplicate_key',
      reason: 'a key is there twice, and readers disagree about which one counts',
      hint: 'Remove one of the two.',
    })
  }
  if (/^unknown \w+ tag/.test(reason)) {
    return refuse(source, offset, {
      code: 'unknown_tag',
      reason,
      hint: 'Only the tags of YAML itself are understood; move the value to a file without such tags.',
    })
  }
  const tab = tabIndentationAbove(source.text, offset)
  if (tab !== undefined) {
    return refuse(source, tab, {
      code: 'does_not_parse',
      reason: 'a tab indents this line, and YAML allows only spaces there',
      hint: 'Indent the line with spaces.',
    })
  }
  if (reason !== 'deficient indentation') {
    const hint = 'Correct the file first; nothing is written to a file that does not parse.'
    return refuse(source, offset, { code: 'does_not_parse', reason: `it does not parse: ${reason}`, hint })
  }
  const isAtEnd = source.text.slice(offset).trim() === ''
  return refuse(source, offset, {
    code: 'does_not_parse',
    reason: isAtEnd ? 'a quote or bracket that opens above is never closed' : `it does not parse: ${reason}`,
    hint: isAtEnd
      ? 'Close it.'
      : 'Indent every further line of a value more than its key: inside {} and [], the closing bracket too, and inside quotes.',
  })
}

/** The first tab that starts the line of the error, which the parser may notice behind it. */
function tabIndentationAbove(text: string, offset: number): number | undefined {
  const line = startOfLine(text, offset)
  const blanks = /[ \t]*/y
  blanks.lastIndex = line
  const tab = blanks.exec(text)?.[0].indexOf('\t') ?? -1
  return tab < 0 ? undefined : line + tab
}

/** Where a key is a mapping or a list, as in `{{ .Values.tag }}`: js-yaml does not say. */
function complexKeyIn(text: string): number | undefined {
  const waiting = buildTrees(text, parseEvents(text, {})).flatMap((root) => root ?? [])
  for (const node of waiting) {
    if (node.kind === 'sequence') waiting.push(...node.items)
    if (node.kind !== 'mapping') continue
    const complex = node.entries.find(({ key }) => key.kind === 'mapping' || key.kind === 'sequence')
    if (complex !== undefined) return startOf(complex.key)
    waiting.push(...node.entries.map(({ value }) => value))
  }
  return undefined
}

/** A placeholder on the line of the error, or on the one before: the parser often notices one line late. */
function placeholderNear(text: string, offset: number): number | undefined {
  const start = startOfLine(text, offset)
  const from = startOfLine(text, Math.max(0, start - 1))
  const found = text.slice(from, endOfLine(text, offset)).indexOf('{{')
  return found < 0 ? undefined : from + found
}
