/** The server's settings and its policy, read as `lockkeeper serve` reads them; `lockkeeper doctor` looks at the same. */
import { type Env, readEnv, readSignIns } from '../config/env.ts'
import { parsePolicy } from '../config/policy-file.ts'
import type { Problem } from '../domain/config-problem.ts'
import type { ServerPolicy } from '../domain/server-policy.ts'
import type { SignIn } from '../domain/sign-in.ts'
import type { CliIo } from './verb.ts'

export type ServerSettings = {
  readonly env: Env
  readonly policy: ServerPolicy | undefined
  readonly signIns: ReadonlyMap<string, SignIn<string>>
  readonly argocdTokens: ReadonlyMap<string, string>
  /** What the policy's file holds that is odd, though not wrong. */
  readonly notices: readonly Problem[]
}

export type ReadSettings =
  | { readonly ok: true; readonly settings: ServerSettings }
  /** One sentence with how much is wrong, then a line for each. Ends in a line break. */
  | { readonly ok: false; readonly said: string }

/** Everything at once: nobody should have to start ten times to see ten mistakes. */
export async function readServerSettings(io: CliIo): Promise<ReadSettings> {
  const read = readEnv()
  const policy = await readPolicy(read.ok ? read.env.policyPath : read.policyPath, io)
  const secrets = readSignIns(policy.ok ? policy.policy : undefined)
  const settings = [...(read.ok ? [] : read.problems), ...(secrets.ok ? [] : secrets.problems)]
  if (!read.ok || !policy.ok || !secrets.ok)
    return { ok: false, said: tellProblems(settings, policy.ok ? [] : policy.problems) }
  const { env } = read
  const { signIns, argocdTokens } = secrets
  return { ok: true, settings: { env, policy: policy.policy, signIns, argocdTokens, notices: policy.notices } }
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
  return `${parts.join(', and ')}.\n${lines.join('')}`
}
