/** A replica that stops or dies leaves its work to others. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { eventually, ignore, queueBench } from '../support/queue.ts'

const { newQueue, url } = queueBench()

describe('a replica', () => {
  it('that stops finishes what it is doing', async () => {
    const queue = await newQueue()
    let state = 'not started'
    await queue.work({
      ...ignore,
      reconcile: async () => {
        state = 'running'
        await sleep(500)
        state = 'done'
      },
    })
    await queue.hint('a')
    await eventually(() => state === 'running')
    await queue.stop({ graceSeconds: 5 })
    expect(state).toBe('done')
  })

  it('that stops gives back what takes too long', async () => {
    const queue = await newQueue()
    let isRunning = false
    await queue.work({
      ...ignore,
      reconcile: async () => {
        isRunning = true
        await sleep(4000)
      },
    })
    await queue.hint('a')
    await eventually(() => isRunning)
    await queue.stop({ graceSeconds: 1 })
    const other = await newQueue()
    const taken: string[] = []
    await other.work({ ...ignore, reconcile: async (subject) => void taken.push(subject) })
    await eventually(() => taken.length === 1)
  })

  it('that is killed has its jobs taken over by another', async () => {
    const child = spawn(process.execPath, [new URL('queue-victim.ts', import.meta.url).pathname, url()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    const killed = Date.now()
    const queue = await newQueue()
    const seen: string[] = []
    await queue.work({
      delivery: async ({ event }) => void seen.push(event),
      reconcile: async (subject) => void seen.push(subject),
    })
    await eventually(() => seen.length === 2, 16_000)
    expect(seen.toSorted()).toEqual(['push', 'subject of the victim'])
    expect(Date.now() - killed).toBeLessThan(15_000)
  })
})
