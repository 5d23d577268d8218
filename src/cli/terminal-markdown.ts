/** The bot's Markdown, as a terminal shows it: no marks, aligned tables, everything unfolded. Only what src/comments/ writes; for simulate-output.ts. */
import { printable } from './verb.ts'

/** Lines without line breaks, each safe to print. */
export function terminalLines(markdown: string): readonly string[] {
  const lines: string[] = []
  let table: (readonly string[])[] = []
  let isCode = false
  const endTable = () => {
    lines.push(...aligned(table))
    table = []
  }
  for (const line of markdown.split('\n')) {
    const isFence = /^`{3,}/.test(line)
    if (isFence) isCode = !isCode
    const cells = isCode ? undefined : cellsOf(line)
    if (cells !== undefined) {
      table.push(cells)
      continue
    }
    endTable()
    if (isFence || /^<\/details>$|^<!--.*-->$/.test(line)) continue
    // What was folded leaves gaps; those in code are the code's.
    if (isCode || line !== '' || lines.at(-1) !== '') lines.push(isCode ? `    ${line}` : inline(line))
  }
  endTable()
  const shown = lines.map((line) => printable(line.replaceAll('\t', '  ')).trimEnd())
  const last = shown.findLastIndex((line) => line !== '')
  return shown.slice(
    shown.findIndex((line) => line !== ''),
    last + 1,
  )
}

const cellsOf = (line: string): readonly string[] | undefined => /^\| (.*) \|$/.exec(line)?.[1]?.split(' | ')

/** Without the row of dashes, and without a heading that says nothing. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const shown = rows
    .filter((cells) => !cells.every((cell) => /^:?-+:?$/.test(cell)))
    .map((cells) => cells.map(inline))
    .filter((cells) => cells.some((cell) => cell !== ''))
  const widths = (shown[0] ?? []).map((_, column) => Math.max(...shown.map((cells) => cells[column]?.length ?? 0)))
  return shown.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
}

/** Backticks stay: they say where a name begins and ends. */
function inline(text: string): string {
  return text
    .split(/(`+[^`]*`+)/)
    .map((part) => (part.startsWith('`') ? part : unmarked(part)))
    .join('')
    .replaceAll('\u2060', '')
    .replaceAll('¦', '|')
}

function unmarked(text: string): string {
  return text
    .replaceAll('</summary>', ':')
    .replaceAll(/<br>/g, ' ')
    .replaceAll(/<\/?\w+>/g, '')
    .replaceAll(/\\.|\[((?:\\.|[^[\]\\])*)\]\(([^()]*)\)/g, (found: string, words?: string, address?: string) =>
      words === undefined ? found : `${words} (${address})`,
    )
    .replaceAll(/(?<!\\)\*\*/g, '')
    .replaceAll(/\\([\\`*_[\]<>!~&+=-])/g, '$1')
    .replaceAll('&amp;', '&')
    .replaceAll('＄', '$')
}
