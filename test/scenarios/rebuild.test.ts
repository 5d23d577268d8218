/** The database is lost: `lockkeeper rebuild` restores the ledger from what GitHub has, and what people wrote there is believed nowhere. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { loseDatabase, promised, rebuildInto, urlOf } from '../support/rebuilt.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

const DAY = 24 * HOUR

/** v12 and v13 proven in prod, v14 slow there and rolled back by itself. */
async function history(story: Tale): Promise<void> {
  const { prometheus, argocd } = story.world
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  await story.pass(DAY)
  await story.releases('better-2')
  await story.deploys()
  await story.verifies()
  await story.pass(DAY)
  const slow = (query: string) => query.includes('latency') && argocd.kserve.liveUri('prod', 'churn')?.endsWith('/14')
  prometheus.answer((query) => (slow(query) ? 0.31 : query.includes('latency') ? 0.084 : 0.002))
  await story.releases('better-3')
  await story.deploys()
  await story.pass(40 * MINUTE, 2 * MINUTE)
}

scenario(
  'a long history: releases, what is live, the way back and holds are the same, and commands work as before',
  async (story) => {
    await history(story)
    await story.says('/lock staging the cluster moves')
    const { before, after, rebuilt } = await loseDatabase(story)
    expect(promised(after)).toEqual(promised(before))
    expect(rebuilt.untold).toEqual([])
    // GitHub's lists may lag: what nobody remembers is looked for, and made a moment later.
    await story.pass(MINUTE)
    const said = story.world.github.comments(MODELS, 3).length
    expect(await story.says('/deploy prod')).toContain('is held')
    expect(await story.says('/deploy staging v13')).toContain('the cluster moves')
    expect(await story.says('/unlock prod churn')).toContain('is free again')
    expect(await story.says('/rollback prod')).toContain('Rollback of churn in prod to v12')
    await story.verifies()
    expect(story.world.argocd.kserve.liveUri('prod', 'churn')).toBe('s3://acme-models/churn/12')
    // A reply to each command, and nothing told twice.
    expect(story.world.github.comments(MODELS, 3).length).toBe(said + 8)
  },
)

scenario('an empty ledger is rebuilt, any other one is refused and can be compared', async (story) => {
  await story.releases('better')
  const url = urlOf(story.settings)
  await expect(rebuildInto(url, story)).rejects.toThrow('the ledger is not empty')
  expect((await rebuildInto(url, story, true)).differences).toEqual([])
})
