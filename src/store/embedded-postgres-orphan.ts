/** What a `kill -9` of Lockkeeper leaves: a server without parent, and files that name processes which are gone. Runs only under the directory's lock. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SystemUnavailable } from '../domain/failure.ts'
import type { Log } from './log.ts'

const FAST_STOP_MS = 5000
const HARD_STOP_MS = 5000

type ServerProcess = { readonly pid: number; readonly isPostmaster: boolean }

/**
 * Stops every server process that still works in `data`. The directory's lock is ours, so each of them is an orphan.
 * They are found by what they do (working directory, `-D` argument), never by the pid in postmaster.pid, which may be somebody else's by now.
 */
export async function stopOrphan(data: string, log: Log): Promise<void> {
  let processes = serverProcesses(data)
  if (processes.length === 0) return
  log.warn({ pids: processes.map(({ pid }) => pid) }, 'a database server of an earlier run is still there: stopping it')
  for (const { pid, isPostmaster } of processes) if (isPostmaster) signal(pid, 'SIGINT')
  processes = await waitUntilGone(data, FAST_STOP_MS)
  for (const { pid } of processes) signal(pid, 'SIGQUIT')
  processes = await waitUntilGone(data, HARD_STOP_MS)
  if (processes.length === 0) return
  throw new SystemUnavailable('embedded database', `process ${processes[0]?.pid} of an earlier run does not end`)
}

/** Removes the pid file that a crash left; PostgreSQL refuses to start when the pid in it lives, whoever has it now. */
export function removeStaleFiles(data: string): void {
  rmSync(join(data, 'postmaster.pid'), { force: true })
}

async function waitUntilGone(data: string, milliseconds: number): Promise<ServerProcess[]> {
  const deadline = Date.now() + milliseconds
  let processes = serverProcesses(data)
  while (processes.length > 0 && Date.now() < deadline) {
    await sleep(10)
    processes = serverProcesses(data)
  }
  return processes
}

function serverProcesses(data: string): ServerProcess[] {
  let real: string
  try {
    real = realpathSync(data)
  } catch {
    return []
  }
  return process.platform === 'linux' ? fromProc(real, data) : fromProcessList(real, data)
}

function fromProc(real: string, data: string): ServerProcess[] {
  const found: ServerProcess[] = []
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const argv = readArguments(pid)
    const isPostmaster = isPostmasterOf(argv, [real, data])
    // Server and children work in the data directory. Reading a foreign cwd needs a right that containers drop; the arguments do not.
    if (isPostmaster || (isServerChild(argv) && readWorkingDirectory(pid) === real)) found.push({ pid, isPostmaster })
  }
  return found
}

function readWorkingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

function readArguments(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function isPostmasterOf(argv: readonly string[], directories: readonly string[]): boolean {
  const given = argv[argv.indexOf('-D') + 1]
  return (
    basename(argv[0] ?? '') === 'postgres' && argv.includes('-D') && given !== undefined && directories.includes(given)
  )
}

/** The server's children show what they do as their name: `postgres: checkpointer`. A shell that stands in the directory is not one. */
function isServerChild(argv: readonly string[]): boolean {
  return argv[0]?.startsWith('postgres: ') === true || basename(argv[0] ?? '') === 'postgres'
}

/** macOS has no /proc; there only the postmaster is found, and its children end with it. */
function fromProcessList(real: string, data: string): ServerProcess[] {
  const lines = execFileSync('/bin/ps', ['-axo', 'pid=,command='], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const [, pid, command] = /^\s*(\d+) (.*)$/.exec(line) ?? []
    if (pid === undefined || command === undefined) return []
    const isPostmaster = [real, data].some((directory) => command.includes(`postgres -D ${directory} `))
    return isPostmaster ? [{ pid: Number(pid), isPostmaster }] : []
  })
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
