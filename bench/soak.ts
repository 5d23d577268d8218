/**
 * `npm run soak`: LOCKKEEPER_TEST_RUNS deliveries (a million when unset) through one process, and what was seen into docs/performance.md.
 * Ctrl-C, and LOCKKEEPER_SOAK_MINUTES, end it after the sample that is under way; it then writes of those that were sent.
 */
import { writeFileSync } from 'node:fs'
import { loadAverage, machine } from './numbers.ts'
import { render, writePart } from './page.ts'
import { plot } from './plot.ts'
import { soakSections } from './soak-page.ts'
import { soak } from './soak-run.ts'

const deliveries = Number(process.env['LOCKKEEPER_TEST_RUNS'] ?? 1_000_000)
const until = performance.now() + Number(process.env['LOCKKEEPER_SOAK_MINUTES'] ?? Number.POSITIVE_INFINITY) * 60_000
let isOver = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    isOver = true
  })

const before = loadAverage()
const result = await soak({
  deliveries,
  every: Math.max(500, Math.min(10_000, Math.round(deliveries / 100))),
  connections: 8,
  isOver: () => isOver || performance.now() > until,
  onSample: (sample) => console.log(JSON.stringify(sample)),
})
console.log(JSON.stringify({ ...result, samples: undefined }, null, 1))
const date = new Date().toISOString().slice(0, 10)
const measured = `Measured on ${date}: ${machine()}. Load average before: ${before}, after: ${loadAverage()}; what else runs there makes every number larger.`
writePart('soak', render(measured, soakSections(result)))
const at = (part: 'residentMb' | 'heapMb' | 'p50Ms' | 'p99Ms' | 'insertMs') =>
  result.samples.map((sample) => [sample.sent, sample[part]] as const)
const image = (name: string) => new URL(`../docs/images/${name}`, import.meta.url)
writeFileSync(
  image('soak-memory.svg'),
  plot({
    title: 'Memory of the process, MB',
    along: 'deliveries',
    lines: [
      { name: 'resident', points: at('residentMb') },
      { name: 'live after a full collection', points: at('heapMb') },
    ],
  }),
)
writeFileSync(
  image('soak-latency.svg'),
  plot({
    title: 'Time to the acknowledgement, ms',
    along: 'deliveries',
    lines: [
      { name: 'p99', points: at('p99Ms') },
      { name: 'p50', points: at('p50Ms') },
      { name: 'one insert of that size, p50', points: at('insertMs') },
    ],
  }),
)
