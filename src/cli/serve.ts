/** `lockkeeper serve`: reads the settings and the policy, starts, and stops cleanly on SIGTERM and SIGINT. */
import { readEnv } from '../config/env.ts'
import { parsePolicy } from '../config/policy-file.ts'
import type { Problem } from '../domain/config-problem.ts'
import { UserError } from '../domain/failure.ts'
import type { ServerPolicy } from '../domain/server-policy.ts'
import { startLockkeeper } from '../main.ts'
import type { CliIo, Verb } from './verb.ts'

const USAGE = `lockkeeper serve

Runs the GitHub App. Settings come from the environment (docs/settings.md).

Exit codes: 0 stopped by SIGTERM or SIGINT, 1 could not start or go on, 2 settings or policy are wrong.
`

/** How long what is left over may keep the process after everything was put away. */
const LEFTOVERS_MS = 1000

export const serve: Verb = { name: 'serve', summary: 'run the GitHub App', usage: USAGE, run: runServe }

async function runServe(args: readonly string[], io: CliIo): Promise<number> {
  if (args.length > 0) {
    io.stderr(USAGE)
    return args.includes('--help') ? 0 : 2
  }
  const settings = readEnv()
  const policy = await readPolicy(settings.ok ? settings.env.policyPath : settings.policyPath, io)
  if (!settings.ok || !policy.ok) {
    io.stderr(tellProblems(settings.ok ? [] : settings.problems, policy.ok ? [] : policy.problems))
    return 2
  }
  const { env } = settings
  const fatal = Promise.withResolvers<never>()
  fatal.promise.catch((error: unknown) => {
    io.stderr(`lockkeeper ends: ${describe(error)}\n`)
    // Not `stop`: it would wait for a database that is gone. What was under way is taken up at the next start.
    process.exit(1)
  })
  try {
    const running = await startLockkeeper({ env, ...policy, onFatal: fatal.reject })
    await signalled()
    await running.stop()
  } catch (error) {
    io.stderr(`lockkeeper cannot start: ${describe(error)}\n`)
    return endSoon(1)
  }
  return endSoon(0)
}

/** What still runs was given back to the queue, and only keeps the process: a request that nobody answers, for instance. */
function endSoon(code: number): number {
  setTimeout(() => process.exit(code), LEFTOVERS_MS).unref()
  return code
}

type ReadPolicy =
  | { readonly ok: true; readonly policy: ServerPolicy | undefined; readonly notices: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly string[] }

async function readPolicy(path: string | undefined, io: CliIo): Promise<ReadPolicy> {
  if (path === undefined) return { ok: true, policy: undefined, notices: [] }
  let text: string
  try {
    text = await io.readFile(path)
  } catch (error) {
    return { ok: false, problems: [`LOCKKEEPER_POLICY names ${path}, which cannot be read: ${String(error)}`] }
  }
  const parsed = parsePolicy(text, { file: path })
  if (parsed.ok) return parsed
  const lines = parsed.problems.map(({ line, column, key, reason, hint }) =>
    `${path}:${line}:${column}  ${key}  ${reason}  ${hint}`.trimEnd(),
  )
  return { ok: false, problems: lines }
}

/** Everything at once: nobody should have to start ten times to see ten mistakes. */
function tellProblems(settings: readonly string[], policy: readonly string[]): string {
  const parts = [
    ...(settings.length === 0
      ? []
      : [settings.length === 1 ? '1 setting is wrong' : `${settings.length} settings are wrong`]),
    ...(policy.length === 0
      ? []
      : [`the policy has ${policy.length === 1 ? '1 mistake' : `${policy.length} mistakes`}`]),
  ]
  const lines = [...settings, ...policy].map((problem) => `  - ${problem}\n`)
  return `lockkeeper cannot start: ${parts.join(', and ')}.\n${lines.join('')}`
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
