/** What comes in between the steps of a canary: a freeze, a rollback, answers that are lost. */
import { expect } from 'vitest'
import { canaryBegins, shareIn, untimed } from '../support/canary-story.ts'
import { MINUTE, scenario } from '../support/story.ts'

scenario('a hold stops it from going up, and not from being taken back', async (story) => {
  const { manifest, before } = await canaryBegins(story)
  await story.says('/lock prod churn an audit')
  await story.pass(30 * MINUTE, 2 * MINUTE)
  expect(shareIn(manifest())).toBe('10')
  expect(untimed(await story.says('/status prod'))).toMatchInlineSnapshot(`
    1 under way, 1 held.

    🔒 **Held:**
    - \`prod\` for \`churn\`: lock by alice since 2026-11-24 <time>: an audit (\`/unlock prod churn\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | canary 10 % of v13, 90 % v12 | v13 by alice: canary at 10 %, synced 2026-11-24 <time>, checks have held since 2026-11-24 <time>; it goes no further: held by alice | 🔒 held by alice; next freeze 2026-11-27 <time> |
  `)
  story.world.prometheus.answer((query) => (query.includes('errors{version="13"}') ? 0.009 : 0.002))
  await story.pass(24 * MINUTE, 2 * MINUTE)
  await story.verifies()
  await story.verifies()
  expect(manifest()).toBe(before)
  expect(story.promotions().slice(-3)).toMatchInlineSnapshot(`
    [
      Promote churn v13 to prod (canary 10 %) (merged),
      Roll back churn in prod to v12 (canary 0 %) (merged),
      Roll back churn in prod to v12 (without the canary) (merged),
    ]
  `)
})

scenario('a rollback takes the traffic off the canary at once, and then what wrote its share out', async (story) => {
  const { manifest, before, traffic } = await canaryBegins(story)
  // Between its two commits it waits for its own workload, and for none of the systems that the checks ask.
  story.world.prometheus.answer(() => 'none')
  await story.says('/rollback prod')
  await story.pass(2 * MINUTE, MINUTE)
  expect(traffic()).toEqual(['100 % s3://acme-models/churn/12'])
  expect(manifest()).toBe(before)
  story.world.prometheus.answer(() => 0.002)
  await story.verifies()
  await story.verifies()
  expect(manifest()).toBe(before)
  expect(story.promotions().slice(-3)).toMatchInlineSnapshot(`
    [
      Promote churn v13 to prod (canary 10 %) (merged),
      Roll back churn in prod to v12 (canary 0 %) (merged),
      Roll back churn in prod to v12 (without the canary) (merged),
    ]
  `)
  expect(untimed(await story.says('/status prod'))).toMatchInlineSnapshot(`
    Nothing is under way, 1 held.

    🔒 **Held:**
    - \`prod\` for \`churn\`: hold by alice after a rollback or a failure since 2026-11-24 <time>: rolled back to v12 by alice (\`/unlock prod churn\` lifts it)

    | Model | Environment | Live | Under way | Stops |
    | --- | --- | --- | --- | --- |
    | churn | prod | v12 since 2026-11-24 <time>, by alice | – | 🔒 held by alice; next freeze 2026-11-27 <time> |
  `)
})

scenario('answers of GitHub that are lost between the steps: as if nothing had happened', async (story) => {
  const { manifest, before } = await canaryBegins(story)
  const lost: string[] = []
  const once = (pattern: RegExp) => {
    story.world.github.fail(
      ({ body }) => {
        const isIt = !lost.includes(pattern.source) && pattern.test(JSON.stringify(body ?? ''))
        if (isIt) lost.push(pattern.source)
        return isIt
      },
      { drop: 'after' },
    )
  }
  once(/createPullRequest.*canary 50/)
  await story.pass(13 * MINUTE, MINUTE)
  once(/mergePullRequest/)
  await story.pass(25 * MINUTE, MINUTE)
  await story.verifies()
  expect(lost).toHaveLength(2)
  expect(manifest()).toBe(before?.replace('churn/12', 'churn/13'))
  expect(story.promotions().slice(-3)).toMatchInlineSnapshot(`
    [
      Promote churn v13 to prod (canary 10 %) (merged),
      Promote churn v13 to prod (canary 50 %) (merged),
      Promote churn v13 to prod (all of the traffic) (merged),
    ]
  `)
})

scenario('where KServe does not run it on Knative the share does nothing, and that is told at once', async (story) => {
  const { pull, manifest, before } = await canaryBegins(story, 'default')
  await story.pass(5 * MINUTE, MINUTE)
  expect(untimed(story.report(pull)).split('\n').slice(0, 2)).toMatchInlineSnapshot(`
    [
      ### ❌ churn v13 failed in prod, at 10 % of the traffic,
      InferenceService prod/churn: \`canaryTrafficPercent\` divides traffic in the Knative mode alone, and it runs in standard. Rolling back to v12: synced 2026-11-24 <time>, checks have held since 2026-11-24 <time>. \`prod\` is held until \`/unlock prod churn\`.,
    ]
  `)
  await story.verifies()
  await story.verifies()
  expect(manifest()).toBe(before)
})
