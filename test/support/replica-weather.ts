/** What befalls the replicas of replicas.ts and their database while people work: drawn from a seed. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from './fault-plans.ts'
import type { Replica, Replicas } from './replicas.ts'

/** How often each happened; and how long the slowest replica took to end after SIGTERM. */
export type Weather = {
  kills: number
  stops: number
  freezes: number
  hiccups: number
  databaseRestarts: number
  slowestStopMs: number
}

export type WeatherOptions = {
  readonly replicas: Replicas
  readonly random: Random
  readonly restartDatabase: (mode: 'fast' | 'immediate') => Promise<void>
  /** How much has been done so far: on a busy machine the storm leaves as much room for work as on an idle one. */
  readonly progress: () => number
}

/** Longer than a job's heartbeat (10 s) and what it takes to notice: another replica has taken the work over when this one wakes up. */
const ZOMBIE_MS = { from: 13_000, to: 19_000 } as const
const HICCUP_MS = { from: 500, to: 6000 } as const
/** Between two disturbances: so much time, and after that so many answers, or as much time as it takes to see that nothing gets done. */
const GAP_MS = { from: 1500, to: 5000 } as const
const DATABASE_GAP_MS = { from: 3000, to: 9000 } as const
const ANSWERS = { from: 2, to: 6 } as const
const LONGEST_GAP_MS = 25_000

export type Storm = {
  readonly seen: Weather
  /** No new disturbances; resolves when everything is up again. */
  end(): Promise<void>
}

/** Begins at once. Each replica meets one thing at a time, and one of them is always spared. */
export function startStorm({ replicas, random, restartDatabase, progress }: WeatherOptions): Storm {
  const seen: Weather = { kills: 0, stops: 0, freezes: 0, hiccups: 0, databaseRestarts: 0, slowestStopMs: 0 }
  const calm = new AbortController()
  const under = new Set<Promise<void>>()
  const between = ({ from, to }: { readonly from: number; readonly to: number }) => from + random() * (to - from)
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: calm.signal }).catch(() => {})
  const waiting = async (span: { readonly from: number; readonly to: number }): Promise<void> => {
    const enough = progress() + between(ANSWERS)
    const began = performance.now()
    await pause(between(span))
    while (!calm.signal.aborted && progress() < enough && performance.now() - began < LONGEST_GAP_MS) await pause(200)
  }

  const disturb = async (replica: Replica): Promise<void> => {
    const draw = random()
    if (draw < 0.35) {
      seen.kills += 1
      await replicas.restart(replica, 'SIGKILL', between({ from: 0, to: 2000 }))
    } else if (draw < 0.5) {
      seen.stops += 1
      const took = await replicas.restart(replica, 'SIGTERM', between({ from: 0, to: 1000 }))
      seen.slowestStopMs = Math.max(seen.slowestStopMs, Math.round(took))
    } else if (draw < 0.85) {
      seen.freezes += 1
      await replicas.freeze(replica, between(ZOMBIE_MS))
    } else {
      seen.hiccups += 1
      await replicas.freeze(replica, between(HICCUP_MS))
    }
  }
  const overReplicas = async (): Promise<void> => {
    for (await waiting(GAP_MS); !calm.signal.aborted; await waiting(GAP_MS)) {
      const up = replicas.all.filter(({ state }) => state === 'up')
      const unlucky = up[Math.floor(random() * up.length)]
      if (unlucky === undefined || up.length < 2) continue
      const disturbance = disturb(unlucky).finally(() => under.delete(disturbance))
      under.add(disturbance)
    }
  }
  const overDatabase = async (): Promise<void> => {
    for (await waiting(DATABASE_GAP_MS); !calm.signal.aborted; await waiting(DATABASE_GAP_MS)) {
      seen.databaseRestarts += 1
      await restartDatabase(random() < 0.7 ? 'immediate' : 'fast')
    }
  }
  const both = Promise.all([overReplicas(), overDatabase()])
  // Whoever ends the storm hears of it.
  both.catch(() => {})
  return {
    seen,
    end: async () => {
      calm.abort()
      await both
      await Promise.all(under)
    },
  }
}
