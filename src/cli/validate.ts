/** `lockkeeper validate`: every problem of a configuration, as a compiler would say it. The check run of a pull request says the same (comments/config-problems.ts). */
import { parsePolicy } from '../config/policy-file.ts'
import { parseRepoConfig } from '../config/repo-config.ts'
import type { Problem, ProblemSeverity } from '../domain/config-problem.ts'
import { type CliIo, createVerb, paint, printable, readText } from './verb.ts'

const DEFAULT_FILE = '.github/lockkeeper.yml'

const USAGE = `lockkeeper validate [--policy] [--json] [FILE…]

Checks configurations of repositories (default: ${DEFAULT_FILE}) and prints
file:line:column, severity, key, reason and hint of everything that is wrong.

  --policy   FILE is the operator's policy (LOCKKEEPER_POLICY)
  --json     one JSON document instead of lines
  --help     this text

Exit codes: 0 every file loads (keys that nothing acts on yet are told), 1 a file has errors, 2 wrong usage or no such file.
`

/** The verb, for the list in verbs.ts. */
export const validate = createVerb({
  name: 'validate',
  usage: USAGE,
  options: { policy: { type: 'boolean' }, json: { type: 'boolean' } },
  ask: ({ values: { policy = false, json = false }, positionals }) =>
    policy && positionals.length === 0
      ? '--policy needs a FILE'
      : { policy, json, files: positionals.length > 0 ? positionals : [DEFAULT_FILE] },
  run: runValidate,
})

type Asked = { readonly policy: boolean; readonly json: boolean; readonly files: readonly string[] }
type Checked = { readonly file: string; readonly ok: boolean; readonly problems: readonly Problem[] }

/** Runs the verb; see its usage for the exit codes. */
async function runValidate(asked: Asked, io: CliIo): Promise<number> {
  const checked: Checked[] = []
  for (const file of asked.files) {
    const read = await readText(file, io)
    if (!read.ok) {
      io.stderr(`lockkeeper validate: ${read.reason}\n`)
      return 2
    }
    checked.push(check(file, read.text, asked.policy))
  }
  io.stdout(asked.json ? `${JSON.stringify({ files: checked }, null, 2)}\n` : lines(checked, io.isTty))
  return checked.every(({ ok }) => ok) ? 0 : 1
}

function check(file: string, text: string, policy: boolean): Checked {
  const result = policy ? parsePolicy(text, { file }) : parseRepoConfig(text, { file })
  return { file, ok: result.ok, problems: result.ok ? result.notices : result.problems }
}

const COLOURS: { readonly [Severity in ProblemSeverity]: string } = { error: '31', warning: '33', inactive: '36' }

function lines(checked: readonly Checked[], colours: boolean): string {
  const printed = checked.flatMap(({ file, problems }) =>
    problems.length === 0 ? [`${printable(file)}: ok`] : problems.map((problem) => line(problem, colours)),
  )
  return `${[...printed, total(checked)].join('\n')}\n`
}

function line(problem: Problem, colours: boolean): string {
  const place = paint('1', printable(`${problem.file}:${problem.line}:${problem.column}`), colours)
  const said = [problem.key, problem.reason, problem.hint].filter((part) => part !== '').map(printable)
  return [place, paint(COLOURS[problem.severity], problem.severity, colours), ...said].join('  ')
}

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
