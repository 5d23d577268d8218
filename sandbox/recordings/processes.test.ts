/** What is started on a leash ends with whoever started it, however that one ends. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startOnLeash } from './processes.ts'

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function untilDead(pids: readonly number[]): Promise<readonly number[]> {
  for (let attempt = 0; attempt < 200 && pids.some(isAlive); attempt += 1) await sleep(50)
  return pids.filter(isAlive)
}

const numbers = (text: string): number[] => text.trim().split(/\s+/).map(Number)

/** Prints its own id and that of a program that it started, and then waits. */
const FAMILY = 'sleep 600 & echo $$ $!; wait'

it('a program and what it started are gone when their starter was killed with -9', async () => {
  const module = JSON.stringify(new URL('./processes.ts', import.meta.url).href)
  const script = `import { startOnLeash } from ${module}; startOnLeash('sh', ['-c', '${FAMILY}'], { output: 1 }); setInterval(() => {}, 1000)`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const family = await new Promise<number[]>((resolve) =>
    starter.stdout.once('data', (chunk: Buffer) => resolve(numbers(chunk.toString()))),
  )
  expect(family.filter(isAlive)).toHaveLength(2)
  starter.kill('SIGKILL')
  expect(await untilDead(family)).toEqual([])
})

it('a program is asked to end first, and gives its exit code', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-leash-'))
  const ready = join(directory, 'ready')
  const polite = startOnLeash('sh', ['-c', `trap "exit 7" TERM; touch ${ready}; while :; do sleep 0.05; done`])
  for (let attempt = 0; attempt < 200 && !existsSync(ready); attempt += 1) await sleep(50)
  expect(polite.hasExited()).toBe(false)
  await polite.close()
  expect(await polite.exited).toBe(7)
  expect(polite.hasExited()).toBe(true)
  rmSync(directory, { recursive: true })
})

it('a program that ends by itself gives its exit code, and one that does not exist says so', async () => {
  const done = startOnLeash('sh', ['-c', 'exit 3'])
  expect(await done.exited).toBe(3)
  await done.close()
  expect(await startOnLeash('/no/such/program', []).exited).toBe(127)
})
