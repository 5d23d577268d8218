/** `lockkeeper compare`: a pull request's comparison for any CI or a terminal, without the App. Reading: src/sides.ts; what is printed: compare-output.ts. */
import { readEnvOfSystems } from '../config/env.ts'
import { compareSides } from '../sides.ts'
import { type Gates, gatesOfConfig, gatesOfOptions } from './compare-gates.ts'
import { asJson, asMarkdown, asTable } from './compare-output.ts'
import { type CliIo, createVerb, printable, readText } from './verb.ts'

const USAGE = `lockkeeper compare CANDIDATE… [--with BASELINE]… [GATES] [--json | --markdown]

Compares metrics as the check run of a pull request does, and judges the gates.
Several candidates or baselines are the seeds of one: their means are compared,
and with two or more on both sides a regression must be larger than the noise.
\`checks\` and \`reports\` are judged on pull requests only.

  CANDIDATE, BASELINE   a metrics file (JSON, YAML, CSV), or in MLflow:
                        runs:/ID, models:/NAME/VERSION, models:/NAME@ALIAS
  --with BASELINE       repeatable; default: the model's own where that is in MLflow

gates, one of
  --gate 'auc: { goal: maximize, min: 0.8, max_regression: 0.5% }'
                        as under \`gates:\` in .github/lockkeeper.yml; repeatable
  --config FILE         the gates of a model in this file
                        (default: .github/lockkeeper.yml where there is one)
  --model NAME          which model of that file, where it has several

  --json                one JSON document
  --markdown            Markdown, as for a comment or a job summary
  --help                this text

MLflow is found as its own client finds it: MLFLOW_TRACKING_URI with
MLFLOW_TRACKING_USERNAME and _PASSWORD, or MLFLOW_TRACKING_TOKEN.

Exit codes: 0 every required gate passes, 1 one fails, 2 wrong usage or metrics that cannot be read.
`

/** The verb, for the list in verbs.ts. */
export const compare = createVerb({
  name: 'compare',
  usage: USAGE,
  options: {
    with: { type: 'string', multiple: true },
    gate: { type: 'string', multiple: true },
    config: { type: 'string' },
    model: { type: 'string' },
    json: { type: 'boolean' },
    markdown: { type: 'boolean' },
  },
  ask: ({ values, positionals }): Asked | string => {
    const { gate: gates = [], with: baseline = [], config, model, json, markdown } = values
    if (positionals.length === 0) return 'a CANDIDATE is needed'
    if (json && markdown) return '--json and --markdown exclude each other'
    if (gates.length > 0 && (config ?? model) !== undefined) {
      return '--gate and --config (or --model) exclude each other: gates come from one place'
    }
    const output = json ? 'json' : markdown ? 'markdown' : 'table'
    return { candidate: positionals, baseline, gates, config, model, output }
  },
  run: runCompare,
})

type Asked = {
  readonly candidate: readonly string[]
  readonly baseline: readonly string[]
  readonly gates: readonly string[]
  readonly config: string | undefined
  readonly model: string | undefined
  readonly output: 'table' | 'json' | 'markdown'
}

const DEFAULT_FILE = '.github/lockkeeper.yml'

/** Runs the verb; see its usage for the exit codes. */
async function runCompare(asked: Asked, io: CliIo): Promise<number> {
  const gates = await readGates(asked, io)
  if (!gates.ok) return refuse(gates.problems, io)
  for (const warning of gates.warnings) io.stderr(`lockkeeper compare: ${printable(`warning: ${warning}`)}\n`)
  const systems = readEnvOfSystems()
  if (!systems.ok) return refuse(systems.problems, io)
  const sides = await compareSides({ ...asked, model: gates.model, env: systems.env, readFile: io.readFile })
  if (!sides.ok) return refuse([`${sides.problem.message}. ${sides.problem.hint}`], io)
  const print = { table: asTable, json: asJson, markdown: asMarkdown }[asked.output]
  io.stdout(print(sides.report, { colours: io.isTty }))
  return sides.report.gates.verdict === 'fail' ? 1 : 0
}

function refuse(problems: readonly string[], io: CliIo): number {
  for (const problem of problems) io.stderr(`lockkeeper compare: ${printable(problem)}\n`)
  return 2
}

/** None are fine, too: the numbers are shown, and nothing judges them. */
async function readGates({ gates, config, model }: Asked, io: CliIo): Promise<Gates> {
  if (gates.length > 0) return gatesOfOptions(gates)
  const file = config ?? DEFAULT_FILE
  const read = await readText(file, io)
  if (read.ok) return gatesOfConfig(read.text, { file, model })
  const isWanted = config !== undefined || model !== undefined
  return read.isAbsent && !isWanted ? gatesOfOptions([]) : { ok: false, problems: [read.reason] }
}
