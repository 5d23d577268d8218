/** Starting programs for the recorder and the live suite: servers that never outlive the process that wanted them (leash.ts), and commands that are waited for. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { LeashedCommand } from './leash.ts'

const LEASH = fileURLToPath(new URL('./leash.ts', import.meta.url))

export type Leashed = {
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number | null>
  hasExited(): boolean
  /** Asks it to end, then makes it, and resolves when it has. */
  close(): Promise<void>
}

export type LeashOptions = {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Default SIGTERM. */
  readonly signal?: LeashedCommand['signal']
  readonly uid?: number
  readonly gid?: number
  /** A file descriptor for what it prints; default: nowhere. */
  readonly output?: number
}

/** Starts a program that ends with this process, however this process ends. */
export function startOnLeash(command: string, args: readonly string[], options: LeashOptions = {}): Leashed {
  const { cwd, env, output = 'ignore', signal = 'SIGTERM', ...user } = options
  const leashed: LeashedCommand = { command, args, signal, ...user }
  const child = spawn(process.execPath, [LEASH, JSON.stringify(leashed)], {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    stdio: ['pipe', output, output],
  })
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  // The pipe breaks when the program ends first.
  child.stdin?.on('error', () => {})
  return {
    exited,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    close: async () => {
      child.stdin?.end()
      await exited
    },
  }
}

export type RunOptions = Pick<LeashOptions, 'cwd' | 'env' | 'uid' | 'gid'>

/** Runs a command to its end and gives what it printed. Throws with what it complained about when it fails. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${errors.slice(-4000)}`)
  return output
}

/** A port on the loopback address that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
