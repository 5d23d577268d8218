/** Ends a database server at once, with every process of it, as a machine that loses its power does. For a server in a data directory of the test. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Nothing when no server runs there. */
export function killServer(data: string): void {
  const server = pidIn(join(data, 'postmaster.pid'))
  if (server === undefined) return
  for (const pid of [server, ...childrenOf(server)]) killNow(pid)
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
    return pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

/** The server's processes have no children of their own. */
function childrenOf(parent: number): readonly number[] {
  const lines =
    process.platform === 'linux'
      ? readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
      : childrenListed(parent)
  return lines.split(/\s+/).filter(Boolean).map(Number)
}

const childrenListed = (parent: number): string =>
  execFileSync('/usr/bin/pgrep', ['-P', String(parent)], { encoding: 'utf8' })

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
