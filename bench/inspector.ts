/** What the bot's process holds once its garbage is collected, asked through Node's inspector: a leak shows here, and how lazily V8 collects does not. */
import { readFileSync } from 'node:fs'

/** For `nodeArguments` of process.ts: loopback, at a port that is free. */
export const INSPECTED = ['--inspect=127.0.0.1:0'] as const

export type Inspector = {
  /** Collects, and gives what is left of the heap, in MB. */
  liveHeapMb(): Promise<number>
  close(): void
}

type Reply = { readonly id: number; readonly result?: { readonly result?: { readonly value?: unknown } } }

/** `logFile` holds what the process said at its start. */
export async function openInspector(logFile: string): Promise<Inspector> {
  const [, address] = /Debugger listening on (ws:\S+)/.exec(readFileSync(logFile, 'utf8')) ?? []
  if (address === undefined) throw new Error('the process was not started with --inspect')
  const socket = new WebSocket(address)
  const waiting = new Map<number, (reply: Reply) => void>()
  socket.addEventListener('message', ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error(`no inspector at ${address}`)))
  })
  let asked = 0
  const ask = (method: string, params = {}): Promise<Reply> => {
    asked += 1
    const id = asked
    return new Promise((resolve) => {
      waiting.set(id, resolve)
      socket.send(JSON.stringify({ id, method, params }))
    })
  }
  return {
    liveHeapMb: async () => {
      // The second one takes what finalisers of the first let go.
      for (let round = 0; round < 2; round += 1) await ask('HeapProfiler.collectGarbage')
      const { result } = await ask('Runtime.evaluate', { expression: 'process.memoryUsage().heapUsed' })
      return Number(result?.result?.value) / 1024 ** 2
    },
    close: () => socket.close(),
  }
}
