/** The program under attack: `lockkeeper serve` as a child process over the sandbox, with what an attack must not change in it. Used by the rigs of this folder. */
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type BotProcess, createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import { startWorld, WEBHOOK_SECRET, type World } from '../../sandbox/world/index.ts'
import { fieldsOf } from '../../src/domain/json-fields.ts'
import { startTestServer } from '../support/database-server.ts'

/** How many attacks: what LOCKKEEPER_TEST_RUNS says, else what a build has time for. */
export const runs = (inBuild: number): number => Number(process.env['LOCKKEEPER_TEST_RUNS'] ?? inBuild)

export const SEED = Number(process.env['LOCKKEEPER_TEST_SEED'] ?? 4711)

export type AttackedBot = {
  readonly world: World
  readonly bot: BotProcess
  readonly db: pg.Client
  /** Everything that the program wrote: its log and what it says before it dies. */
  log(): string
  /** What the log calls an error, and whatever stands there besides the log's own lines; each once. */
  errors(): readonly string[]
  /** Webhooks in the database, handled or not. */
  stored(): Promise<number>
  /** Requests to GitHub that change something, since the start. */
  effects(): readonly string[]
  settle(): Promise<void>
  close(): Promise<void>
}

export type AttackOptions = {
  readonly logLevel?: 'debug' | 'info'
  /** Instead of the world's. */
  readonly variables?: (world: World) => Promise<Readonly<Record<string, string>>>
}

/** A world in which the bot has nothing to do. */
export async function startAttackedBot(options: AttackOptions = {}): Promise<AttackedBot> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-hostile-'))
  const logFile = join(directory, 'bot.log')
  const server = await startTestServer()
  const world = await startWorld({ start: STORY_START })
  const attacked = { ...world, variables: (await options.variables?.(world)) ?? world.variables }
  const bot = await createBotProcess(attacked, {
    databaseUrl: server.url,
    logFile,
    ...(options.logLevel === undefined ? {} : { logLevel: options.logLevel }),
  })
  const db = new pg.Client({ connectionString: server.url })
  const close = async () => {
    await db.end()
    await bot.close()
    await world.close()
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  const settle = () => settleAll({ world, bot })
  try {
    await db.connect()
    await bot.start()
    await settle()
  } catch (error) {
    await close()
    throw error
  }
  return {
    ...{ world, bot, db, settle, close },
    log: () => readFileSync(logFile, 'utf8'),
    errors: () => [...new Set(readFileSync(logFile, 'utf8').split('\n').flatMap(errorIn))],
    stored: async () => {
      // Those that wait, and the ids of those that were handled.
      const { rows } = await db.query<{ count: string }>(
        `select (select count(*) from pgboss.job where name = 'inbox') + (select count(*) from pgboss.handled_delivery) as count`,
      )
      return Number(rows[0]?.count)
    },
    effects: () =>
      world.github.requests
        .filter(isEffect)
        .map(
          ({ method, path, graphql, body }) =>
            `${graphql ?? `${method} ${path}`} ${JSON.stringify(body)?.slice(0, SHOWN)}`,
        ),
  }
}

/** Of an effect's body. */
const SHOWN = 500

const ERROR_LEVEL = 50

function errorIn(line: string): readonly string[] {
  if (line === '') return []
  if (!line.startsWith('{"level":')) return [line]
  const { level, msg, err } = Object(JSON.parse(line))
  return level < ERROR_LEVEL ? [] : [[msg, err?.message, err?.stack?.split('\n').slice(1, 3).join('')].join(' ')]
}

type Request = World['github']['requests'][number]

/** A query is asked by POST, and so are tokens. */
function isEffect({ method, path, body, operation }: Request): boolean {
  if (method === 'GET' || operation === 'apps/create-installation-access-token') return false
  return !path.endsWith('/graphql') || /^\s*mutation\b/.test(String(fieldsOf(body)?.['query']))
}

/** `sha256=…` over the body. */
export const sign = (body: string | Buffer, secret = WEBHOOK_SECRET): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

export type Letter = {
  readonly body: string | Buffer
  readonly event: string
  /** Name, value, name, value…; a name may stand there twice. */
  readonly signatures: readonly string[]
  readonly id?: string
}

export type Postman = {
  deliver(letter: Letter): Promise<{ readonly status: number; readonly text: string }>
  close(): void
}

/** Posts to the webhook address over kept connections, with whatever headers. */
export function postman(url: string, connections = 32): Postman {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const address = `${url}/api/github/webhooks`
  const deliver = ({ body, event, signatures, id = randomUUID() }: Letter) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const bytes = Buffer.from(body)
      const common = ['content-type', 'application/json', 'content-length', String(bytes.length), 'host', 'bot.test']
      const headers = [...common, 'x-github-event', event, 'x-github-delivery', id, ...signatures]
      const sent = request(address, { agent, method: 'POST', headers }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      sent.on('error', reject)
      sent.end(bytes)
    })
  return { deliver, close: () => agent.destroy() }
}

/** Runs `work` for 0 … count - 1, so many at a time. */
export async function inParallel(count: number, width: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) {
      next += 1
      await work(next - 1)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
}
