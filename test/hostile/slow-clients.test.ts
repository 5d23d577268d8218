/**
 * Clients that hold what they are given: thousands of connections with headers or bodies that never end, and bodies without end. The running program
 * acknowledges GitHub all the while, keeps a bounded number of connections, and its memory stays.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AttackedBot, type Postman, postman, sign, startAttackedBot } from './attacked-bot.ts'

const CLIENTS = 2000
/** The server's 500, and the program's own to its database and to GitHub. */
const MAX_OPEN = 560
const LETTERS = 50
/** Milliseconds. GitHub waits for 10 s; neighbours on this machine take their share. */
const PATIENCE = 5000

let attacked: AttackedBot
let mail: Postman
beforeAll(async () => {
  attacked = await startAttackedBot()
  mail = postman(attacked.bot.url, 2)
}, 120_000)
afterAll(async () => {
  mail?.close()
  await attacked?.close()
})

const headersOf = (length: string): string =>
  [
    'POST /api/github/webhooks HTTP/1.1',
    'host: bot.test',
    'content-type: application/json',
    'x-github-event: push',
    `x-github-delivery: ${randomUUID()}`,
    `x-hub-signature-256: sha256=${randomBytes(32).toString('hex')}`,
    length,
    '',
    '',
  ].join('\r\n')

/** Of the program, in megabytes. */
function resident(): number {
  const status = readFileSync(`/proc/${attacked.bot.pid()}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}

/** Connections that the program holds. */
function openConnections(): number {
  const directory = `/proc/${attacked.bot.pid()}/fd`
  return readdirSync(directory).filter((name) => {
    try {
      return readlinkSync(`${directory}/${name}`).startsWith('socket:')
    } catch {
      // Closed meanwhile.
      return false
    }
  }).length
}

/** A client that says `begin` and then a letter now and then. */
function slowClient(begin: string | Buffer): Socket {
  const { port, hostname } = new URL(attacked.bot.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(begin)
  return socket
}

/** What real deliveries meet while `clients` hold their connections. */
async function underSiege(begin: string | Buffer): Promise<{ readonly open: number; readonly most: number }> {
  const clients: Socket[] = []
  let most = 0
  let open = 0
  try {
    const answers: unknown[] = []
    for (let sent = 0; sent < LETTERS; sent += 1) {
      for (let each = 0; each < CLIENTS / LETTERS; each += 1) clients.push(slowClient(begin))
      for (const client of clients) if (!client.destroyed && client.writable) client.write('x')
      const body = JSON.stringify({ zen: randomUUID() })
      const before = performance.now()
      const { status } = await mail.deliver({ body, event: 'ping', signatures: ['X-Hub-Signature-256', sign(body)] })
      answers.push(status === 202 && performance.now() - before < PATIENCE ? 'in time' : status)
      most = Math.max(most, resident())
      open = Math.max(open, openConnections())
    }
    expect(answers).toEqual(Array(LETTERS).fill('in time'))
    return { open, most }
  } finally {
    for (const client of clients) client.destroy()
  }
}

test(`${CLIENTS} clients whose headers never end keep nobody out`, { timeout: 240_000 }, async () => {
  const idle = resident()
  const { open, most } = await underSiege('POST /api/github/webhooks HTTP/1.1\r\nhost: bot.test\r\nx-slow: ')
  expect(open).toBeGreaterThan(450)
  expect(open).toBeLessThan(MAX_OPEN)
  expect(most - idle).toBeLessThan(100)
})

test(`${CLIENTS} clients whose bodies never end keep nobody out`, { timeout: 240_000 }, async () => {
  const idle = resident()
  // As much as each may send without having to share.
  const begin = Buffer.from(headersOf('content-length: 262144') + 'x'.repeat(250_000))
  const { open, most } = await underSiege(begin)
  expect(open).toBeGreaterThan(450)
  expect(open).toBeLessThan(MAX_OPEN)
  expect(most - idle).toBeLessThan(300)
})

test('headers without end are refused', { timeout: 60_000 }, async () => {
  const idle = resident()
  const { sent, answer } = await pour('GET / HTTP/1.1\r\nhost: bot.test\r\n', `x-more: ${'x'.repeat(1000)}\r\n`, 50)
  expect(answer).toMatch(/^HTTP\/1.1 431 /)
  expect(sent).toBeLessThan(20)
  expect(resident() - idle).toBeLessThan(30)
})

test('400 MB that nobody signed are not kept', { timeout: 120_000 }, async () => {
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
  const unsigned = headersOf('transfer-encoding: chunked').replace(/x-hub-signature.*\r\n/, '')
  const idle = resident()
  const { sent, answer, most } = await pour(unsigned, chunk, 400)
  expect(answer).toMatch(/^HTTP\/1.1 401 /)
  expect(sent).toBeLessThan(60)
  expect(most - idle).toBeLessThan(30)
})

/** Sends `part` until the connection ends, or so many megabytes were sent. */
async function pour(
  begin: string,
  part: string,
  megabytes: number,
): Promise<{ readonly sent: number; readonly answer: string; readonly most: number }> {
  const socket = slowClient(begin)
  let answer = ''
  let most = 0
  let bytes = 0
  socket.on('data', (text) => {
    answer += text.toString()
  })
  for (let count = 0; bytes < megabytes * 1e6 && socket.writable; count += 1) {
    await new Promise((resolve) => void socket.write(part, resolve))
    bytes += part.length
    if (count % 16 === 0) most = Math.max(most, resident())
  }
  await sleep(100)
  socket.destroy()
  return { sent: bytes / 1e6, answer, most: Math.max(most, resident()) }
}
