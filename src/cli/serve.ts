/** `lockkeeper serve`: reads the settings and the policy, starts, and stops cleanly on SIGTERM and SIGINT. */
import { readEnv } from '../config/env.ts'
import { parsePolicy } from '../config/policy-file.ts'
import { UserError } from '../domain/failure.ts'
import type { ServerPolicy } from '../domain/server-policy.ts'
import { startLockkeeper } from '../main.ts'
import type { CliIo, Verb } from './verb.ts'

const USAGE = `lockkeeper serve

Runs the GitHub App. Settings come from the environment (docs/settings.md).

Exit codes: 0 stopped by SIGTERM or SIGINT, 1 could not start, 2 settings or policy are wrong.
`

export const serve: Verb = { name: 'serve', summary: 'run the GitHub App', usage: USAGE, run: runServe }

async function runServe(args: readonly string[], io: CliIo): Promise<number> {
  if (args.length > 0) {
    io.stderr(USAGE)
    return args.includes('--help') ? 0 : 2
  }
  const settings = readEnv()
  if (!settings.ok) {
    io.stderr(
      `lockkeeper cannot start: ${settings.problems.length} settings are wrong.\n${settings.problems.map((problem) => `  - ${problem}\n`).join('')}`,
    )
    return 2
  }
  const policy = await readPolicy(settings.env.policyPath, io)
  if (!policy.ok) {
    io.stderr(policy.message)
    return 2
  }
  try {
    const running = await startLockkeeper({ env: settings.env, policy: policy.policy })
    await signalled()
    await running.stop()
    return 0
  } catch (error) {
    const hint = error instanceof UserError ? `\n${error.hint}` : ''
    io.stderr(`lockkeeper cannot start: ${error instanceof Error ? error.message : String(error)}${hint}\n`)
    return 1
  }
}

type ReadPolicy =
  | { readonly ok: true; readonly policy: ServerPolicy | undefined }
  | { readonly ok: false; readonly message: string }

async function readPolicy(path: string | undefined, io: CliIo): Promise<ReadPolicy> {
  if (path === undefined) return { ok: true, policy: undefined }
  let text: string
  try {
    text = await io.readFile(path)
  } catch (error) {
    return {
      ok: false,
      message: `lockkeeper cannot start: LOCKKEEPER_POLICY names ${path}, which cannot be read: ${String(error)}\n`,
    }
  }
  const parsed = parsePolicy(text, { file: path })
  if (parsed.ok) return { ok: true, policy: parsed.policy }
  const lines = parsed.problems.map(
    ({ line, column, key, reason, hint }) => `  ${path}:${line}:${column}  ${key}  ${reason}  ${hint}\n`,
  )
  return { ok: false, message: `lockkeeper cannot start: the policy is wrong.\n${lines.join('')}` }
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
