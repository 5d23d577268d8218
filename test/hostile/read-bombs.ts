/** The child of hostile-files.test.ts: one reader (its name is the first argument) meets every bomb whose name matches the second one, and says of each what became of it. A line of JSON each. */
import { writeSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BOMBS } from './bombs.ts'
import { READERS } from './readers.ts'

export type Report = {
  readonly bomb: string
  readonly outcome: string
  /** Of this thread's processor time: other programs do not count. */
  milliseconds: number
}

/** What is read again before it is told: well below what is promised. */
const NOTABLE = 150
const HOPELESS = 2000

if (import.meta.main) await meetAll(READERS[process.argv[2] ?? ''], new RegExp(process.argv[3] ?? ''))

async function meetAll(read: (typeof READERS)[string] | undefined, wanted: RegExp): Promise<void> {
  if (read === undefined) throw new Error('no such reader')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // The first reading compiles what all others run.
  for (let round = 0; round < 3; round += 1) await read('a: [1, {b: c}]\n')
  for (const [bomb, make] of BOMBS) {
    if (!wanted.test(bomb)) continue
    const text = make()
    collect()
    write({ bomb })
    const report: Report = { bomb, ...(await timed(read, text)) }
    // Neighbours make the same work slower, never faster: the quickest of three readings is what it takes.
    for (let again = 0; again < 2 && report.milliseconds > NOTABLE && report.milliseconds < HOPELESS; again += 1) {
      collect()
      const { milliseconds } = await timed(read, text)
      report.milliseconds = Math.min(report.milliseconds, milliseconds)
    }
    write(report)
  }
  write({ polluted: 'polluted' in {} })
}

async function timed(read: (text: string) => unknown, text: string): Promise<Omit<Report, 'bomb'>> {
  const before = process.threadCpuUsage()
  const outcome = String(await read(text))
  const { user, system } = process.threadCpuUsage(before)
  return { outcome, milliseconds: Math.round((user + system) / 1000) }
}

/** At once: what is buffered is lost when the heap ends the process. */
function write(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}
