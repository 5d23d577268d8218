/** The embedded server as a child process: initdb once, start, wait until it takes connections, stop. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { SystemUnavailable } from '../domain/failure.ts'
import { commandAs, type Identity } from './embedded-postgres-identity.ts'
import type { Log } from './log.ts'

export type RunningServer = {
  readonly pid: number
  /** Fast stop: connections are ended, everything is written. Immediate stop after 10 s (the next start then recovers). */
  stop(): Promise<void>
}

export type ServerOptions = {
  readonly postgres: string
  readonly data: string
  readonly socketDir: string
  readonly identity: Identity
  readonly log: Log
  readonly settings: Readonly<Record<string, string>>
  readonly onUnexpectedExit?: (error: Error) => void
}

const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 10_000
const KEPT_LINES = 15
/** Nothing of our own environment: no PGPORT, PGDATA or locale changes what is started. */
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
const READY = /database system is ready to accept connections/

/** Makes a cluster in an empty directory that belongs to `identity`. */
export async function createCluster(initdb: string, data: string, identity: Identity): Promise<void> {
  const command = commandAs(identity, initdb, [
    ...['-D', data, '-U', 'lockkeeper', '-A', 'trust', '--encoding=UTF8', '--no-instructions'],
    // The C.UTF-8 that PostgreSQL brings itself sorts the same on every machine, whatever its locales are.
    ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
  ])
  const child = spawn(command.file, command.args, {
    ...command.user,
    cwd: '/',
    env: ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines = keepLines(child)
  const code = await exitOf(child)
  if (code !== 0) throw new SystemUnavailable('embedded database', `initdb ended with ${code}: ${lines.join(' | ')}`)
}

/** Starts the server on an existing cluster; resolves when it takes connections. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const command = commandAs(options.identity, options.postgres, serverArguments(options), { diesWithUs: true })
  const child = spawn(command.file, command.args, {
    ...command.user,
    cwd: '/',
    env: ENVIRONMENT,
    // Its own session: Ctrl+C reaches us first, and we stop it after our work is put away.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exit = exitOf(child)
  const lines = keepLines(child, options.log)
  await untilReady(child, exit, lines)
  let isStopping = false
  void exit.then((code) => {
    if (isStopping) return
    const error = new SystemUnavailable(
      'embedded database',
      `the server ended by itself (${code}): ${lines.join(' | ')}`,
    )
    options.log.error({ err: error }, 'the embedded database ended unexpectedly')
    options.onUnexpectedExit?.(error)
  })
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      isStopping = true
      await end(child, exit)
    },
  }
}

function serverArguments({ data, socketDir, settings }: ServerOptions): string[] {
  const all = {
    listen_addresses: '',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    shared_buffers: '16MB',
    max_connections: '60',
    ...settings,
  }
  return ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

async function untilReady(child: ChildProcess, exit: Promise<number | string>, lines: string[]): Promise<void> {
  const { stderr } = child
  if (stderr === null) throw new Error('the server was started without stderr')
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(() => {
    child.kill('SIGQUIT')
    reject(
      new SystemUnavailable('embedded database', `not ready after ${START_TIMEOUT_MS / 1000} s: ${lines.join(' | ')}`),
    )
  }, START_TIMEOUT_MS)
  const onData = (chunk: Buffer) => {
    if (READY.test(chunk.toString()) || lines.some((line) => READY.test(line))) resolve()
  }
  stderr.on('data', onData)
  void exit.then((code) =>
    reject(
      new SystemUnavailable('embedded database', `the server ended with ${code} at its start: ${lines.join(' | ')}`),
    ),
  )
  try {
    await promise
  } finally {
    clearTimeout(timer)
    stderr.off('data', onData)
  }
}

async function end(child: ChildProcess, exit: Promise<number | string>): Promise<void> {
  child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS)
  await exit
  clearTimeout(timer)
}

/** Resolves with the exit code, the signal's name, or why it could not be started. */
function exitOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
}

/** The last lines that the program wrote, for the error message; each also goes to the log. */
function keepLines(child: ChildProcess, log?: Log): string[] {
  const lines: string[] = []
  if (child.stderr === null) return lines
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    if (lines.length > KEPT_LINES) lines.shift()
    log?.debug({ system: 'postgres' }, line)
  })
  return lines
}
