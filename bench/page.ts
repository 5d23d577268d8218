/** Writes measured numbers into docs/performance.md, between markers: what stands there is never edited by hand. */
import { readFileSync, writeFileSync } from 'node:fs'

/** One table of the page, under a heading of its own. */
export type Section = {
  readonly title: string
  /** What was done, in a sentence or two; and what the numbers mean. */
  readonly about: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  /** After the table: a picture, or what does not stay flat and why. */
  readonly after?: string
}

export type Part = 'bench' | 'soak'

const PAGE = new URL('../docs/performance.md', import.meta.url)
const begin = (part: Part) => `<!-- written by npm run ${part}: begin -->`
const end = (part: Part) => `<!-- written by npm run ${part}: end -->`

/** What stands between the markers of this part. Throws when the page lacks them. */
export function readPart(part: Part, page: string = readFileSync(PAGE, 'utf8')): string {
  const [from, to] = [page.indexOf(begin(part)), page.indexOf(end(part))]
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no part of npm run ${part}`)
  return page.slice(from + begin(part).length, to).trim()
}

export function writePart(part: Part, text: string): void {
  const page = readFileSync(PAGE, 'utf8')
  readPart(part, page)
  const [before = '', rest = ''] = page.split(begin(part))
  const [, after = ''] = rest.split(end(part))
  writeFileSync(PAGE, `${before}${begin(part)}\n${text.trim()}\n${end(part)}${after}`)
}

/** As Markdown, with a line about when and where. */
export function render(measured: string, sections: readonly Section[]): string {
  return [measured, ...sections.map(renderSection)].join('\n\n')
}

/** `text` with the tables of `before` that it does not have itself: of a part that was run table by table, in the order of `titles`. */
export function merged(text: string, before: string, titles: readonly string[]): string {
  const [measured = '', ...fresh] = text.split(/\n\n(?=### )/)
  const [, ...kept] = before.split(/\n\n(?=### )/)
  const byTitle = new Map([...kept, ...fresh].map((section) => [titleOf(section), section]))
  return [measured, ...titles.flatMap((title) => byTitle.get(title) ?? [])].join('\n\n')
}

const titleOf = (section: string): string => section.split('\n', 1)[0]?.replace('### ', '') ?? ''

function renderSection({ title, about, head, rows, after }: Section): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const rule = line(head.map((_, index) => (index === 0 ? '---' : '---:')))
  return [`### ${title}`, about, [line(head), rule, ...rows.map(line)].join('\n'), ...(after ? [after] : [])].join(
    '\n\n',
  )
}
