/** A canary release: the traffic moves in steps, each a commit that is proven before the next. */
import { expect } from 'vitest'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

const CANARY = `    canary:
      steps: [{ percent: 10, for: 10m }, { percent: 50, for: 20m }]
      traffic: { kserve: { file: "environments/prod/{{ model.name }}/inference.yaml", name: "{{ model.name }}" } }
      compare:
        - { query: 'errors{version="{{ model.version }}"}', max_regression: 10% }
`

/** v12 is live in prod, which moves its traffic in steps from then on. */
async function withCanary(story: Tale): Promise<void> {
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  await story.configures((text) => text.replace(/( {2}prod:\n)/, `$1${CANARY}`))
}

scenario('a release takes the traffic in steps', async (story) => {
  await withCanary(story)
  const pull = await story.releases('better')
  story.world.prometheus.answer(() => 0.002)
  await story.deploys()
  console.log(story.reply(pull), story.patch('prod'))
  await story.pass(11 * MINUTE, 2 * MINUTE)
  console.log(story.reply(pull), story.patch('prod'))
  await story.pass(21 * MINUTE, 2 * MINUTE)
  console.log(story.reply(pull), story.patch('prod'))
  await story.verifies()
  console.log(story.reply(pull), story.patch('prod'), await story.says('/status prod'))
})
