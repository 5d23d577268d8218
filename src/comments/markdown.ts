/** Everything from outside that gets into Markdown goes through here: names as code, sentences as plain text, addresses as links. */

/** GitHub's limit of a comment's body, in characters. */
export const COMMENT_LIMIT = 65_536
/** GitHub's limit of a check run's summary, in characters. */
export const CHECK_SUMMARY_LIMIT = 65_535

const DEFAULT_LENGTH = 300
const MAX_ADDRESS = 1000
// U+2060 WORD JOINER: no width, and GitHub sees no mention, reference, address or emoji across it.
const JOINER = '\u2060'

/**
 * A name as inline code, in a table or out of it. GitHub looks for no mention, reference, address or emoji in code.
 * A `|` would end a table's cell, and its escape is read differently by renderers: it becomes `¦`.
 */
export function code(text: string, maxLength: number = DEFAULT_LENGTH): string {
  const content = shorten(oneLine(text), maxLength).replaceAll('|', '¦')
  if (content === '') return '` `'
  const longest = Math.max(0, ...[...content.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  // Markdown strips one space on both sides where both are there, so a name that starts or ends with a backtick is kept whole.
  const padded = longest > 0 ? ` ${content} ` : content
  return `${fence}${padded}${fence}`
}

/**
 * A sentence or title as text: all Markdown in it is shown, none of it acts, and nobody is mentioned. `|` and `$` have no escape
 * that every renderer of GitHub's honours (it looks for mathematics after Markdown is gone): they become `¦` and `＄`. The id of a
 * commit, which GitHub would link, becomes code: it is there to be copied.
 */
export function plain(text: string, maxLength: number = DEFAULT_LENGTH): string {
  return shorten(oneLine(text), maxLength)
    .split(COMMIT_ID)
    .map((part, index) => (index % 2 === 1 ? code(part) : escaped(part)))
    .join('')
}

function escaped(text: string): string {
  return text
    .replaceAll('|', '¦')
    .replaceAll('$', '＄')
    .replaceAll(/[\\`*_[\]<>!~&]/g, '\\$&')
    .replace(/^(?:[-+=]|\d+(?=[.)](?:\s|$)))/, (start) => (/\d/.test(start) ? `${start}${JOINER}` : `\\${start}`))
    .replaceAll(REFERENCES, `$&${JOINER}`)
    .replaceAll('@', `${JOINER}@${JOINER}`)
}

// Where a joiner ends what GitHub would link or draw: `#12`, `:tada:` and `https:` (but not the colon of `10:05`), `www.`, `GH-12`, `CVE-…`.
const REFERENCES = /#|:(?=\S)(?!(?<=\d:)\d\d(?![\w:+\\-]))|www(?=\.)|(?:gh|ghsa|cve)(?=-)/gi
// GitHub takes it from seven digits on, between spaces and marks. Longer numbers are numbers, and pods have names such as `churn-5d4f8c7b9d`.
// One id in a thousand has letters alone; `defaced` is taken for one, which does no harm.
const COMMIT_ID = /(?<![\w-])((?=\d*[a-fA-F])[0-9a-fA-F]{7,64}|\d{7})(?![\w-])/

/** A sentence that marks what it quotes by backticks: those parts become code, the rest plain text. How messages and hints are written. */
export function prose(text: string, maxLength: number = 2000): string {
  return shorten(oneLine(text), maxLength)
    .split('`')
    .map((part, index) => (index % 2 === 1 ? code(part, maxLength) : spaced(part)))
    .join('')
}

const FENCE_END = '\n```'

/** A hint: prose, and where it ends with a fenced block (what to add to a file), that block. */
export function hint(text: string): string {
  const fence = /\n```(yaml|)\n/.exec(text)
  if (fence === null || !text.endsWith(FENCE_END)) return prose(text)
  const [opening, language] = fence
  const [start, end] = [fence.index + opening.length, text.length - FENCE_END.length]
  return start > end
    ? prose(text)
    : `${prose(text.slice(0, fence.index))}\n${codeBlock(text.slice(start, end), language)}`
}

/** The sentence as it goes on after "Next:". First words with capitals of their own stay. */
export const lowered = (sentence: string): string =>
  sentence.replace(/^[A-Z](?=[a-z]*\b)/, (letter) => letter.toLowerCase())

/** `plain` trims; the spaces between words and code are part of the sentence. */
function spaced(text: string): string {
  if (text.trim() === '') return text === '' ? '' : ' '
  return `${text.startsWith(' ') ? ' ' : ''}${plain(text, text.length)}${text.endsWith(' ') ? ' ' : ''}`
}

/** Text for a place that is no Markdown: a check run's title, an annotation. One line, nothing invisible. */
export function title(text: string, maxLength: number = DEFAULT_LENGTH): string {
  return shorten(oneLine(text), maxLength)
}

/** `[label](url)`. `label` is Markdown already; anything but http and https gives the label alone. */
export function link(label: string, url: string | undefined): string {
  if (url === undefined || !URL.canParse(url)) return label
  const parsed = new URL(url)
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return label
  parsed.username = ''
  parsed.password = ''
  const address = parsed.href.replaceAll(/[()<>\\[\]|`*_~"'\s]/g, percent).replaceAll('&', '&amp;')
  return address.length > MAX_ADDRESS ? label : `[${label}](${address})`
}

/** A fenced block of text whose fence the text cannot close. */
export function codeBlock(text: string, language = ''): string {
  const content = clean(text.replaceAll('\r\n', '\n'))
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${content.replace(/\n$/, '')}\n${fence}`
}

/** A table. Cells are Markdown already; alignment is one of `l`, `c`, `r` per column. */
export function table(header: readonly string[], alignment: string, rows: readonly (readonly string[])[]): string {
  const rules = { l: '---', c: ':-:', r: '--:' } as const
  const rule = [...alignment].map((letter) => rules[letter as keyof typeof rules] ?? '---')
  return [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** A folded block. `summary` is text of ours, without Markdown (GitHub reads HTML there). */
export function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function oneLine(text: string): string {
  return clean(text).replaceAll(/\s+/g, ' ').trim()
}

// Control, format (bidirectional, zero-width, soft hyphen, tags), private, unassigned and blank characters and lone surrogates.
// New lines stay, and what makes a sign an emoji.
function clean(text: string): string {
  return text.toWellFormed().replaceAll(/(?!\n|\t|\uFE0F)[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{DI}\u2028\u2029\u2800]/gu, '')
}

function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const head = Math.ceil((maxLength - 1) * 0.7)
  return `${text.slice(0, head)}…${text.slice(text.length - (maxLength - 1 - head))}`
    .toWellFormed()
    .replaceAll('\uFFFD', '')
}
