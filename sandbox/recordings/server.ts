/** Installs and starts a real MLflow server (pip, virtual environment, SQLite, loopback) and trains against it; for the recorder (record.ts) and the live suite (test/live/mlflow-server.ts). */
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { CandidateTable, Trained } from './candidates.ts'
import { installPython, LIVE } from './installations.ts'
import { freePort, type Leashed, run, startOnLeash } from './processes.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** A running MLflow server. `close` ends it and removes its data. */
export type RealMlflow = { readonly url: string; readonly directory: string; close(): Promise<void> }

export type ServerOptions = {
  /** The virtual environment's name and what is pinned for it; default: the MLflow that is recorded. */
  readonly python?: { readonly name: string; readonly requirements: string }
  /** Further arguments of `mlflow server`. */
  readonly further?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** Makes the virtual environment when it is not there or not of the pinned versions, and gives its `bin`. Needs `python3` >= 3.11 and a package index; takes about a minute. */
const installMlflow = (): Promise<string> => installPython('mlflow', join(here, 'requirements.txt'))

/** Starts `mlflow server` on a free loopback port in a directory of its own and waits until `/health` answers (at most 90 s). */
export async function startServer({ python, further = [], env }: ServerOptions = {}): Promise<RealMlflow> {
  const bin = await (python === undefined ? installMlflow() : installPython(python.name, python.requirements))
  await mkdir(LIVE, { recursive: true })
  const directory = await mkdtemp(join(LIVE, 'mlflow-'))
  const port = await freePort()
  const log = await open(join(directory, 'server.log'), 'w')
  const options = { cwd: directory, env: { ...pythonEnvironment(), ...env }, output: log.fd }
  const server = startOnLeash(join(bin, 'mlflow'), [...serverArguments(directory, port), ...further], options)
  const url = `http://127.0.0.1:${port}`
  const close = async () => {
    await server.close()
    await log.close()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await healthy(url, server, join(directory, 'server.log'))
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
  const output = await run(join(await installMlflow(), 'python'), script, {
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

async function healthy(url: string, server: Leashed, log: string): Promise<void> {
  const deadline = Date.now() + 90_000
  while (Date.now() < deadline) {
    if (server.hasExited()) break
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    if (answer?.ok === true) return
    await sleep(250)
  }
  throw new Error(`MLflow did not become healthy:\n${(await readFile(log, 'utf8')).slice(-4000)}`)
}
