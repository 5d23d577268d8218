/** `lockkeeper compare`: a pull request's comparison for any CI or a terminal, without the App. Reading: src/sides.ts; what is printed: compare-output.ts. */
import { parseArgs } from 'node:util'
import { readEnvOfSystems } from '../config/env.ts'
import { compareSides } from '../sides.ts'
import { type Gates, gatesOfConfig, gatesOfOptions } from './compare-gates.ts'
import { asJson, asMarkdown, asTable } from './compare-output.ts'
import type { CliIo, Verb } from './verb.ts'

const USAGE = `lockkeeper compare CANDIDATE… [--with BASELINE]… [GATES] [--json | --markdown]

Compares metrics as the check run of a pull request does, and judges the gates.
Several candidates or baselines are the seeds of one: their means are compared,
and a regression must be larger than the noise.

  CANDIDATE, BASELINE   a metrics file (JSON, YAML, CSV), or in MLflow:
                        runs:/ID, models:/NAME/VERSION, models:/NAME@ALIAS
  --with BASELINE       default: the model's own where that is in MLflow

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

Exit codes: 0 every gate passes, 1 a gate fails, 2 wrong usage or metrics that cannot be read.
`

/** The verb, for the list in main.ts. */
export const compare: Verb = {
  name: 'compare',
  summary: 'compare the metrics of files or MLflow runs, and judge the gates',
  usage: USAGE,
  run: runCompare,
}

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
async function runCompare(args: readonly string[], io: CliIo): Promise<number> {
  const asked = readArguments(args)
  if (asked === 'help') {
    io.stdout(USAGE)
    return 0
  }
  if (typeof asked === 'string') {
    io.stderr(`lockkeeper compare: ${asked}\n\n${USAGE}`)
    return 2
  }
  const gates = await readGates(asked, io)
  if (!gates.ok) return refuse(gates.problems, io)
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

/** What is told may quote a file; a terminal must not be steered by it. */
const printable = (text: string): string => text.replace(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')

async function readGates({ gates, config, model }: Asked, io: CliIo): Promise<Gates> {
  if (gates.length > 0) return gatesOfOptions(gates)
  const file = config ?? DEFAULT_FILE
  try {
    return gatesOfConfig(await io.readFile(file), { file, model })
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    if (error.code === 'ENOENT' && config === undefined && model === undefined) return gatesOfOptions([])
    const reason = error.code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${String(error.code)})`
    return { ok: false, problems: [`${file}: ${reason}`] }
  }
}

/** What was asked, or in a sentence why it cannot be read. */
function readArguments(args: readonly string[]): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        with: { type: 'string', multiple: true },
        gate: { type: 'string', multiple: true },
        config: { type: 'string' },
        model: { type: 'string' },
        json: { type: 'boolean' },
        markdown: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) return 'help'
    if (positionals.length === 0) return 'a CANDIDATE is needed'
    if (values.json && values.markdown) return '--json and --markdown exclude each other'
    const gates = values.gate ?? []
    if (gates.length > 0 && (values.config ?? values.model) !== undefined) {
      return '--gate and --config (or --model) exclude each other: gates come from one place'
    }
    return {
      candidate: positionals,
      baseline: values.with ?? [],
      gates,
      config: values.config,
      model: values.model,
      output: values.json ? 'json' : values.markdown ? 'markdown' : 'table',
    }
  } catch (error) {
    // Node's second sentence is about `--`, which helps nobody here.
    if (error instanceof TypeError) return error.message.split('. ')[0] ?? error.message
    throw error
  }
}
