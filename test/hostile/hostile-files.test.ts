/**
 * Files that were written to stop the server: each reader meets them in a process of its own, whose heap has 64 MB for them, and answers within
 * 0.2 s of processor time. LOCKKEEPER_DEEP=1 lets every reader meet every bomb at ten megabytes, too.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Report } from './read-bombs.ts'
import { READERS } from './readers.ts'

/** Of processor time, in the quickest of up to three readings. */
const MILLISECONDS = 200
/** What the programs and libraries themselves need, the text of a bomb, and what one may take. Megabytes. */
const HEAP = 32 + 20 + 64

const isDeep = process.env['LOCKKEEPER_DEEP'] === '1'
/** One for each parser; the others read through the same ones. */
const IN_BUILD = [
  ...['lockkeeper.yml', 'a manifest of values', 'metrics.yaml', 'metrics.csv', 'dvc.lock'],
  ...['a report of Evidently', 'a kubeconfig', 'a comment', 'a commit message'],
]

const UNBOUNDED = 'nothing bounds this one'
const readers = Object.keys(READERS).filter((name) => IN_BUILD.includes(name) || (isDeep && name !== UNBOUNDED))

type Met = {
  readonly reports: readonly Report[]
  readonly last: Readonly<Record<string, unknown>>
  readonly said: string
}

/** Of the bombs of ten megabytes only some. */
const BOMBS_IN_BUILD = '^(?!ten (?!.*(?:line ends|JSON of objects|letters)$))'

async function meet(reader: string, bombs = isDeep ? '' : BOMBS_IN_BUILD, heap = HEAP): Promise<Met> {
  const flags = [`--max-old-space-size=${heap}`, '--max-semi-space-size=8']
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, 'read-bombs.ts'), reader, bombs])
  const [written, said] = await Promise.all([text(child.stdout), text(child.stderr)])
  const lines = written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { reports: lines.filter((line) => 'milliseconds' in line), last: lines.at(-1), said }
}

describe.each(readers)('%s', (reader) => {
  it('takes no time, no memory and no prototype, and says where and why it is refused', {
    timeout: 600_000,
  }, async () => {
    const { reports, last, said } = await meet(reader)
    // The bomb that ended the process would stand here.
    expect({ last, said: said.slice(0, 1000) }).toEqual({ last: { polluted: false }, said: '' })
    expect(reports.length).toBeGreaterThan(60)
    expect(reports.filter(({ milliseconds }) => milliseconds > MILLISECONDS)).toEqual([])
    expect(reports.filter(({ outcome }) => /^refused: ?(?:undefined)?$/.test(outcome))).toEqual([])
    // Reasons are for people: they quote nothing without end.
    expect(reports.filter(({ outcome }) => outcome.length > 400)).toEqual([])
    // Ten megabytes are refused for their size.
    const unplaced = reports.filter(
      ({ bomb, outcome }) =>
        /^a megabyte of tabs$/.test(bomb) &&
        !/line \d|no command|no trailers|TOML is not read|none of its columns/.test(outcome) &&
        outcome !== 'read',
    )
    expect(unplaced).toEqual([])
  })
})

it('a reader that takes its time is noticed', { timeout: 120_000 }, async () => {
  const { reports } = await meet(UNBOUNDED, 'ten megabytes of keys$', 2000)
  expect(reports.map(({ milliseconds }) => milliseconds > MILLISECONDS)).toEqual([true])
})

it('a reader that needs more memory than there is is noticed', { timeout: 120_000 }, async () => {
  const { last } = await meet(UNBOUNDED, 'ten megabytes of items of a list$')
  expect(last).toEqual({ bomb: 'ten megabytes of items of a list' })
})
