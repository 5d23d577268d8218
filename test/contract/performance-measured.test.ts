/** The measured parts of docs/performance.md are as `npm run bench` and `npm run soak` write them: each table whole, and of a bench that is there. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Part, readPart } from '../../bench/page.ts'

const TITLES: Readonly<Record<Part, readonly RegExp[]>> = {
  bench: [
    /^A webhook is acknowledged$/,
    /^A body of 400 MB from nobody$/,
    /^From an event to the comment$/,
    /^Start and size$/,
    /^What grows, and what stays flat$/,
    /^10,000 metrics compared and rendered$/,
    /^A manifest of 10,000 lines is edited$/,
  ],
  soak: [/^[\d,]+ deliveries through one process$/, /^What it left in the database$/],
}

describe.each(['bench', 'soak'] as const)('what npm run %s measured', (part) => {
  const text = readPart(part)

  it('says when, on what, and how busy that was', () => {
    expect(text.split('\n')[0]).toMatch(/^Measured on \d{4}-\d\d-\d\d: .+, Node v\d+\.\d+\.\d+\. Load average.* [\d.]+/)
  })

  it('has each table, with a cell for each column', () => {
    const titles = [...text.matchAll(/^### (.+)$/gm)].map(([, title = '']) => title)
    expect(titles.length).toBeGreaterThan(0)
    expect(titles.filter((title) => !TITLES[part].some((known) => known.test(title)))).toEqual([])
    for (const table of text.split('### ').slice(1)) {
      const rows = [...table.matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) => row.split('|').length)
      expect(rows.length).toBeGreaterThan(3)
      expect(new Set(rows).size).toBe(1)
    }
  })

  it('shows pictures that are there', () => {
    for (const [, image = ''] of text.matchAll(/\]\((images\/[^)]+)\)/g)) {
      expect(existsSync(`docs/${image}`)).toBe(true)
      expect(readFileSync(`docs/${image}`, 'utf8')).toMatch(/^<svg /)
    }
  })
})
