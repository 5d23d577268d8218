/** A Deployment is made once, however GitHub fails meanwhile, and is given up only where somebody deleted it. GitHub lists what is new after five seconds here. */
import { beforeEach, expect, it } from 'vitest'
import { SystemUnavailable } from '../../src/domain/failure.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { Publication } from '../../src/services/ledger.ts'
import { deploymentWrites } from '../../src/services/publish-deployment.ts'
import { promotion, SHA, verified } from '../domain/outcome-history.ts'

const LAG_MS = 5000
const v12 = promotion('v12', verified(0))

let now: number
let listed: { readonly id: string; readonly at: number }[]
/** What becomes of the next attempts to make one. */
let fates: ('fails' | 'made, and not answered' | 'made')[]
let kept: Map<string, Publication>
beforeEach(() => {
  now = 0
  listed = []
  fates = []
  kept = new Map()
})

const deps = {
  clock: { now: () => new Date(now) },
  ledger: {
    publication: async (key: string) => kept.get(key),
    savePublication: async (one: Publication) => void kept.set(one.key, one),
    releaseById: async () => ({ state: { kind: 'complete', release: { commit: SHA, images: [], model: 'churn' } } }),
    history: async () => [],
  },
  github: {
    findDeployment: async () => listed.find(({ at }) => at + LAG_MS <= now),
    createDeployment: async () => {
      const fate = fates.shift() ?? 'made'
      const one = { id: `D_${listed.length + 1}`, at: now }
      if (fate !== 'fails') listed.push(one)
      if (fate !== 'made') throw new SystemUnavailable('GitHub', fate)
      return one
    },
  },
} as unknown as Deps

/** The run of so many seconds later. */
async function after(seconds: number): Promise<unknown> {
  now += seconds * 1000
  return (await deploymentWrites(v12, undefined, deps))[0]?.write
}

it('stands once where one attempt failed, and the answer to the next was lost', async () => {
  fates = ['fails', 'made, and not answered']
  await expect(after(0)).rejects.toThrow('fails')
  await expect(after(30)).rejects.toThrow('made, and not answered')
  await expect(after(2)).rejects.toThrow('may not be listed yet')
  expect(await after(20)).toMatchObject({ deploymentId: 'D_1', state: 'success' })
  expect(listed).toHaveLength(1)
})

it('that GitHub does not find for a moment is told again; one that somebody deleted is let go', async () => {
  await after(0)
  const [write] = await deploymentWrites(v12, undefined, deps)
  now += LAG_MS
  expect(await write?.gone?.()).toBe(false)
  expect(kept.get('deployment:pro-v12')?.hash).toBeUndefined()
  listed = []
  await expect(write?.gone?.()).rejects.toThrow('may not be listed yet')
  now += 20_000
  expect(await write?.gone?.()).toBe(true)
  expect(kept.get('deployment:pro-v12')?.hash).toBe('success')
})

it('that somebody deleted, and stands there twice, goes on as the other one', async () => {
  await after(0)
  const [write] = await deploymentWrites(v12, undefined, deps)
  listed = [{ id: 'D_other', at: 0 }]
  now += LAG_MS
  expect(await write?.gone?.()).toBe(false)
  expect(await after(1)).toMatchObject({ deploymentId: 'D_other', state: 'success' })
})
