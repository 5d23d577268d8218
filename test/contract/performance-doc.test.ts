/** docs/performance.md says the numbers that test/scenarios/calls.test.ts counted, and says all of them; README.md says some of them. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const page = readFileSync('docs/performance.md', 'utf8')
const recorded: Record<string, number | string> = JSON.parse(readFileSync('test/scenarios/calls.json', 'utf8'))

/** `6` where the calls are the same every time, `≤ 9` where it is a bound. */
const told = (calls: number | string): string =>
  typeof calls === 'number' ? `≤ ${calls}` : `${calls.split(', ').length}`

const [own = '', next = ''] = page.split('## Next to others')
const rowsOf = (text: string) =>
  [...text.matchAll(/^\|(.+)\|$/gm)].map(([, row = '']) => row.split('|').map((cell) => cell.trim())).slice(2)

describe('docs/performance.md', () => {
  it('has each operation with the number that was counted', () => {
    const rows = rowsOf(own).map(([operation, calls]) => [operation, calls] as const)
    const expected = Object.entries(recorded).map(([operation, calls]) => [operation, told(calls)] as const)
    expect(new Map(rows)).toEqual(new Map(expected))
  })

  it('compares those numbers and no others', () => {
    const rows = rowsOf(next.split('\n## ')[0] ?? '')
    expect(rows.length).toBeGreaterThan(5)
    for (const [, ours = ''] of rows) {
      const [, number, operation = ''] = /^(\d+|≤ \d+) \((.+)\)$/.exec(ours) ?? []
      expect(number, ours).toBe(told(recorded[operation] ?? ''))
    }
  })
})

describe('README.md', () => {
  const [, from = ''] = readFileSync('README.md', 'utf8').split('\n## Calls to GitHub\n')
  const said = new Map(rowsOf(from.split('\n## ')[0] ?? '').map(([what = '', ours = '']) => [what, ours]))

  it.each([
    ['`/deploy`, up to the Deployment in progress', '/deploy to start'],
    ['`/deploy`, up to the end', '/deploy, whole life'],
    ['`/deploy` that is refused', '/deploy refused by rules'],
    ['`/status`', '/status'],
    ['a promotion pull request', 'open promotion pull request'],
    ['the comparison brought up to date', 'refresh comparison'],
    ['half an hour in which nothing happens', 'half an hour in which nothing happens'],
  ])('says of %s what was counted', (what, operation) => {
    expect(said.get(what)?.replace(/^0$/, '≤ 0')).toBe(told(recorded[operation] ?? ''))
  })
})
