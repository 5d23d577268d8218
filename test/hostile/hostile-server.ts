/** Answers as no server should: without end, packed a thousandfold, drop by drop, or with a way to somewhere else. For hostile-answers.test.ts. */

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

const GIGABYTE = 1024 ** 3
const MEGABYTE = 1024 ** 2

export type HostileServer = {
  readonly url: string
  /** Bytes that were taken, before they are unpacked. */
  sent(): number
  /** Requests, by their first line. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

type Manner = (write: (data: string | Buffer) => Promise<boolean>, elsewhere: string) => Promise<void>

const JSON_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n'
const chunk = (data: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), Buffer.from(data), Buffer.from('\r\n')])

/** Repeats `part` until nobody takes it any more, or so many bytes were sent. */
async function pour(write: Parameters<Manner>[0], part: string | Buffer, bytes: number): Promise<void> {
  for (let sent = 0; sent < bytes && (await write(part)); sent += part.length);
}

/** A gzip member of zeros: a thousandth of what it becomes. */
const ZEROS = gzipSync(Buffer.alloc(64 * MEGABYTE, ' '), { level: 9 })

/** What each does after a request. */
export const MANNERS = {
  'an answer of a gigabyte': async (write) => {
    await write(`${JSON_HEAD}transfer-encoding: chunked\r\n\r\n${chunk('{"a":"')}`)
    await pour(write, chunk('x'.repeat(65_536)), GIGABYTE)
  },
  'a megabyte that unpacks to a gigabyte': async (write) => {
    await write(`${JSON_HEAD}content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n`)
    await pour(write, chunk(ZEROS), ZEROS.length * 16)
    await write('0\r\n\r\n')
  },
  'an error of a gigabyte': async (write) => {
    await write(`${JSON_HEAD.replace('200 OK', '403 Forbidden')}transfer-encoding: chunked\r\n\r\n`)
    await pour(write, chunk('x'.repeat(65_536)), GIGABYTE)
  },
  'headers without end': async (write) => {
    await write(JSON_HEAD)
    await pour(write, `x-more: ${'x'.repeat(8000)}\r\n`, GIGABYTE)
  },
  'hints without end': async (write) =>
    pour(write, 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(1000), GIGABYTE),
  'a body that trickles': async (write) => {
    await write(`${JSON_HEAD}content-length: 1000000\r\n\r\n{"a":"`)
    while (await write('x')) await sleep(20)
  },
  'headers that trickle': async (write) => {
    await write('HTTP/1.1 200 OK\r\nx-slow: ')
    while (await write('x')) await sleep(20)
  },
  silence: async () => undefined,
  'a way to somewhere else': async (write, elsewhere) => {
    await write(`HTTP/1.1 302 Found\r\nlocation: ${elsewhere}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
  },
  'a way to somewhere else, with the same method': async (write, elsewhere) => {
    await write(
      `HTTP/1.1 307 Temporary Redirect\r\nlocation: ${elsewhere}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    )
  },
  'what is no HTTP': async (write) => pour(write, '\0'.repeat(65_536), GIGABYTE),
} as const satisfies Readonly<Record<string, Manner>>

/** `elsewhere` is where redirects lead. */
export async function startHostileServer(manner: keyof typeof MANNERS, elsewhere: string): Promise<HostileServer> {
  const answer: Manner = MANNERS[manner]
  const asked: string[] = []
  const open = new Set<Socket>()
  let sent = 0
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => {})
    const gone = new Promise<false>((resolve) => socket.once('close', () => resolve(false)))
    const write = (data: string | Buffer): Promise<boolean> => {
      if (!socket.writable) return gone
      sent += data.length
      const taken = new Promise<boolean>((resolve) => void socket.write(data, (error) => resolve(!error)))
      return Promise.race([taken, gone])
    }
    socket.once('data', async (request: Buffer) => {
      asked.push(request.toString('latin1').split('\r\n', 1)[0] ?? '')
      await answer(write, elsewhere)
      if (manner !== 'silence') socket.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    asked,
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
