/** Slash commands in a comment: what counts as one, and its words. Pure; how commands are declared is command-grammar.ts. */
import MarkdownIt from 'markdown-it'
import footnotes from 'markdown-it-footnote'
import { closest } from './closest.ts'
import { type CommandGrammar, optionsOf, usageOf } from './command-grammar.ts'
import { beforeQuotedMail } from './quoted-mail.ts'

/** One command as typed. `options` holds `--name value` and `--name` (true). */
export type SpokenCommand = {
  readonly kind: 'command'
  readonly name: string
  readonly words: readonly string[]
  readonly options: ReadonlyMap<string, string | true>
  /** The line as typed, for the reply. */
  readonly line: string
  /** How it is written, for who wrote it wrongly. */
  readonly usage: string
}

/** A line that begins with a word that is nearly a command. */
export type MisspelledCommand = {
  readonly kind: 'misspelled'
  readonly word: string
  readonly meant: string
  readonly line: string
}

/** A command with characters that nobody can see, or that make the line look like another one. It is not run. */
export type UnreadableCommand = {
  readonly kind: 'unreadable'
  readonly name: string
  /** The first of them, as `U+202E`. */
  readonly character: string
  readonly line: string
}

export type Spoken = SpokenCommand | MisspelledCommand | UnreadableCommand

// Escapes and entities stay tokens of their own: whoever writes `\\/deploy` means the words. GitHub has footnotes, but none in the line.
const markdown = new MarkdownIt({ html: true }).use(footnotes).disable(['text_join', 'footnote_inline'])
type Token = ReturnType<typeof markdown.parse>[number]

/**
 * Format characters without a shape of their own: soft hyphen, marks and overrides of writing direction, joiners of words, invisible operators,
 * tags. The joiners of emoji and scripts (U+200C, U+200D) are left out: people write them.
 */
const UNSEEN =
  /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|(?!\t)\p{Cc}/u

/**
 * The commands of a comment, in order. Only lines of top-level paragraphs count: quotes, lists, footnotes, formulas, code of any kind and
 * HTML never fire, because a Markdown parser decides what is text; nor does the mail that an answer by e-mail quotes. Words that
 * resemble no command belong to other bots.
 */
export function parseCommands(body: string, commands: readonly CommandGrammar[]): readonly Spoken[] {
  if (!hasSlashLine(body)) return []
  const names = commands.map(({ name }) => name)
  const spoken: Spoken[] = []
  let misspelled = false
  for (const line of beforeQuotedMail(paragraphLines(body))) {
    const match = /^\/([a-zA-Z][a-zA-Z-]*)(?:\s+(\S.*)?)?$/.exec(line)
    const word = match?.[1]?.toLowerCase()
    if (word === undefined) continue
    const command = commands.find(({ name }) => name === word)
    if (command !== undefined) {
      const unseen = UNSEEN.exec(line)?.[0]
      if (unseen !== undefined) {
        spoken.push({ kind: 'unreadable', name: word, character: codePoint(unseen), line })
        continue
      }
      spoken.push({
        kind: 'command',
        name: word,
        line,
        usage: usageOf(command),
        ...splitWords(match?.[2] ?? '', command),
      })
      continue
    }
    const meant = closest(word, names)
    if (meant !== undefined && !misspelled) {
      misspelled = true
      spoken.push({ kind: 'misspelled', word, meant, line })
    }
  }
  return spoken
}

/** Few comments have one, and to parse the others costs most of a second where somebody means it to. */
function hasSlashLine(body: string): boolean {
  return body.split(/[\r\n]/).some((line) => line.trimStart().startsWith('/'))
}

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

function paragraphLines(body: string): readonly string[] {
  const source = body.replaceAll('\r\n', '\n')
  const lines = source.split('\n')
  const tokens = markdown.parse(source, {})
  return tokens.flatMap((token, index) => {
    const isTopParagraph = token.type === 'inline' && token.level === 1 && tokens[index - 1]?.type === 'paragraph_open'
    if (!isTopParagraph || CONTAINER.test(lines[(token.map?.[0] ?? 0) - 1] ?? '')) return []
    return withoutFormulas(beforeTable(inlineLines(token)))
  })
}

/** A quote, item or note on the line above: the paragraph may be its lazy end, which this parser sees in fewer cases than GitHub's. */
const CONTAINER = /^ {0,3}(?:>|[-+*][ \t]|\d{1,9}[.)][ \t]|\[\^)/

/** GitHub makes a table of what stands around a line of dashes, also where it wants more bars than this parser does. */
function beforeTable(lines: readonly string[]): readonly string[] {
  const dashes = lines.findIndex((line) =>
    line
      .replace(/^\||\|$/g, '')
      .split('|')
      .every((cell) => /^:?-+:?$/.test(cell.trim())),
  )
  return dashes < 0 ? lines : lines.slice(0, Math.max(0, dashes - 1))
}

/** GitHub sets what stands between two lines `$$` as a formula. */
function withoutFormulas(lines: readonly string[]): readonly string[] {
  let inFormula = false
  return lines.filter((line) => {
    const isFence = line.trim() === '$$'
    if (isFence) inFormula = !inFormula
    return !inFormula && !isFence
  })
}

/** The paragraph's lines. A line that starts with anything but plain text, or within a link or emphasis that began above it, is left empty. */
function inlineLines(paragraph: Token): readonly string[] {
  const lines: string[] = ['']
  let startsWithText = true
  let depth = 0
  for (const child of paragraph.children ?? []) {
    depth += child.nesting
    if (child.type === 'softbreak' || child.type === 'hardbreak') {
      lines.push('')
      startsWithText = depth === 0
      continue
    }
    const current = lines.length - 1
    if (lines[current] === '' && child.type !== 'text') startsWithText = false
    const text =
      child.type === 'text' || child.type === 'text_special' || child.content !== '' ? child.content : child.markup
    // HTML shows nothing of itself: what cannot be read must not be obeyed.
    if (startsWithText && child.type !== 'html_inline') lines[current] += text
  }
  return lines.map((line) => line.trimEnd())
}

/**
 * A word, a quoted text, or an option; its value may follow an equals sign. Telephones make one dash of two, as they bend quotes. A bent quote that opens
 * another one ends the search for the end of the first: else thousands of them would be searched to the end of the line, each.
 */
const WORD = /"([^"]*)"|“([^“”]*)”|(?:--|—|–)([^\s=]+)(?:=(?:"([^"]*)"|“([^“”]*)”|(\S*)))?|(\S+)/g

function splitWords(text: string, command: CommandGrammar): Pick<SpokenCommand, 'words' | 'options'> {
  const words: string[] = []
  const options = new Map<string, string | true>()
  const withValue = optionsOf(command).flatMap(({ name, value }) => (value === undefined ? [] : [name]))
  const found = [...text.matchAll(WORD)].map(([, quoted, curly, option, ...values]) => ({
    option: option?.toLowerCase(),
    text: quoted ?? curly ?? values.find((value) => value !== undefined),
  }))
  for (let index = 0; index < found.length; index += 1) {
    const { option, text } = found[index] ?? {}
    if (option === undefined) {
      words.push(text ?? '')
      continue
    }
    const next = found[index + 1]
    const takesNext =
      text === undefined && withValue.includes(option) && next !== undefined && next.option === undefined
    options.set(option, text ?? (takesNext ? (next.text ?? true) : true))
    if (takesNext) index += 1
  }
  return { words, options }
}
