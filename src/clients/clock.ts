/** The `Clock` port: machine time, or the sandbox's clock, which stories move forward (its other half is sandbox/clock-server.ts). */
import { setTimeout as delay } from 'node:timers/promises'
import { fetch } from 'undici'
import type { Clock } from '../services/ports.ts'
import { answerOf } from './answer.ts'

/** A clock that can jump: `onMove` is called after each jump; its result stops the calls. `close` ends the polling. */
export type MovableClock = Clock & { onMove(listener: () => void): () => void; close(): void }

/** Machine time. */
export const systemClock: Clock = { now: () => new Date() }

/**
 * Follows the clock at `url`: `GET url` gives `{ now, offsetMs }`, `GET url?after=<offsetMs>` answers when the offset is another one, after 25 s at
 * the latest. Rejects when the first request fails; later failures are waited out with the last known offset.
 */
export async function sandboxClock(url: string): Promise<MovableClock> {
  const stopped = new AbortController()
  const listeners = new Set<() => void>()
  let offsetMs = await readOffset(url, stopped.signal)
  const pause = (milliseconds: number) =>
    delay(milliseconds, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined)
  const follow = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        const address = new URL(url)
        address.searchParams.set('after', String(offsetMs))
        const next = await readOffset(address.href, AbortSignal.any([stopped.signal, AbortSignal.timeout(40_000)]))
        if (next === offsetMs) await pause(50)
        else {
          offsetMs = next
          for (const listener of listeners) listener()
        }
      } catch {
        await pause(250)
      }
    }
  }
  void follow()
  return {
    now: () => new Date(Date.now() + offsetMs),
    onMove: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => stopped.abort(),
  }
}

async function readOffset(url: string, signal: AbortSignal): Promise<number> {
  const response = await fetch(url, { signal })
  const offset = answerOf('clock', await response.json()).raw['offsetMs']
  if (typeof offset !== 'number') throw new Error('the clock gives no offsetMs')
  return offset
}
