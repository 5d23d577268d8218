/** `lockkeeper validate`: every problem of a configuration, as a compiler would say it. The check run of a pull request says the same (comments/config-problems.ts). */
import { parseArgs } from 'node:util'
import { parsePolicy } from '../config/policy-file.ts'
import { parseRepoConfig } from '../config/repo-config.ts'
import type { Problem, ProblemSeverity } from '../domain/config-problem.ts'
import type { CliIo, Verb } from './verb.ts'

const DEFAULT_FILE = '.github/lockkeeper.yml'

const USAGE = `lockkeeper validate [--policy] [--json] [FILE…]

Checks configurations of repositories (default: ${DEFAULT_FILE}) and prints
file:line:column, severity, key, reason and hint of everything that is wrong.

  --policy   FILE is the operator's policy (LOCKKEEPER_POLICY)
  --json     one JSON document instead of lines
  --help     this text

Exit codes: 0 every file loads (keys that nothing acts on yet are told), 1 a file has errors, 2 wrong usage or no such file.
`

/** The verb, for the list in main.ts. */
export const validate: Verb = {
  name: 'validate',
  summary: 'check a configuration, with line and column of everything that is wrong',
  usage: USAGE,
  run: runValidate,
}

type Checked = { readonly file: string; readonly ok: boolean; readonly problems: readonly Problem[] }

/** Runs the verb; see its usage for the exit codes. */
async function runValidate(args: readonly string[], io: CliIo): Promise<number> {
  const asked = readArguments(args)
  if (asked === 'help') {
    io.stdout(USAGE)
    return 0
  }
  if (typeof asked === 'string') {
    io.stderr(`lockkeeper validate: ${asked}\n\n${USAGE}`)
    return 2
  }
  const checked: Checked[] = []
  for (const file of asked.files) {
    const text = await readText(file, io)
    if (text === undefined) return 2
    checked.push(check(file, text, asked.policy))
  }
  io.stdout(asked.json ? `${JSON.stringify({ files: checked }, null, 2)}\n` : lines(checked, io.isTty))
  return checked.every(({ ok }) => ok) ? 0 : 1
}

type Asked = { readonly policy: boolean; readonly json: boolean; readonly files: readonly string[] }

/** What was asked, or in a sentence why it cannot be read. */
function readArguments(args: readonly string[]): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { policy: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
    if (values.help) return 'help'
    const policy = values.policy ?? false
    if (policy && positionals.length === 0) return '--policy needs a FILE'
    return { policy, json: values.json ?? false, files: positionals.length > 0 ? positionals : [DEFAULT_FILE] }
  } catch (error) {
    // Node's second sentence is about `--`, which helps nobody here.
    if (error instanceof TypeError) return error.message.split('. ')[0] ?? error.message
    throw error
  }
}

async function readText(file: string, io: CliIo): Promise<string | undefined> {
  try {
    return await io.readFile(file)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    const reason = error.code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${String(error.code)})`
    io.stderr(`lockkeeper validate: ${file}: ${reason}\n`)
    return undefined
  }
}

function check(file: string, text: string, policy: boolean): Checked {
  const result = policy ? parsePolicy(text, { file }) : parseRepoConfig(text, { file })
  return { file, ok: result.ok, problems: result.ok ? result.notices : result.problems }
}

const COLOURS: { readonly [Severity in ProblemSeverity]: string } = { error: '31', warning: '33', inactive: '36' }

function lines(checked: readonly Checked[], colours: boolean): string {
  const paint = (code: string, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  const printed = checked.flatMap(({ file, problems }) =>
    problems.length === 0 ? [`${printable(file)}: ok`] : problems.map((problem) => line(problem, paint)),
  )
  return `${[...printed, total(checked)].join('\n')}\n`
}

function line(problem: Problem, paint: (code: string, text: string) => string): string {
  const place = paint('1', printable(`${problem.file}:${problem.line}:${problem.column}`))
  const said = [problem.key, problem.reason, problem.hint].filter((part) => part !== '').map(printable)
  return [place, paint(COLOURS[problem.severity], problem.severity), ...said].join('  ')
}

/** A file can hold anything; a terminal must not be steered by it. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')

function total(checked: readonly Checked[]): string {
  const count = (severity: ProblemSeverity): number =>
    checked.flatMap(({ problems }) => problems).filter((problem) => problem.severity === severity).length
  const counted = [
    plural(count('error'), 'error'),
    plural(count('warning'), 'warning'),
    count('inactive') > 0 ? `${count('inactive')} inactive` : undefined,
  ].filter((part) => part !== undefined)
  return counted.length === 0 ? 'no problems' : counted.join(', ')
}

const plural = (count: number, word: string): string | undefined =>
  count === 0 ? undefined : `${count} ${word}${count === 1 ? '' : 's'}`
