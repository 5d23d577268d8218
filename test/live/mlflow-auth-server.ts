/** A real MLflow 3 with its basic-auth app, for the live suite. Nobody may read anything that they were not given; `admin` may do all. */
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { installPython, LIVE } from '../../sandbox/recordings/installations.ts'
import { freePort, startOnLeash } from '../../sandbox/recordings/processes.ts'

export type AuthenticatedMlflow = {
  readonly url: string
  readonly admin: { readonly username: string; readonly password: string }
  /** Adds a user who may read nothing yet. */
  addUser(username: string, password: string): Promise<void>
  /** Makes an experiment as `admin` and gives its id. */
  addExperiment(name: string): Promise<string>
  close(): Promise<void>
}

const REQUIREMENTS = fileURLToPath(new URL('./requirements-mlflow-auth.txt', import.meta.url))
const ADMIN = { username: 'admin', password: 'a password of the live suite' }
const DEADLINE_MS = 120_000

/** Installs it when needed (about a minute) and starts it (about ten seconds). Throws with the server's log when it does not start. */
export async function startAuthenticatedMlflow(): Promise<AuthenticatedMlflow> {
  const bin = await installPython('mlflow-auth', REQUIREMENTS)
  await mkdir(LIVE, { recursive: true })
  const directory = await mkdtemp(join(LIVE, 'mlflow-auth-'))
  const port = await freePort()
  const log = await open(join(directory, 'server.log'), 'w')
  await writeFile(join(directory, 'auth.ini'), settings(directory))
  const env = {
    ...process.env,
    MLFLOW_AUTH_CONFIG_PATH: join(directory, 'auth.ini'),
    MLFLOW_FLASK_SERVER_SECRET_KEY: 'a key of the live suite',
    MLFLOW_DISABLE_TELEMETRY: 'true',
  }
  const store = ['--backend-store-uri', `sqlite:///${join(directory, 'mlflow.db')}`]
  const args = ['server', '--app-name', 'basic-auth', '--host', '127.0.0.1', '--port', String(port), '--workers', '1']
  const server = startOnLeash(join(bin, 'mlflow'), [...args, ...store], { cwd: directory, env, output: log.fd })
  const url = `http://127.0.0.1:${port}`
  const close = async () => {
    await server.close()
    await log.close()
    await rm(directory, { recursive: true, force: true })
  }
  const deadline = Date.now() + DEADLINE_MS
  while (!(await isHealthy(url))) {
    if (server.hasExited() || Date.now() > deadline) {
      const said = await readFile(join(directory, 'server.log'), 'utf8')
      await close()
      throw new Error(`MLflow did not become healthy:\n${said.slice(-4000)}`)
    }
    await sleep(250)
  }
  return {
    url,
    admin: ADMIN,
    addUser: async (username, password) => {
      await post(`${url}/api/2.0/mlflow/users/create`, { username, password })
    },
    addExperiment: async (name) => {
      const { experiment_id: id } = await post(`${url}/api/2.0/mlflow/experiments/create`, { name })
      return String(id)
    },
    close,
  }
}

const settings = (directory: string): string => `[mlflow]
default_permission = NO_PERMISSIONS
database_uri = sqlite:///${join(directory, 'users.db')}
admin_username = ${ADMIN.username}
admin_password = ${ADMIN.password}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
`

async function isHealthy(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health`).catch(() => undefined)
  return answer?.ok === true
}

async function post(url: string, body: unknown): Promise<Readonly<Record<string, unknown>>> {
  const authorization = `Basic ${Buffer.from(`${ADMIN.username}:${ADMIN.password}`).toString('base64')}`
  const headers = { authorization, 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Readonly<Record<string, unknown>>
}
