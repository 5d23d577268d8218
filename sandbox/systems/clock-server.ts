/** Tells the bot what time it is in the story (`LOCKKEEPER_CLOCK_URL`); long-polls until the clock moves. The clock itself is ../clock.ts. */
import type { SandboxClock } from '../clock.ts'
import { listen, type SandboxHandler, type SandboxServer } from '../http.ts'

/** The longest that `?after=` waits, in milliseconds. */
const LONGEST_WAIT_MS = 25_000

/** `GET /clock` -> `{ now, offsetMs }`; `GET /clock?after=<offsetMs>` waits until the offset differs, at most 25 s. `url` is the whole address to give to the bot. */
export async function startClockServer(clock: SandboxClock, port = 0): Promise<SandboxServer> {
  const waiting = new Set<() => void>()
  const handler: SandboxHandler = async ({ method, path, query, response }) => {
    if (method !== 'GET' || path !== '/clock') return { status: 404, body: { message: 'not found' } }
    const after = query.get('after')
    if (after !== null && !Number.isFinite(Number(after)))
      return { status: 400, body: { message: 'after is not a number' } }
    if (after !== null && Number(after) === clock.offsetMs) {
      await new Promise<void>((resolve) => {
        const stopListening = clock.onMove(() => done())
        const timer = setTimeout(() => done(), LONGEST_WAIT_MS)
        const done = () => {
          stopListening()
          clearTimeout(timer)
          waiting.delete(done)
          resolve()
        }
        waiting.add(done)
        response.once('close', done)
      })
    }
    return { status: 200, body: { now: clock.now().toISOString(), offsetMs: clock.offsetMs } }
  }
  const server = await listen(handler, port)
  const close = () => {
    for (const done of [...waiting]) done()
    return server.close()
  }
  return { ...server, url: `${server.url}/clock`, close }
}
