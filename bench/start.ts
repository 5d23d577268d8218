/** How soon the bot takes webhooks after its start, and how much memory its process holds then. */
import { setTimeout as sleep } from 'node:timers/promises'
import { spread } from './numbers.ts'
import type { Section } from './page.ts'
import { prepareBench, residentMb, settle } from './process.ts'

const ROUNDS = 5

export async function start(): Promise<Section> {
  const rows: string[][] = []
  for (const outside of [false, true]) {
    const bench = await prepareBench({ outside })
    try {
      const first = await millisecondsToStart(bench.bot)
      const times: number[] = []
      const sizes: number[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        await settle(bench)
        await sleep(500)
        sizes.push(residentMb(bench.bot.pid() ?? 0))
        await bench.bot.stop()
        times.push(await millisecondsToStart(bench.bot))
      }
      const [time, size] = [spread(times), spread(sizes)]
      rows.push([
        outside ? 'outside (`DATABASE_URL`)' : 'embedded',
        `${time.median.toFixed(0)} (${time.min.toFixed(0)} to ${time.max.toFixed(0)})`,
        first.toFixed(0),
        `${size.median.toFixed(0)} (${size.min.toFixed(0)} to ${size.max.toFixed(0)})`,
      ])
    } finally {
      await bench.close()
    }
  }
  return {
    title: 'Start and size',
    about: `Promised: ready ≤ 1.5 s after a start on a database that is there, ≤ 200 MB resident. From the start of the process until \`/readyz\` answers; ${ROUNDS} starts. The first one makes the database's tables and, where it is embedded, the database.`,
    head: ['database', 'ready ms', 'the first time, ms', 'resident MB'],
    rows,
  }
}

async function millisecondsToStart(bot: { start(): Promise<void> }): Promise<number> {
  const begin = performance.now()
  await bot.start()
  return performance.now() - begin
}
