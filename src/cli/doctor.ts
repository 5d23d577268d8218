/** `lockkeeper doctor`: asks every system that the server is set up for, as the server would, and names cause and remedy. What is asked is in src/examinations.ts. */
import { examinationsOf } from '../examinations.ts'
import { examineSystems, type Finding } from '../services/examine-systems.ts'
import { readServerSettings } from './server-settings.ts'
import { type CliIo, createVerb, paint, printable } from './verb.ts'

const USAGE = `lockkeeper doctor [--json]

Asks GitHub, the database, MLflow, buckets, registries, W&B, Prometheus,
Argo CD servers and clusters, as the settings and the policy name them, with real calls and the
server's own credentials; in clusters, for every right that the policy needs.
Settings come from the environment, as for \`lockkeeper serve\`. Changes nothing.

  --json     one JSON document instead of a table
  --help     this text

Exit codes: 0 everything that was asked is well, 1 something is not, 2 settings or policy are wrong.
`

/** The verb, for the list in verbs.ts. */
export const doctor = createVerb({
  name: 'doctor',
  usage: USAGE,
  options: { json: { type: 'boolean' } },
  ask: ({ values: { json = false }, positionals }) => (positionals.length > 0 ? 'it takes no arguments' : { json }),
  run: runDoctor,
})

/** Runs the verb; see its usage for the exit codes. */
async function runDoctor({ json }: { readonly json: boolean }, io: CliIo): Promise<number> {
  const read = await readServerSettings(io)
  if (!read.ok) {
    io.stderr(`lockkeeper could not start: ${read.said}`)
    return 2
  }
  const findings = await examineSystems(examinationsOf(read.settings))
  io.stdout(json ? `${JSON.stringify({ findings }, null, 2)}\n` : table(findings, io.isTty))
  return findings.some(({ verdict }) => verdict === 'ill') ? 1 : 0
}

const SIGNS: { readonly [Verdict in Finding['verdict']]: readonly [sign: string, colour: string] } = {
  well: ['✓', '32'],
  ill: ['✗', '31'],
  skipped: ['–', '2'],
}

/** A line for each system, and below what is ill what to do. */
function table(findings: readonly Finding[], colours: boolean): string {
  const width = (column: 'system' | 'name') => Math.max(0, ...findings.map((each) => printable(each[column]).length))
  const [systems, names] = [width('system'), width('name')]
  const lines = findings.flatMap((finding) => {
    const [sign, colour] = SIGNS[finding.verdict]
    const cells = [printable(finding.system).padEnd(systems), printable(finding.name).padEnd(names)]
    const line = `${paint(colour, sign, colours)} ${cells.join('  ')}  ${printable(finding.said)}`
    if (finding.verdict !== 'ill') return [line]
    const [remedy = '', ...below] = finding.remedy.split('\n').map(printable)
    // Lines to paste begin where they have to begin.
    return [line, `${' '.repeat(systems + names + 6)}→ ${remedy}`, ...below]
  })
  return `${[...lines, '', total(findings)].join('\n')}\n`
}

function total(findings: readonly Finding[]): string {
  const count = (verdict: Finding['verdict']): number => findings.filter((each) => each.verdict === verdict).length
  return `${count('well')} well, ${count('ill')} ill, ${count('skipped')} not looked at`
}
