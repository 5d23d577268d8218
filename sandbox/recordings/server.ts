/** Installs and starts a real MLflow server (pip, virtual environment, SQLite, loopback) and trains against it; for the recorder (record.ts) and the live suite (test/live/mlflow-server.ts). */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { CandidateTable, Trained } from './candidates.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../', import.meta.url))

/** The virtual environment; kept between runs (git ignores it) and rebuilt when `requirements.txt` changes. */
export const VENV = join(root, '.live', 'venv-mlflow')

/** A running MLflow server. `close` ends it and removes its data. */
export type RealMlflow = { readonly url: string; readonly directory: string; close(): Promise<void> }

/** Creates the virtual environment when it is not there or not of the pinned versions. Needs `python3` >= 3.11 and a package index; takes about a minute. */
export async function installMlflow(): Promise<void> {
  const wanted = await readFile(join(here, 'requirements.txt'), 'utf8')
  const stamp = join(VENV, 'requirements.installed')
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return
  await mkdir(join(root, '.live'), { recursive: true })
  await run('python3', ['-m', 'venv', VENV])
  await run(join(VENV, 'bin', 'pip'), ['install', '--quiet', '-r', join(here, 'requirements.txt')])
  await writeFile(stamp, wanted)
}

/** Starts `mlflow server` on a free loopback port in a directory of its own and waits until `/health` answers (at most 90 s). */
export async function startServer(): Promise<RealMlflow> {
  await mkdir(join(root, '.live'), { recursive: true })
  const directory = await mkdtemp(join(root, '.live', 'mlflow-'))
  const port = await freePort()
  const log = await open(join(directory, 'server.log'), 'w')
  const child = spawn(join(VENV, 'bin', 'mlflow'), serverArguments(directory, port), {
    cwd: directory,
    detached: true,
    env: pythonEnvironment(),
    stdio: ['ignore', log.fd, log.fd],
  })
  const url = `http://127.0.0.1:${port}`
  const close = async () => {
    await endGroup(child)
    await log.close()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await healthy(url, child, join(directory, 'server.log'))
  } catch (error) {
    await close()
    throw error
  }
  return { url, directory, close }
}

/** Trains `names` (default: all of the table) with the commits of `table` and returns their run ids and version numbers. */
export async function train(server: RealMlflow, table: CandidateTable, names?: readonly string[]): Promise<Trained> {
  const file = join(server.directory, 'candidates.json')
  await writeFile(file, JSON.stringify(table))
  const script = [join(here, 'train.py'), file, ...(names === undefined ? [] : [names.join(',')])]
  const output = await run(join(VENV, 'bin', 'python'), script, {
    cwd: server.directory,
    env: { ...pythonEnvironment(), MLFLOW_TRACKING_URI: server.url },
  })
  const line = output.trim().split('\n').at(-1) ?? ''
  return JSON.parse(line) as Trained
}

function serverArguments(directory: string, port: number): string[] {
  const artifacts = ['--artifacts-destination', join(directory, 'artifacts')]
  const store = ['--backend-store-uri', `sqlite:///${join(directory, 'mlflow.db')}`]
  return ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', ...store, ...artifacts]
}

/** The caller's environment without MLflow's own settings, which would change what is recorded. */
function pythonEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(MLFLOW_|PYTHON|GIT_)/.test(name))
  const quiet = {
    MLFLOW_DISABLE_TELEMETRY: 'true',
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
    LOGNAME: 'ci',
    USER: 'ci',
  }
  return { ...Object.fromEntries(inherited), ...quiet, PYTHONUNBUFFERED: '1' }
}

async function healthy(url: string, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + 90_000
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    if (answer?.ok === true) return
    await sleep(250)
  }
  throw new Error(`MLflow did not become healthy:\n${(await readFile(log, 'utf8')).slice(-4000)}`)
}

/** Ends the server and the workers that it forked: they share the process group that `detached` gave it. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  const group = -child.pid
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(group, name)
      return true
    } catch {
      return false
    }
  }
  if (!signal('SIGTERM')) return
  if (child.exitCode === null) await Promise.race([ended, sleep(10_000)])
  for (let attempt = 0; attempt < 20 && signal('SIGTERM'); attempt++) await sleep(100)
  signal('SIGKILL')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

type RunOptions = { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv }

async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
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
