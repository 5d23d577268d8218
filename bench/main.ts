/**
 * `npm run bench`: all benches, and what they measured into docs/performance.md. `npm run bench -- intake growth` runs some, and leaves the
 * others as they are. All of them take about nine minutes on two cores that have nothing else to do. soak.ts is the long one.
 */
import { comparison } from './comparison.ts'
import { edit } from './edit.ts'
import { growth } from './growth.ts'
import { intake } from './intake.ts'
import { loadAverage, machine } from './numbers.ts'
import { merged, readPart, render, type Section, writePart } from './page.ts'
import { roundTrip } from './round-trip.ts'
import { start } from './start.ts'
import { unsigned } from './unsigned.ts'

/** The tables as they stand on the page. */
const TITLES = [
  'A webhook is acknowledged',
  'A body of 400 MB from nobody',
  'From an event to the comment',
  'Start and size',
  'What grows, and what stays flat',
  '10,000 metrics compared and rendered',
  'A manifest of 10,000 lines is edited',
]

const BENCHES: Readonly<Record<string, () => Promise<Section>>> = {
  intake: () => intake({ seconds: Number(process.env['LOCKKEEPER_BENCH_SECONDS'] ?? 2) }),
  unsigned,
  'round-trip': roundTrip,
  start,
  growth,
  comparison,
  edit,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => BENCHES[name] === undefined)
if (unknown.length > 0)
  throw new Error(`no bench is called ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`)

const date = new Date().toISOString().slice(0, 10)
const measured = `Measured on ${date}: ${machine()}. Load average when it began: ${loadAverage()}; what else runs on the machine makes every number larger.`

/** Each table is written when it is there: what fails later takes nothing away. */
async function run(name: string, bench: () => Promise<Section>): Promise<void> {
  const [begin, since] = [loadAverage(), performance.now()]
  const section = await bench()
  if (!TITLES.includes(section.title)) throw new Error(`${section.title} is not on the page`)
  const about = `${section.about} Load average: ${begin} before, ${loadAverage()} after.`
  const text = render(measured, [{ ...section, about }])
  writePart('bench', merged(text, readPart('bench'), TITLES))
  console.log(text.slice(measured.length).trim())
  console.error(`${name}: done after ${((performance.now() - since) / 1000).toFixed(0)} s\n`)
}

for (const [name, bench] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  try {
    await run(name, bench)
  } catch (error) {
    console.error(`${name}: failed`, error)
    process.exitCode = 1
  }
}
