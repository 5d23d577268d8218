/**
 * Servers that answer as none should. Each client of the product, in a process of its own, asks each of them: it gives up in time, takes no more
 * than its bound into memory, takes nothing for an answer, and follows no way to somewhere else.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ASKING, type Met, STORAGE } from './ask-hostile-server.ts'
import { inParallel } from './attacked-bot.ts'
import { MANNERS, startHostileServer } from './hostile-server.ts'

/** What one answer may take: the largest that is read is 64 MiB, in pieces and as a whole. The answers are gigabytes. */
const MEGABYTES = 300
/** Two or three attempts of 0.7 s, with what the SDK of AWS waits between them; neighbours on this machine take their share. */
const SECONDS = 30
/** Most that is read, and what was on its way. */
const MAX_SENT = 128 * 1024 ** 2

/** Bounded by time alone: a faster machine hears more of them. */
const KEPT_BY_NOBODY: Manner = 'hints without end'

/** What is given instead of thrown: that there was none, or its status. */
const ANSWERED = /^\{"kind":"(?:failed|answer|refused|hidden|absent|not_allowed)"|^\{"status":(?:3|4)|^3|^4|^nothing$/

/** Taken as the small thing that it is, and never unpacked: by its bytes a registry names a manifest, and an object is what lies in the bucket. */
const KEPT_PACKED = /^(?:a registry|a bucket, an object) and a megabyte/

const elsewhere: string[] = []
const canary = createServer((request, response) => {
  elsewhere.push(`${request.method} ${request.url}`)
  response.end('{}')
})
beforeAll(() => new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  canary.closeAllConnections()
  canary.close()
})

type Manner = keyof typeof MANNERS

const ALL = Object.keys(MANNERS) as Manner[]
const LATE: readonly Manner[] = ['hints without end', 'a body that trickles', 'headers that trickle', 'silence']

test('no client takes more than its bound, waits without end, or goes elsewhere', { timeout: 600_000 }, async () => {
  const clients = Object.keys(ASKING)
  const met: (Met & { readonly who: string; readonly sent: number; readonly asked: number })[] = []
  await inParallel(clients.length, 4, async (index) => {
    const client = clients[index] ?? ''
    const manners = client === STORAGE ? ALL.filter((manner) => !LATE.includes(manner)) : ALL
    const address = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/${index}`
    const servers = await Promise.all(manners.map((manner) => startHostileServer(manner, address)))
    try {
      const reports = await ask(
        client,
        servers.map(({ url }) => url),
      )
      expect(reports).toHaveLength(manners.length)
      for (const [place, report] of reports.entries()) {
        const server = servers[place]
        met.push({
          who: `${client} and ${manners[place]}`,
          ...report,
          sent: server?.sent() ?? 0,
          asked: server?.asked.length ?? 0,
        })
      }
    } finally {
      for (const server of servers) await server.close()
    }
  })
  expect(met.filter(({ asked }) => asked === 0).map(({ who }) => who)).toEqual([])
  expect(met.filter(({ megabytes }) => megabytes > MEGABYTES)).toEqual([])
  expect(met.filter(({ who, sent }) => sent > MAX_SENT && !who.endsWith(KEPT_BY_NOBODY))).toEqual([])
  expect(met.filter(({ seconds }) => seconds > SECONDS)).toEqual([])
  const taken = met.filter(({ isAnswered, outcome }) => isAnswered && !ANSWERED.test(outcome))
  expect(taken.filter(({ who }) => !KEPT_PACKED.test(who))).toEqual([])
  expect(elsewhere).toEqual([])
})

async function ask(client: string, urls: readonly string[]): Promise<readonly Met[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'ask-hostile-server.ts'), client, ...urls], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return (await text(child.stdout))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}
