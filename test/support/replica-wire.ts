/**
 * A wire of its own between one replica and GitHub. Whoever wants to freeze or kill the replica learns here when it is in the middle of something: it has asked, and the
 * answer is not there yet. Of replicas.ts.
 */

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type Wire = {
  /** `127.0.0.1:PORT`, for `GHE_HOST`. */
  readonly host: string
  /** Resolves in the moment in which the next question passes, before any answer can; or after so many milliseconds without one. */
  question(withinMs: number): Promise<void>
  /** Resolves when an answer was read, and what follows from it is not done; or after so many milliseconds without one. */
  answer(withinMs: number): Promise<void>
  close(): Promise<void>
}

/** Queries and mutations: not the log of deliveries, which each replica reads now and then. */
const QUESTION = '/graphql'

/** By then an answer has been read: whoever is stopped before that wakes up to a question that took too long, and gives up by itself. */
const READING_MS = 4

type Bell = { ring(): void; heard(withinMs: number): Promise<void> }

function createBell(): Bell {
  const waiting = new Set<() => void>()
  return {
    ring: () => {
      for (const hear of waiting) hear()
      waiting.clear()
    },
    heard: async (withinMs) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add(resolve)
      await Promise.race([promise, sleep(withinMs)])
      waiting.delete(resolve)
    },
  }
}

/** To the server at `host`, byte by byte. */
export async function openWire(host: string): Promise<Wire> {
  const { hostname, port } = new URL(`http://${host}`)
  const sockets = new Set<Socket>()
  const [questions, answers] = [createBell(), createBell()]
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    near.on('data', (chunk) => {
      if (!chunk.includes(QUESTION)) return
      questions.ring()
      far.once('data', () => setTimeout(answers.ring, READING_MS))
    })
    near.pipe(far)
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a wire has no port')
  return {
    host: `127.0.0.1:${address.port}`,
    question: questions.heard,
    answer: answers.heard,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
