/** A real PostgreSQL server (Debian's) for the live suite: installed when it is missing, with a cluster of its own that goes away afterwards. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { installDebian } from '../../sandbox/recordings/installations.ts'
import { freePort, type Leashed, run, startOnLeash } from '../../sandbox/recordings/processes.ts'

export type RealPostgres = {
  /** A superuser's URL: TCP on the loopback address, with a password. */
  readonly url: string
  /** For example `15.14`. */
  readonly version: string
  /** Stops the server as `pg_ctl stop -m` does, and starts it again at the same address: `immediate` is a crash of all its processes. */
  restart(mode: 'fast' | 'immediate'): Promise<void>
  /** Stops the server and removes its data. */
  close(): Promise<void>
}

const NOBODY = 65534
const PASSWORD = 'live-suite'
const INSTALLATIONS = '/usr/lib/postgresql'

/** Starts a private cluster on a free port. Installs Debian's `postgresql` by apt-get first where it is missing (root only). It ends with this process, however this process ends. */
export async function startRealPostgres(): Promise<RealPostgres> {
  const binaries = findBinaries() ?? (await install())
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-real-postgres-'))
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  const data = await initialise({ binaries, directory, user })
  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${directory}`,
    'fsync=off',
    'max_connections=200',
  ]
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
  const start = () => startOnLeash(join(binaries, 'postgres'), args, { ...user, cwd: '/', signal: 'SIGINT' })
  const url = `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`
  let server = start()
  const close = async () => {
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  }
  const restart: RealPostgres['restart'] = async (mode) => {
    if (mode === 'immediate') await crash(server, data)
    await server.close()
    server = start()
    await untilReady(url, server.hasExited)
  }
  try {
    return { url, version: await untilReady(url, server.hasExited), restart, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The postmaster ends all its processes at once and writes nothing more; the next start recovers from the write-ahead log. */
async function crash(server: Leashed, data: string): Promise<void> {
  const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
  process.kill(pid, 'SIGQUIT')
  await server.exited
}

type NewCluster = {
  readonly binaries: string
  readonly directory: string
  readonly user: { readonly uid?: number; readonly gid?: number }
}

/** Makes the cluster's data, owned by the user that the server will run as (it refuses to run as root), and gives their directory. */
async function initialise({ binaries, directory, user }: NewCluster): Promise<string> {
  chmodSync(directory, 0o711)
  const data = join(directory, 'data')
  const passwordFile = join(directory, 'password')
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(passwordFile, PASSWORD)
  if (user.uid !== undefined) for (const path of [directory, data, passwordFile]) chownSync(path, NOBODY, NOBODY)
  const access = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  const kind = ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync']
  await run(join(binaries, 'initdb'), ['-D', data, ...access, ...kind], { ...user, cwd: '/' })
  return data
}

/** The directory of the newest installed server's programs. */
function findBinaries(): string | undefined {
  if (!existsSync(INSTALLATIONS)) return undefined
  return readdirSync(INSTALLATIONS)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(INSTALLATIONS, version, 'bin'))
    .find((directory) => existsSync(join(directory, 'initdb')))
}

async function install(): Promise<string> {
  // Debian's package would otherwise make and start a cluster of its own.
  const configuration = '/etc/postgresql-common/createcluster.conf'
  if (process.getuid?.() === 0 && !existsSync(configuration)) {
    mkdirSync('/etc/postgresql-common', { recursive: true })
    writeFileSync(configuration, 'create_main_cluster = false\n')
  }
  await installDebian('postgresql')
  const binaries = findBinaries()
  if (binaries === undefined) throw new Error(`apt-get installed postgresql, but there is none in ${INSTALLATIONS}`)
  return binaries
}

async function untilReady(url: string, hasExited: () => boolean): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      const { rows } = await client.query<{ server_version: string }>('show server_version')
      return rows[0]?.server_version ?? ''
    } catch (error) {
      if (attempt > 100 || hasExited()) throw error
    } finally {
      await client.end().catch(() => {})
    }
    await sleep(100)
  }
}
