/** Slash commands in a comment: what counts as one, and its words. Pure; the commands themselves are in src/handlers/commands/. */
import MarkdownIt from 'markdown-it'
import { closest } from './closest.ts'

/** One command as typed. `options` holds `--name value` and `--name` (true). */
export type SpokenCommand = {
  readonly kind: 'command'
  readonly name: string
  readonly words: readonly string[]
  readonly options: ReadonlyMap<string, string | true>
  /** The line as typed, for the reply. */
  readonly line: string
}

/** A line that begins with a word that is nearly a command. */
export type MisspelledCommand = {
  readonly kind: 'misspelled'
  readonly word: string
  readonly meant: string
  readonly line: string
}

export type Spoken = SpokenCommand | MisspelledCommand

/** How options are written: those that take a value, and those that stand alone. */
export type OptionGrammar = { readonly withValue: readonly string[] }

// Escapes and entities stay tokens of their own: whoever writes `\\/deploy` means the words.
const markdown = new MarkdownIt({ html: true }).disable('text_join')
type Token = ReturnType<typeof markdown.parse>[number]

/**
 * The commands of a comment, in order. Only lines of top-level paragraphs count: quotes, lists, code of any kind and
 * HTML never fire, because a Markdown parser decides what is text. Words that resemble no command belong to other bots.
 */
export function parseCommands(
  body: string,
  names: readonly string[],
  grammar: OptionGrammar = { withValue: ['force'] },
): readonly Spoken[] {
  const spoken: Spoken[] = []
  let misspelled = false
  for (const line of paragraphLines(body)) {
    const match = /^\/([a-zA-Z][a-zA-Z-]*)(?:\s+(.*))?$/.exec(line)
    const word = match?.[1]?.toLowerCase()
    if (word === undefined) continue
    if (names.includes(word)) {
      spoken.push({ kind: 'command', name: word, line, ...splitWords(match?.[2] ?? '', grammar) })
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

function paragraphLines(body: string): readonly string[] {
  const tokens = markdown.parse(body.replaceAll('\r\n', '\n'), {})
  return tokens.flatMap((token, index) => {
    const isTopParagraph = token.type === 'inline' && token.level === 1 && tokens[index - 1]?.type === 'paragraph_open'
    return isTopParagraph ? inlineLines(token) : []
  })
}

/** The paragraph's lines. A line that starts with anything but plain text (code, HTML, emphasis, a link) is left empty. */
function inlineLines(paragraph: Token): readonly string[] {
  const lines: string[] = ['']
  let startsWithText = true
  for (const child of paragraph.children ?? []) {
    if (child.type === 'softbreak' || child.type === 'hardbreak') {
      lines.push('')
      startsWithText = true
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

function splitWords(text: string, grammar: OptionGrammar): Pick<SpokenCommand, 'words' | 'options'> {
  const words: string[] = []
  const options = new Map<string, string | true>()
  const tokens = [...text.matchAll(/"([^"]*)"|“([^”]*)”|(\S+)/g)].map((match) => ({
    text: match[1] ?? match[2] ?? match[3] ?? '',
    quoted: match[3] === undefined,
  }))
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]
    if (token === undefined) break
    if (token.quoted || !token.text.startsWith('--')) {
      words.push(token.text)
      continue
    }
    const name = token.text.slice(2).toLowerCase()
    const value = tokens[index + 1]
    const takesValue =
      grammar.withValue.includes(name) && value !== undefined && (value.quoted || !value.text.startsWith('--'))
    options.set(name, takesValue ? value.text : true)
    if (takesValue) index += 1
  }
  return { words, options }
}
