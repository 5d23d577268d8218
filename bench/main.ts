/**
 * `npm run bench`: all benches, and what they measured into docs/performance.md. `npm run bench -- intake growth` runs some, and the page has those alone.
 * soak.ts is the long one.
 */
import { comparison } from './comparison.ts'
import { edit } from './edit.ts'
import { growth } from './growth.ts'
import { intake } from './intake.ts'
import { loadAverage, machine } from './numbers.ts'
import { render, type Section, writePart } from './page.ts'
import { roundTrip } from './round-trip.ts'
import { start } from './start.ts'
import { unsigned } from './unsigned.ts'

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

const before = loadAverage()
const sections: Section[] = []
for (const [name, bench] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const begin = loadAverage()
  const section = await bench()
  sections.push({ ...section, about: `${section.about} Load average: ${begin} before, ${loadAverage()} after.` })
  console.error(`${name}: done`)
}
const date = new Date().toISOString().slice(0, 10)
const text = render(
  `Measured on ${date}: ${machine()}. Load average when it began: ${before}; what else runs on the machine makes every number larger.`,
  sections,
)
writePart('bench', text)
console.log(text)
