/** How long after a workload is healthy at the API server its thread and its reply say so, by the real clock. Printed, and in docs/performance.md. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { at } from '../../sandbox/systems/kubernetes-objects.ts'
import { MODELS } from '../../sandbox/world/index.ts'
import { scenarios, type Tale } from '../support/story.ts'

scenarios()('a release that becomes healthy is told so within a second', async (story) => {
  const taken: number[] = []
  for (const candidate of ['better', 'better-2', 'better-3'] as const) {
    const staging = holdBack(story, 'churn-staging')
    const pull = await story.releases(candidate)
    taken.push(await staging.untilTold(() => story.thread(pull)))
    await story.settle()
  }
  const prod = holdBack(story, 'churn-prod')
  await story.deploys()
  taken.push(
    await prod.untilTold(() => story.reply({ number: story.world.github.pullRequests(MODELS).at(-1)?.number ?? 0 })),
  )
  const sorted = taken.toSorted((one, other) => one - other)
  const median = sorted[2] ?? Number.POSITIVE_INFINITY
  const all = sorted.map((milliseconds) => Math.round(milliseconds)).join(', ')
  process.stdout.write(`healthy → told: ${Math.round(median)} ms (${all})\n`)
  expect(taken).toHaveLength(4)
  expect(median).toBeLessThan(1000)
})

/** Keeps an Application from becoming Healthy, until it is measured how long that takes to be told. */
function holdBack({ world }: Tale, application: string) {
  world.argocd.script(application, { neverHealthy: true })
  return {
    /** Milliseconds from the write of Healthy to the first edit of the text. */
    untilTold: async (read: () => string): Promise<number> => {
      const before = read()
      let healthyAt: number | undefined
      const stop = world.kubernetes.store.subscribe(({ object }) => {
        if (object.metadata.name === application && at(object.status, 'health', 'status') === 'Healthy')
          healthyAt ??= performance.now()
      })
      world.argocd.script(application, { neverHealthy: false })
      const deadline = performance.now() + 20_000
      while (read() === before && performance.now() < deadline) await sleep(2)
      const told = performance.now()
      stop()
      if (healthyAt === undefined || told >= deadline) throw new Error(`not told of ${application}: ${before}`)
      return told - healthyAt
    },
  }
}
