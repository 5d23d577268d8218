/** The child of hostile-files.test.ts: one reader (its name is the first argument) meets every bomb (after `all`; else those of ten megabytes only in part), and says of each what became of it. A line of JSON each. */
import { writeSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BOMBS } from './bombs.ts'
import { READERS } from './readers.ts'

export type Report = {
  readonly bomb: string
  readonly outcome: string
  /** Of this thread's processor time: other programs do not count. */
  readonly milliseconds: number
}

if (import.meta.main) await meetAll(READERS[process.argv[2] ?? ''], process.argv[3] === 'all')

async function meetAll(read: (typeof READERS)[string] | undefined, all: boolean): Promise<void> {
  if (read === undefined) throw new Error('no such reader')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // The first reading compiles what all others run.
  for (let round = 0; round < 3; round += 1) await read('a: [1, {b: c}]\n')
  for (const [bomb, make] of BOMBS) {
    if (!all && /^ten (?!.*(?:line ends|JSON of objects|letters)$)/.test(bomb)) continue
    const text = make()
    collect()
    write({ bomb })
    const before = process.threadCpuUsage()
    const outcome = await read(text)
    const { user, system } = process.threadCpuUsage(before)
    const report: Report = { bomb, outcome, milliseconds: Math.round((user + system) / 1000) }
    write(report)
  }
  write({ polluted: 'polluted' in {} })
}

/** At once: what is buffered is lost when the heap ends the process. */
function write(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}
