/** What a config repository says that fewer people can read than the thread: refusals and `/status` do without it. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { MINUTE, scenarios } from '../support/story.ts'

const closed = scenarios({ closed: [CONFIG] })

closed('why it freezes', async (story) => {
  const freeze = 'freeze: [{ from: "2026-11-24 08:00", to: "2026-11-25 08:00", zone: Europe/Berlin, reason: a merger }]'
  await story.configures((text) => text.replace('{ approvals: 1, soak: 30m }', `{ approvals: 1, ${freeze} }`), CONFIG)
  await story.pass(MINUTE)
  await story.releases('better')
  const reply = await story.says('/deploy prod')
  expect(reply).toContain('| ⏳ | freeze | frozen: 2026-11-24 08:00 to')
  expect(reply).not.toContain('merger')
})

closed('whom else it takes artefacts of', async (story) => {
  const secret = '"s3://initech-takeover/**"'
  await story.configures((text) => text.replace(/uris: \[[^\]]*\]/, `uris: [${secret}]`), CONFIG)
  await story.pass(MINUTE)
  await story.releases('better')
  const reply = await story.says('/deploy staging')
  expect(reply).toContain('is not among `uris`')
  expect(reply).not.toContain('initech')
  expect(reply).toContain(`Whoever may change \`.github/lockkeeper.yml\` of ${CONFIG} can let it through there.`)
})

closed('what else goes elsewhere is not told in another one', async (story) => {
  const { github } = story.world
  const open = 'platform/config'
  const paths = ['.github/lockkeeper.yml', 'environments/staging/churn/inference.yaml']
  const more = [...paths, 'environments/staging/churn/kustomization.yaml']
  const files = Object.fromEntries(more.map((path) => [path, github.file(CONFIG, 'main', path) ?? '']))
  github.createUser('platform')
  github.createRepository(open, { collaborators: { alice: 'write', carol: 'admin' }, files })
  github.installApp('platform', { repositories: [open] })
  // The first of the two is staging's.
  await story.configures((text) => text.replace(`    repository: ${CONFIG}`, `    repository: ${open}`))
  await story.releases('better')
  await story.says('/lock prod takeover of Initech')
  const { number } = github.pullRequests(open).at(-1) ?? { number: 0 }
  github.comment(open, number, '/status', { by: 'dave' })
  await story.settle()
  const told = github.comments(open, number).at(-1)?.body ?? ''
  expect(told).toContain('| churn | staging | as found | v12 by automation')
  expect(told).not.toMatch(/prod|Initech/)
  expect(await story.says('/status', { in: MODELS })).toContain('| churn | prod |')
})
