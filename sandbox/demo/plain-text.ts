/** A comment's Markdown as lines for a terminal: folded blocks stay folded, tables are aligned, nothing is lost that a reader needs. */

/** `<details>` become one line with their summary; HTML comments go; tables get columns. */
export function plainText(markdown: string): string[] {
  const folded = markdown
    .replaceAll('\r\n', '\n')
    .replaceAll(/<!--[\s\S]*?-->\n?/g, '')
    .replaceAll(/<details><summary>([\s\S]*?)<\/summary>[\s\S]*?<\/details>/g, '▸ $1')
  const lines: string[] = []
  let table: string[] = []
  for (const line of [...folded.split('\n'), '']) {
    if (line.startsWith('|')) {
      table.push(line)
      continue
    }
    lines.push(...alignTable(table))
    table = []
    lines.push(inline(line))
  }
  return lines
    .filter((line, index) => line !== '' || (lines[index - 1] ?? '') !== '')
    .join('\n')
    .replace(/^\n+|\n+$/g, '')
    .split('\n')
}

function alignTable(rows: readonly string[]): string[] {
  if (rows.length < 2) return rows.map(inline)
  const [header = '', rule = '', ...body] = rows
  const alignments = cellsOf(rule).map((cell) => (/^-+:$/.test(cell) ? 'right' : 'left'))
  const cells = [header, ...body].map((row) => cellsOf(row).map((cell) => shortened(inline(cell))))
  const widths = alignments.map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? ''))))
  const printed = cells.map((row) =>
    alignments
      .map((alignment, column) => pad(row[column] ?? '', { width: widths[column] ?? 0, alignment }))
      .join('  ')
      .trimEnd(),
  )
  const isTitled = cells[0]?.some((cell) => cell !== '') ?? false
  return isTitled ? printed : printed.slice(1)
}

/** Longer cells are cut: the whole is in the comment. */
const LONGEST_CELL = 60

const shortened = (text: string): string => (text.length <= LONGEST_CELL ? text : `${text.slice(0, LONGEST_CELL - 1)}…`)

const cellsOf = (row: string): string[] =>
  row
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split('|')
    .map((cell) => cell.trim())

type Padding = { readonly width: number; readonly alignment: 'left' | 'right' }

function pad(text: string, { width: wanted, alignment }: Padding): string {
  const gap = ' '.repeat(Math.max(0, wanted - width(text)))
  return alignment === 'right' ? `${gap}${text}` : `${text}${gap}`
}

/** Emphasis, links and escapes of one line; code keeps its content. */
function inline(line: string): string {
  return line
    .replaceAll(/\[(`+[^`]*`+)\]\([^)\s]*\)/g, '$1')
    .split(/(`+[^`]*`+)/)
    .map((part, index) => (index % 2 === 1 ? part.replaceAll('`', '') : undecorated(part)))
    .join('')
    .replaceAll(/[\u2060\u200b]/g, '')
}

const undecorated = (text: string): string =>
  text
    .replaceAll(/\[((?:[^\]\\]|\\.)*)\]\([^)]*\)/g, '$1')
    .replaceAll('**', '')
    .replace(/^#{1,6} /, '')
    .replaceAll(/\\([!-/:-@[-`{-~])/g, '$1')

/** Joiners and the emoji selector. */
const INVISIBLE = new Set(['\u200b', '\u200c', '\u200d', '\u2060', '\ufe0f'])

/** Columns on a terminal: emoji take two, joiners none. */
function width(text: string): number {
  let columns = 0
  for (const character of text) {
    if (INVISIBLE.has(character)) continue
    columns += /\p{Emoji_Presentation}/u.test(character) ? 2 : 1
  }
  return columns
}
