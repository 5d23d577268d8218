/** What a soak (soak-run.ts) says in docs/performance.md. */
import { quantile, slope } from './numbers.ts'
import type { Section } from './page.ts'
import type { Sample, Soak } from './soak-run.ts'

/** What a process needs before its memory is what it stays at: caches, compiled code, the collector's own measure. */
const WARM_UP = 0.25

/** With fewer, what is still warming up would be taken for growth. */
const ENOUGH = 100_000

/** Growth in MB with each 100,000 deliveries, over all samples after the warm-up. */
export function growth(samples: readonly Sample[], of: 'residentMb' | 'heapMb'): number {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP))
  return slope(warm.map((sample) => [sample.sent / 100_000, sample[of]]))
}

export function soakSections({
  samples,
  relevant,
  sentAgain,
  errors,
  tables,
  drainedAfterSeconds,
}: Soak): readonly Section[] {
  const last = samples.at(-1)
  const count = (value: number) => value.toLocaleString('en-GB')
  const over = (of: 'p50Ms' | 'p99Ms' | 'insertMs') =>
    quantile(
      samples.map((sample) => sample[of]),
      0.5,
    ).toFixed(1)
  const sent = last?.sent ?? 0
  const told = (of: 'residentMb' | 'heapMb') =>
    sent < ENOUGH ? `not told below ${count(ENOUGH)}` : growth(samples, of).toFixed(2)
  return [
    {
      title: `${count(sent)} deliveries through one process`,
      about: `Signed webhooks over eight connections, as fast as they were acknowledged, to \`lockkeeper serve\` with its embedded database: checks, statuses, pushes to other branches and talk that concern no model; and ${count(relevant)} that somebody had to answer, commands and checks of a pull request that is compared. Growth is the slope over all samples after the first quarter.`,
      head: ['', ''],
      rows: [
        ['deliveries in a second', (sent / (last?.seconds ?? 1)).toFixed(0)],
        ['acknowledged, p50 ms', over('p50Ms')],
        ['acknowledged, p99 ms', over('p99Ms')],
        ['one row of 13 kB inserted by eight connections meanwhile, p50 ms', over('insertMs')],
        ['processor time of the process for each, ms', (last?.processorMs ?? 0).toFixed(2)],
        ['resident MB at the end', (last?.residentMb ?? 0).toFixed(0)],
        ['resident MB, growth with 100,000', told('residentMb')],
        ['live heap MB, growth with 100,000', told('heapMb')],
        ['most that waited in the inbox', count(Math.max(...samples.map(({ waiting }) => waiting)))],
        ['all worked off, seconds after the last', drainedAfterSeconds.toFixed(1)],
        ['answered 503 first, and sent again', sentAgain],
        ['errors in the log', errors.length],
      ],
      after: '![Memory over deliveries](images/soak-memory.svg)\n\n![Latency over deliveries](images/soak-latency.svg)',
    },
    {
      title: 'What it left in the database',
      about:
        'The largest tables when all was worked off. A delivery that was handled leaves its id for 14 days, and nothing else.',
      head: ['table', 'rows', 'MB', 'bytes for each delivery'],
      rows: tables.map(({ table, rows, mb }) => [
        `\`${table}\``,
        count(rows),
        mb.toFixed(1),
        ((mb * 1024 ** 2) / Math.max(1, sent)).toFixed(0),
      ]),
    },
  ]
}
