/** `lockkeeper serve`: reads the settings and the policy, starts, and stops cleanly on SIGTERM and SIGINT. */
import { UserError } from '../domain/failure.ts'
import { startLockkeeper } from '../main.ts'
import { readServerSettings } from './server-settings.ts'
import { type CliIo, createVerb } from './verb.ts'

const USAGE = `lockkeeper serve

Runs the GitHub App. Settings come from the environment (docs/settings.md).

Exit codes: 0 stopped by SIGTERM or SIGINT, 1 could not start, go on or stop cleanly, 2 settings or policy are wrong.
`

/** How long what is left over may keep the process after everything was put away. */
const LEFTOVERS_MS = 1000

/** The verb, for the list in verbs.ts. */
export const serve = createVerb({
  name: 'serve',
  usage: USAGE,
  options: {},
  ask: ({ positionals }) => (positionals.length > 0 ? 'it takes no arguments' : {}),
  run: (_, io) => runServe(io),
})

async function runServe(io: CliIo): Promise<number> {
  const read = await readServerSettings(io)
  if (!read.ok) {
    io.stderr(`lockkeeper cannot start: ${read.said}`)
    return 2
  }
  const fatal = Promise.withResolvers<never>()
  fatal.promise.catch((error: unknown) => {
    io.stderr(`lockkeeper ends: ${describe(error)}\n`)
    // Not `stop`: it would wait for a database that is gone. What was under way is taken up at the next start.
    process.exit(1)
  })
  let failed = 'cannot start'
  try {
    const running = await startLockkeeper({ ...read.settings, onFatal: fatal.reject })
    failed = 'did not stop cleanly'
    await signalled()
    await running.stop()
  } catch (error) {
    io.stderr(`lockkeeper ${failed}: ${describe(error)}\n`)
    return endSoon(1)
  }
  return endSoon(0)
}

/** What still runs was given back to the queue, and only keeps the process: a request that nobody answers, for instance. */
function endSoon(code: number): number {
  setTimeout(() => process.exit(code), LEFTOVERS_MS).unref()
  return code
}

function describe(error: unknown): string {
  const hint = error instanceof UserError ? `\n${error.hint}` : ''
  return `${error instanceof Error ? error.message : String(error)}${hint}`
}

/** Resolves at the first signal; a second one ends the process at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve()
      })
    }
  })
}
