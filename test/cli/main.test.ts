/** The command line as a process: what no verb sees, since it is about the terminal and the pipe. */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
let directory: string
let file: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockkeeper-cli-'))
  file = join(directory, 'values.yaml')
  // More than a pipe holds.
  await writeFile(file, `a: 1\n${'# a line that nobody reads\n'.repeat(20_000)}`)
})
afterAll(() => rm(directory, { recursive: true }))

test('whoever reads closes the pipe: it ends without a word', async () => {
  const child = spawn(process.execPath, [MAIN, 'edit', file, '--set', 'a=z'])
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  child.stdout.once('data', () => child.stdout.destroy())
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test.runIf(process.platform === 'linux')('a full disk is told in a sentence', async () => {
  const command = '"$0" "$1" edit "$2" --set a=z > /dev/full'
  const asked = promisify(execFile)('sh', ['-c', command, process.execPath, MAIN, file])
  await expect(asked).rejects.toMatchObject({
    code: 2,
    stderr: 'lockkeeper: the output cannot be written (ENOSPC)\n',
  })
})

test('a verb that is not there: those that are', async () => {
  const asked = promisify(execFile)(process.execPath, [MAIN, 'depoly'])
  await expect(asked).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('no command "depoly"') })
})

/** `completion bash`, in which this is thrown to nobody while it runs. */
function thrownInside(error: string): Promise<unknown> {
  const code = `const wait = setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return
    clearInterval(wait)
    setTimeout(() => process.stdout.write('went on'), 100)
    throw ${error}
  }, 1)`
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(code)}`]
  return promisify(execFile)(process.execPath, [...flags, MAIN, 'completion', 'bash'])
}

test('a PostgreSQL that says goodbye to nobody ends nothing; a bug ends the process', async () => {
  const farewell = `Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' })`
  await expect(thrownInside(farewell)).resolves.toMatchObject({ stdout: expect.stringMatching(/went on$/), stderr: '' })
  await expect(thrownInside(`new Error('a bug')`)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('lockkeeper ends by a bug: Error: a bug'),
  })
})
