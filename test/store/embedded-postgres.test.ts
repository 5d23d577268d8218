/** The embedded server in the circumstances that it meets: root, crashes, stale files, a second process, deep and private directories. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts'
import { recordingLog, silentLog } from '../support/log.ts'

const isRoot = process.getuid?.() === 0
const isLinux = process.platform === 'linux'
const child = new URL('embedded-postgres-child.ts', import.meta.url).pathname

let directory: string
const servers: EmbeddedPostgres[] = []
const children: ChildProcess[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lockkeeper-pg-'))
  chmodSync(directory, 0o711)
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  for (const one of children.splice(0)) one.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

async function start(dataDir = directory, log = silentLog): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, log })
  servers.push(server)
  return server
}

async function query(connectionString: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

type Said = { connectionString?: string; pid?: number; error?: string }

/** Runs the child process, through `launcher` when given, until it has said how it went. */
async function inChild(
  dataDir: string,
  launcher: readonly string[] = [],
  ending = 'wait',
): Promise<Said & { process: ChildProcess }> {
  const [file = '', ...args] = [...launcher, process.execPath, child, dataDir, ending]
  const started = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/' })
  children.push(started)
  const lines = createInterface({ input: started.stdout })
  const [line] = await once(lines, 'line')
  const said: Said = JSON.parse(String(line))
  return { ...said, process: started }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

async function untilGone(pid: number): Promise<void> {
  for (let count = 0; count < 500 && isAlive(pid); count += 1) await sleep(10)
}

describe('a fresh directory', () => {
  it('gets a server that keeps what is committed, on a socket that only we can enter', async () => {
    const server = await start(join(directory, 'not', 'there', 'yet'))
    expect(server.connectionString).toMatch(/^postgresql:\/\/lockkeeper@localhost\/lockkeeper\?host=%2F/)
    expect(await query(server.connectionString, 'select current_user, current_database()')).toEqual([
      'lockkeeper',
      'lockkeeper',
    ])
    for (const [setting, value] of [
      ['fsync', 'on'],
      ['synchronous_commit', 'on'],
      ['listen_addresses', ''],
      ['server_encoding', 'UTF8'],
    ]) {
      expect(await query(server.connectionString, `show ${setting}`)).toEqual([value])
    }
    const socket = join(directory, 'not', 'there', 'yet', 'postgres', 'socket')
    expect(statSync(socket).mode & 0o777).toBe(0o700)
  })

  it('is stopped cleanly and started again with its rows', async () => {
    const first = await start()
    await query(first.connectionString, "create table note as select 'kept' as text")
    await first.stop()
    await first.stop()
    expect(isAlive(first.pid)).toBe(false)
    expect(existsSync(join(directory, 'postgres', 'data', 'postmaster.pid'))).toBe(false)
    const second = await start()
    expect(await query(second.connectionString, 'select text from note')).toEqual(['kept'])
  })

  it('that a kill in the middle of initdb left half done is made anew', async () => {
    mkdirSync(join(directory, 'postgres', 'data.new'), { recursive: true })
    writeFileSync(join(directory, 'postgres', 'data.new', 'PG_VERSION'), '18\n')
    const server = await start()
    expect(await query(server.connectionString, 'select 1')).toEqual([1])
    expect(readdirSync(join(directory, 'postgres'))).not.toContain('data.new')
  })

  it('too deep for a socket is served through a short path, which goes away with the server', async () => {
    const server = await start(join(directory, ...Array.from({ length: 6 }, () => 'a-rather-long-directory')))
    const socket = new URL(server.connectionString).searchParams.get('host') ?? ''
    expect(socket.length).toBeLessThan(80)
    expect(await query(server.connectionString, 'select 1')).toEqual([1])
    await server.stop()
    expect(existsSync(socket)).toBe(false)
  })
})

describe('a directory that is in use', () => {
  it('is refused to a second process, which is told who has it', async () => {
    await start()
    const second = await inChild(directory)
    expect(second.error).toMatch(
      new RegExp(`^The data directory ${directory}/postgres is in use by process ${process.pid} on `),
    )
  })

  it('is refused to the same process, and the first server keeps working', async () => {
    const server = await start()
    await expect(start()).rejects.toMatchObject({ name: 'UserError', hint: expect.stringContaining('DATABASE_URL') })
    expect(await query(server.connectionString, 'select 1')).toEqual([1])
  })
})

describe.runIf(isLinux)('after kill -9 of the process', () => {
  it('the server ends by itself and the next start has every row', async () => {
    const first = await inChild(directory)
    await query(first.connectionString ?? '', "create table note as select 'kept' as text")
    first.process.kill('SIGKILL')
    await once(first.process, 'exit')
    await untilGone(first.pid ?? 0)
    expect(isAlive(first.pid ?? 0)).toBe(false)
    const second = await start()
    expect(await query(second.connectionString, 'select text from note')).toEqual(['kept'])
  })

  it('a server that lives on is found and stopped by the next start', async () => {
    const log = recordingLog()
    const first = await inChild(directory)
    const pid = first.pid ?? 0
    await query(first.connectionString ?? '', "create table note as select 'kept' as text")
    // A stopped server cannot react to its parent's death: it is there when the next one comes.
    process.kill(pid, 'SIGSTOP')
    first.process.kill('SIGKILL')
    await once(first.process, 'exit')
    const second = startEmbeddedPostgres({ dataDir: directory, log })
    await sleep(200)
    process.kill(pid, 'SIGCONT')
    servers.push(await second)
    expect(isAlive(pid)).toBe(false)
    expect(log.lines.map(({ message }) => message)).toContain(
      'a database server of an earlier run is still there: stopping it',
    )
    expect(await query((await second).connectionString, 'select text from note')).toEqual(['kept'])
  })

  it('together with its server, the next start recovers although the pid file names a process that lives', async () => {
    const first = await inChild(directory)
    await query(first.connectionString ?? '', "create table note as select 'kept' as text")
    // PostgreSQL takes only a process of its own user for another server.
    const bystander = spawn('/bin/sleep', ['60'], { cwd: '/', ...(isRoot && { uid: 65534, gid: 65534 }) })
    children.push(bystander)
    process.kill(first.pid ?? 0, 'SIGSTOP')
    first.process.kill('SIGKILL')
    await once(first.process, 'exit')
    process.kill(first.pid ?? 0, 'SIGKILL')
    await untilGone(first.pid ?? 0)
    const pidFile = join(directory, 'postgres', 'data', 'postmaster.pid')
    const lines = readFileSync(pidFile, 'utf8').split('\n')
    writeFileSync(pidFile, [bystander.pid, ...lines.slice(1)].join('\n'))
    writeFileSync(join(directory, 'postgres', 'socket', '.s.PGSQL.5432.lock'), `${bystander.pid}\n`)
    const second = await start()
    expect(await query(second.connectionString, 'select text from note')).toEqual(['kept'])
    expect(isAlive(bystander.pid ?? 0)).toBe(true)
  })

  it('a shell that stands in the data directory is left alone', async () => {
    const first = await start()
    await first.stop()
    const bystander = spawn('/bin/sleep', ['60'], { cwd: join(directory, 'postgres', 'data') })
    children.push(bystander)
    await start()
    expect(isAlive(bystander.pid ?? 0)).toBe(true)
  })
})

describe('a server that dies', () => {
  it('is reported, and starts again', async () => {
    const died = Promise.withResolvers<Error>()
    const server = await startEmbeddedPostgres({ dataDir: directory, log: silentLog, onUnexpectedExit: died.resolve })
    process.kill(server.pid, 'SIGQUIT')
    expect((await died.promise).message).toContain('ended by itself')
    await server.stop()
    expect(await query((await start()).connectionString, 'select 1')).toEqual([1])
  })

  it('at its start says why', async () => {
    const settings = { shared_buffers: 'nonsense' }
    const failing = startEmbeddedPostgres({ dataDir: directory, log: silentLog, settings })
    await expect(failing).rejects.toThrow(/ended with 1 at its start: .*shared_buffers/)
    expect(await query((await start()).connectionString, 'select 1')).toEqual([1])
  })

  it('because another version made the data is explained', async () => {
    await (await start()).stop()
    writeFileSync(join(directory, 'postgres', 'data', 'PG_VERSION'), '15\n')
    await expect(start()).rejects.toThrow(/was made by PostgreSQL 15; this version of Lockkeeper brings PostgreSQL 18/)
  })
})

describe.runIf(isRoot && isLinux)('as root', () => {
  it('runs as nobody, who owns the data', async () => {
    const server = await start()
    expect(statSync(join(directory, 'postgres', 'data')).uid).toBe(65534)
    expect(statSync(`/proc/${server.pid}`).uid).toBe(65534)
  })

  it.runIf(canNamespace())('in a private directory runs in a user namespace, and the data stays ours', async () => {
    chmodSync(directory, 0o700)
    const server = await start(join(directory, 'data'))
    expect(await query(server.connectionString, 'select 1')).toEqual([1])
    expect(statSync(join(directory, 'data', 'postgres', 'data')).uid).toBe(0)
  })

  it.runIf(canNamespace())('a directory may change between the two ways', async () => {
    await query((await start()).connectionString, "create table note as select 'kept' as text")
    for (const mode of [0o700, 0o711]) {
      await servers.pop()?.stop()
      chmodSync(directory, mode)
      expect(await query((await start()).connectionString, 'select text from note')).toEqual(['kept'])
    }
  })

  it.runIf(canNamespace())(
    'can be left: a user without a name starts its own, and dies without leaving a server',
    async () => {
      const own = join(directory, 'own')
      mkdirSync(own)
      spawnSync('chown', ['54321:54321', own])
      const launcher = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups']
      const first = await inChild(own, launcher)
      expect(first.error).toBeUndefined()
      first.process.kill('SIGKILL')
      await untilGone(first.pid ?? 0)
      expect(isAlive(first.pid ?? 0)).toBe(false)
      const second = await inChild(own, launcher, 'stop')
      expect(second.error).toBeUndefined()
      await once(second.process, 'exit')
      expect(isAlive(second.pid ?? 0)).toBe(false)
    },
  )
})

function canNamespace(): boolean {
  return spawnSync('unshare', ['--user', '--map-user=65534', '--map-group=65534', 'true']).status === 0
}
