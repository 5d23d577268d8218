/** What memory does while somebody without the secret sends 400 MB: at once, slowly, with no signature and with a false one. */
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Section } from './page.ts'
import { prepareBench, residentMb, settle } from './process.ts'

const MEGABYTES = 400
const CHUNK_BYTES = 64 * 1024
const CHUNK = `${CHUNK_BYTES.toString(16)}\r\n${'x'.repeat(CHUNK_BYTES)}\r\n`
/** So that the slow one meets the limit of size, not the one of time. */
const SLOW_PAUSE_MS = 10

export async function unsigned(): Promise<Section> {
  const rows: (string | number)[][] = []
  for (const isSigned of [false, true]) for (const isSlow of [false, true]) rows.push(await measure(isSigned, isSlow))
  return {
    title: `A body of ${MEGABYTES} MB from nobody`,
    about:
      'Promised: memory stays within 30 MB of what it is when idle. The body has no length in its headers, each one goes to a process that was just started. With a signature it is read up to the 25 MiB that GitHub sends at most, and then refused; without one it is refused before. What follows is thrown away, and the connection is cut after 27 MiB.',
    head: ['sent with', 'answer', 'MB until it was cut', 'seconds', 'idle MB', 'most, MB more'],
    rows,
  }
}

async function measure(isSigned: boolean, isSlow: boolean): Promise<(string | number)[]> {
  const bench = await prepareBench({ logLevel: 'silent' })
  try {
    await bench.bot.start()
    await settle(bench)
    await sleep(2000)
    const pid = bench.bot.pid() ?? 0
    const idle = residentMb(pid)
    const url = `${bench.bot.url}/api/github/webhooks`
    const sent = await flood(url, { isSigned, isSlow, look: () => residentMb(pid) })
    return [
      `${isSigned ? 'a false signature' : 'no signature'}, ${isSlow ? 'slowly' : 'at once'}`,
      sent.status ?? 'cut off',
      sent.megabytes.toFixed(0),
      sent.seconds.toFixed(1),
      idle.toFixed(0),
      `+${Math.max(0, sent.most - idle).toFixed(0)}`,
    ]
  } finally {
    await bench.close()
  }
}

type Flood = {
  readonly status: string | undefined
  readonly megabytes: number
  readonly seconds: number
  readonly most: number
}

async function flood(
  url: string,
  how: { readonly isSigned: boolean; readonly isSlow: boolean; look(): number },
): Promise<Flood> {
  const begin = performance.now()
  const { port, hostname, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (text) => {
    answer += text
  })
  socket.on('error', () => {})
  const write = (data: string) => new Promise((resolve) => void socket.write(data, resolve))
  await write(`POST ${pathname} HTTP/1.1\r\n${headersOf(how.isSigned).join('\r\n')}\r\n\r\n`)
  let bytes = 0
  let most = 0
  for (let count = 0; bytes < MEGABYTES * 1e6 && !socket.destroyed; count += 1) {
    await write(CHUNK)
    bytes += CHUNK_BYTES
    if (how.isSlow) await sleep(SLOW_PAUSE_MS)
    if (count % 16 === 0) most = Math.max(most, how.look())
  }
  socket.destroy()
  most = Math.max(most, how.look())
  const status = /^HTTP\/1.1 (\d+)/.exec(answer)?.[1]
  return { status, megabytes: bytes / 1e6, seconds: (performance.now() - begin) / 1000, most }
}

const headersOf = (isSigned: boolean): readonly string[] => [
  'host: localhost',
  'transfer-encoding: chunked',
  'content-type: application/json',
  'x-github-event: push',
  `x-github-delivery: ${randomUUID()}`,
  ...(isSigned ? [`x-hub-signature-256: sha256=${'ab'.repeat(32)}`] : []),
]
