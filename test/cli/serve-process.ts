/** `lockkeeper serve` as its operator starts it: a process of its own, with its output. For serve.test.ts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname
const START_DEADLINE_MS = 60_000

export type Served = {
  readonly process: ChildProcess
  stdout(): string
  stderr(): string
  /** Its exit code; the signal's name when one ended it. */
  readonly ended: Promise<number | string>
  /** Where it listens, as its log says. Throws with its output when it ends before that. */
  ready(): Promise<string>
}

/** Starts it with these settings and nothing of the caller's own. */
export function serve(variables: Readonly<Record<string, string>>): Served {
  const { PATH, HOME, TMPDIR } = process.env
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: { PATH, HOME, TMPDIR, TZ: 'UTC', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  let isGone = false
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      isGone = true
      resolve(code ?? signal ?? 'unknown')
    })
  })
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    ready: async () => {
      const deadline = Date.now() + START_DEADLINE_MS
      for (;;) {
        const url = /"url":"([^"]+)","msg":"lockkeeper is ready"/.exec(stdout)?.[1]
        if (url !== undefined) return url
        if (isGone || Date.now() > deadline) throw new Error(`not ready:\n${stdout}${stderr}`)
        await sleep(25)
      }
    },
  }
}
