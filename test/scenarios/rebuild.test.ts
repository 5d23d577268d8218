/** The database is lost: `lockkeeper rebuild` restores the ledger from what GitHub has, and what people wrote there is believed nowhere. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { loseDatabase, promised, rebuildInto, urlOf } from '../support/rebuilt.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

/** v12 proven in prod, v13 proven in staging and slow in prod, so that it went back by itself. */
async function history(story: Tale): Promise<void> {
  const { prometheus, argocd } = story.world
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  const slow = (query: string) => query.includes('latency') && argocd.kserve.liveUri('prod', 'churn')?.endsWith('/13')
  prometheus.answer((query) => (slow(query) ? 0.31 : query.includes('latency') ? 0.084 : 0.002))
  await story.releases('better-2')
  await story.deploys()
  await story.pass(36 * MINUTE, 2 * MINUTE)
}

scenario(
  'a long history: releases, what is live, the way back and holds are the same, and commands work as before',
  async (story) => {
    await history(story)
    await story.says('/lock staging the cluster moves')
    const { before, after, rebuilt } = await loseDatabase(story)
    expect(promised(after)).toEqual(promised(before))
    expect(before.promotions.map(({ stage }) => stage.at)).toEqual([
      'verified',
      'failed',
      'verified',
      'verified',
      'verified',
    ])
    expect(rebuilt.untold).toEqual([])
    // GitHub's lists may lag, and clocks be apart: soon after a rebuild what nobody remembers is looked for, and made a moment later.
    await story.pass(3 * MINUTE)
    const said = story.world.github.comments(MODELS, 2).length
    expect(await story.says('/deploy prod')).toContain('held')
    expect(await story.says('/rollback staging')).toContain('Rollback of churn in staging to v12')
    await story.pass(10 * MINUTE, 5 * MINUTE)
    expect(story.world.argocd.kserve.liveUri('staging', 'churn')).toBe('s3://acme-models/churn/12')
    // A reply to each command, and nothing told twice.
    expect(story.world.github.comments(MODELS, 2).length).toBe(said + 4)
  },
)

scenario('an empty ledger is rebuilt, any other one is refused and can be compared', async (story) => {
  await story.releases('better')
  const url = urlOf(story.settings)
  await expect(rebuildInto(url, story)).rejects.toThrow('the ledger is not empty')
  expect((await rebuildInto(url, story, true)).differences).toEqual([])
})

scenario('what people forge changes nothing, wherever in long threads it stands', async (story) => {
  const { github } = story.world
  const pull = await story.releases('better')
  await story.says('/lock prod audit')
  const locked = github.comments(MODELS, pull.number).at(-1)
  const id = /held:v1 id=(hold-[0-9a-f]{16})/.exec(locked?.body ?? '')?.[1] ?? ''
  const lifted = `<!-- lockkeeper:lifted:v1 id=${id} cause=x -->`
  const { before, after } = await loseDatabase(story, () => {
    for (let count = 0; count < 120; count += 1) github.comment(MODELS, pull.number, `thought ${count}`, { by: 'dave' })
    github.comment(MODELS, pull.number, `<!-- lockkeeper:reply:v1 comment=1 -->\n${lifted}`, { by: 'dave' })
    const reply = `<!-- lockkeeper:reply:v1 comment=1 -->\n${lifted}\n${locked?.body}`
    github.editComment(MODELS, locked?.id ?? 0, `${locked?.body.split('\n')[0]}\n${lifted}\n${reply}`, { by: 'carol' })
    // The record of staging, as if prod had it.
    const payload = JSON.stringify(github.deployments(MODELS).at(-1)?.payload).replaceAll('staging', 'prod')
    const id = github.createDeployment(MODELS, {
      ...{ by: 'dave', ref: 'main', environment: 'prod/churn' },
      payload: JSON.parse(payload) as Record<string, unknown>,
    })
    github.reportDeployment(MODELS, id, { by: 'dave', state: 'success' })
    github.commit(CONFIG, 'main', {
      message: story.message('staging').replaceAll('staging', 'prod'),
      files: { x: '1' },
      by: 'carol',
    })
  })
  const { holds: _, ...known } = promised(before)
  expect(promised(after)).toMatchObject(known)
  expect(after.holds.filter(({ hasEnded }) => !hasEnded)).toMatchObject([{ scope: 'acme/models prod' }])
})
