/** A program: runs one command and ends it, with all that it started, when this program's input ends. Whoever holds the other end may so die in any way (kill -9 too) and leaves nothing behind. Started by processes.ts. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** The program's only argument, as JSON. */
export type LeashedCommand = {
  readonly command: string
  readonly args: readonly string[]
  /** What asks the command to end. */
  readonly signal: 'SIGINT' | 'SIGTERM'
  readonly uid?: number
  readonly gid?: number
}

const GRACE_MS = 10_000

if (import.meta.main) hold(JSON.parse(process.argv[2] ?? '') as LeashedCommand)

function hold({ command, args, signal, ...user }: LeashedCommand): void {
  // A group of its own, so that what the command forks can be reached as well.
  const child = spawn(command, args, { ...user, detached: true, stdio: ['ignore', 'inherit', 'inherit'] })
  const send = (name: NodeJS.Signals): boolean => {
    try {
      return child.pid !== undefined && process.kill(-child.pid, name)
    } catch {
      return false
    }
  }
  let isEnding = false
  const end = (): void => {
    if (isEnding) return
    isEnding = true
    send(signal)
    setTimeout(() => send('SIGKILL'), GRACE_MS).unref()
  }
  process.stdin.resume().on('end', end).on('error', end)
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end)
  child.once('error', (error) => {
    console.error(String(error))
    process.exit(127)
  })
  child.once('exit', async (code) => {
    for (let attempt = 0; attempt < 20 && send('SIGTERM'); attempt += 1) await sleep(100)
    send('SIGKILL')
    process.exit(code ?? 1)
  })
}
