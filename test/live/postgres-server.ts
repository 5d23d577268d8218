/** A real PostgreSQL server (Debian's) for the live suite: installed when it is missing, with a cluster of its own that goes away afterwards. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export type RealPostgres = {
  /** A superuser's URL: TCP on the loopback address, with a password. */
  readonly url: string
  /** For example `15.14`. */
  readonly version: string
  /** Stops the server and removes its data. */
  close(): Promise<void>
}

const NOBODY = 65534
const PASSWORD = 'live-suite'
const INSTALLATIONS = '/usr/lib/postgresql'

/** Starts a private cluster on a free port. Installs Debian's `postgresql` by apt-get first where it is missing (root only). */
export async function startRealPostgres(): Promise<RealPostgres> {
  const binaries = findBinaries() ?? install()
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-real-postgres-'))
  chmodSync(directory, 0o711)
  const data = join(directory, 'data')
  const passwordFile = join(directory, 'password')
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(passwordFile, PASSWORD)
  const isRoot = process.getuid?.() === 0
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
  if (isRoot) for (const path of [directory, data, passwordFile]) chownSync(path, NOBODY, NOBODY)
  execFileSync(
    join(binaries, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    ],
    { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${directory}`,
    'fsync=off',
    'max_connections=200',
  ]
  const server = spawn(join(binaries, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...user,
    cwd: '/',
    stdio: 'ignore',
  })
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const close = async () => {
    server.kill('SIGINT')
    await exited
    rmSync(directory, { recursive: true, force: true })
  }
  const url = `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`
  try {
    return { url, version: await untilReady(url, () => server.exitCode !== null), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The directory of the newest installed server's programs. */
function findBinaries(): string | undefined {
  if (!existsSync(INSTALLATIONS)) return undefined
  return readdirSync(INSTALLATIONS)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(INSTALLATIONS, version, 'bin'))
    .find((directory) => existsSync(join(directory, 'initdb')))
}

function install(): string {
  if (process.getuid?.() !== 0)
    throw new Error('PostgreSQL is not installed, and only root can install it: apt-get install postgresql')
  // Debian's package would otherwise make and start a cluster of its own.
  mkdirSync('/etc/postgresql-common', { recursive: true })
  const configuration = '/etc/postgresql-common/createcluster.conf'
  if (!existsSync(configuration)) writeFileSync(configuration, 'create_main_cluster = false\n')
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const
  const installed = ['install', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', 'postgresql']
  execFileSync('apt-get', ['update', '-qq'], options)
  execFileSync('apt-get', installed, options)
  const binaries = findBinaries()
  if (binaries === undefined) throw new Error(`apt-get installed postgresql, but there is none in ${INSTALLATIONS}`)
  return binaries
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
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
