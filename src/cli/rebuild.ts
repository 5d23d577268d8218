/** `lockkeeper rebuild`: the ledger of a lost database, from what GitHub has. Put together in src/rebuilding.ts; docs/guides/rebuild.md is for operators. */
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import { isActive } from '../domain/promotion.ts'
import { type Rebuilt, rebuild as runRebuild } from '../rebuilding.ts'
import { readServerSettings } from './server-settings.ts'
import { type CliIo, createVerb, printable } from './verb.ts'

const USAGE = `lockkeeper rebuild [--check] [--json]

Restores the ledger of a lost database: releases, promotions, what is live, what
/rollback goes back to, and holds. Reads what the App wrote in every repository
where it is installed: its signed commits, Deployments and replies. Writes into
an empty ledger only, everything or nothing, and asks people again for what
GitHub does not tell, in comments where it belongs.

Settings come from the environment, as for \`lockkeeper serve\`. Stop the server
first; an embedded database is started for as long as this takes.

  --check   compare the ledger that is there with GitHub, and change nothing
  --json    one JSON document instead of text
  --help    this text

Exit codes: 0 restored, or no difference; 1 differences, or somebody could not
be asked; 2 nothing was changed: wrong usage, the ledger is not empty, or
something cannot be read.
`

/** The verb, for the list in verbs.ts. */
export const rebuild = createVerb({
  name: 'rebuild',
  usage: USAGE,
  options: { check: { type: 'boolean' }, json: { type: 'boolean' } },
  ask: ({ values: { check = false, json = false }, positionals }): Asked | string =>
    positionals.length > 0 ? 'it takes no arguments' : { isCheck: check, json },
  run,
})

type Asked = { readonly isCheck: boolean; readonly json: boolean }

async function run({ isCheck, json }: Asked, io: CliIo): Promise<number> {
  const read = await readServerSettings(io)
  if (!read.ok) {
    io.stderr(`lockkeeper could not start: ${read.said}`)
    return 2
  }
  try {
    const onRead = (repository: string) => io.stderr(`reading ${repository}\n`)
    const done = await runRebuild({ env: read.settings.env, isCheck, onRead })
    io.stdout(json ? `${JSON.stringify(factsOf(done), null, 2)}\n` : textOf(done))
    return (done.differences ?? done.untold).length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof UserError || error instanceof SystemUnavailable)) throw error
    const hint = error instanceof UserError ? error.hint : '`lockkeeper doctor` asks every system, and says what to do.'
    io.stderr(`lockkeeper rebuild: ${printable(error.message)}\n  ${printable(hint)}\n  Nothing was changed.\n`)
    return 2
  }
}

/** What both shapes say. */
function factsOf({ ledger, differences, untold }: Rebuilt) {
  const { repositories, releases, promotions, holds, questions, lost } = ledger
  return {
    repositories: repositories.length,
    releases: releases.length,
    promotions: promotions.length,
    verified: promotions.filter(({ stage }) => stage.at === 'verified').length,
    underWay: promotions.filter(isActive).map(({ model, label, environment }) => `${model} ${label} to ${environment}`),
    holds: holds.flatMap(({ hold, endedBy }) =>
      endedBy === undefined
        ? [`${[hold.environment ?? hold.repository, hold.model].join(' ').trim()}, by ${hold.by}: ${hold.reason}`]
        : [],
    ),
    asked: questions.map(({ repository, number, markdown }) => `${repository}#${number}: ${markdown}`),
    untold,
    notRestored: lost,
    ...(differences !== undefined && { differences }),
  }
}

function textOf(done: Rebuilt): string {
  const facts = factsOf(done)
  const { repositories, releases, promotions, verified, differences } = facts
  const amounts = `${releases} releases and ${promotions} promotions, ${verified} of them verified, from ${repositories} repositories`
  const head =
    differences === undefined
      ? `Restored: ${amounts}.`
      : `GitHub has ${amounts}. ${differences.length === 0 ? 'The ledger agrees.' : 'The ledger differs:'}`
  const lists = [
    list('', differences ?? []),
    list('Under way, and taken up by the server', facts.underWay),
    list('Held', facts.holds),
    list(differences === undefined ? 'Asked again' : 'A rebuild would ask again', facts.asked),
    list('Nobody could be asked in', facts.untold),
    list('Not restored', facts.notRestored),
  ]
  const next = differences === undefined ? '\nNext: start `lockkeeper serve`.\n' : ''
  return `${head}\n${lists.join('')}${next}`
}

const list = (title: string, lines: readonly string[]): string =>
  lines.length === 0
    ? ''
    : `${title === '' ? '' : `${title}:\n`}${lines.map((line) => `  - ${printable(line)}\n`).join('')}`
