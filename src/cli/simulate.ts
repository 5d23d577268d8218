/** `lockkeeper simulate`: what a command would do, decided as the bot decides it and without doing it. What it reads is put together in src/simulation.ts. */
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import { parseRepoName, type RepoName } from '../domain/ids.ts'
import { simulate as runSimulation } from '../simulation.ts'
import { readServerSettings } from './server-settings.ts'
import { exitCode, simulationJson, simulationText } from './simulate-output.ts'
import { type CliIo, createVerb, printable } from './verb.ts'

const USAGE = `lockkeeper simulate OWNER/REPO#NUMBER COMMAND --as LOGIN [--at TIME] [--json]

Decides a slash command as if LOGIN wrote it in a comment on that pull request
(or issue for operations), prints every rule with its evidence, and changes
nothing. COMMAND is the text of the comment: '/deploy prod'. Several lines are
decided in order up to the first that would not be run.

Asks GitHub with the App's credentials, and the server's own database: settings
come from the environment, as for \`lockkeeper serve\`. An embedded database is
asked while \`lockkeeper serve\` runs.

  --as LOGIN   who would write it
  --at TIME    when, as 2026-11-24T10:00Z; rules of time are judged as of then,
               upon what is there now. Default: now
  --json       one JSON document instead of text
  --help       this text

Exit codes: 0 it would be done, 1 it would be refused, 2 it would not be
understood, wrong usage, or something cannot be asked.
`

/** The verb, for the list in verbs.ts. */
export const simulate = createVerb({
  name: 'simulate',
  usage: USAGE,
  options: { as: { type: 'string' }, at: { type: 'string' }, json: { type: 'boolean' } },
  ask: ({ values: { as, at, json = false }, positionals: [place, body, ...others] }): Asked | string => {
    if (place === undefined || body === undefined) return 'OWNER/REPO#NUMBER and COMMAND are needed'
    if (others.length > 0) return 'the command stands in quotes, as one argument'
    const [, name = '', digits = ''] = /^([^#]+)#(\d{1,9})$/.exec(place) ?? []
    const repository = parseRepoName(name)
    const number = Number(digits)
    if (repository === undefined || number === 0) return `${printable(place)} is not OWNER/REPO#NUMBER`
    if (as === undefined || as === '') return '--as LOGIN is needed'
    if (at === undefined) return { repository, number, body, as, json }
    const instant = instantOf(at)
    return instant === undefined
      ? `--at ${printable(at)}: a time with its zone is needed, as 2026-11-24T10:00Z`
      : { repository, number, body, as, json, at: instant }
  },
  run: runSimulate,
})

type Asked = {
  readonly repository: RepoName
  readonly number: number
  readonly body: string
  readonly as: string
  readonly at?: Date
  readonly json: boolean
}

/** Without a zone it would be another time on another machine. */
function instantOf(text: string): Date | undefined {
  const isWhole = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/i.test(text)
  const instant = new Date(text)
  return isWhole && !Number.isNaN(instant.getTime()) ? instant : undefined
}

/** Runs the verb; see its usage for the exit codes. */
async function runSimulate({ json, ...asked }: Asked, io: CliIo): Promise<number> {
  const read = await readServerSettings(io)
  if (!read.ok) {
    io.stderr(`lockkeeper could not start: ${read.said}`)
    return 2
  }
  try {
    const simulated = await runSimulation({ ...read.settings, asked })
    const shown = { ...simulated, repository: asked.repository, number: asked.number }
    io.stdout(json ? simulationJson(shown) : simulationText(shown, io.isTty))
    return exitCode(simulated)
  } catch (error) {
    if (!(error instanceof UserError || error instanceof SystemUnavailable)) throw error
    const sentence = /[.?!]$/.test(error.message) ? error.message : `${error.message}.`
    const hint = error instanceof UserError ? error.hint : '`lockkeeper doctor` asks every system, and says what to do.'
    io.stderr(`lockkeeper simulate: ${printable(sentence)}\n  ${printable(hint)}\n`)
    return 2
  }
}
