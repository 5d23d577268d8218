/** An environment that moves on to another config repository: what was found, proven or approved in the one counts for nothing in the other. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

/** Two config repositories of one account: the one is as strict as that of everybody, the other accepts anything. */
const STRICT = 'platform/config'
const LAX = 'platform/playground'
const SETTINGS = '.github/lockkeeper.yml'
const STAGING = 'environments/staging/churn/inference.yaml'
const PROD = 'environments/prod/churn/inference.yaml'
const FILES = [
  SETTINGS,
  STAGING,
  'environments/staging/churn/kustomization.yaml',
  PROD,
  'environments/prod/churn/values.yaml',
]

/** prod of the model repository itself asks for no approval. */
async function twoRepositories(story: Tale): Promise<void> {
  const { github } = story.world
  const files = Object.fromEntries(FILES.map((path) => [path, github.file(CONFIG, 'main', path) ?? '']))
  const accepts = `version: 1\naccepts:\n  - { from: ${MODELS}, paths: ["**"] }\n`
  const evil = files[STAGING]?.replace(/storageUri: .*/, 'storageUri: s3://evil/backdoor') ?? ''
  const collaborators = { alice: 'write', carol: 'admin' } as const
  github.createUser('platform')
  github.createRepository(STRICT, { collaborators, files })
  github.createRepository(LAX, { collaborators, files: { ...files, [SETTINGS]: accepts, [STAGING]: evil } })
  github.installApp('platform', { repositories: [STRICT, LAX] })
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 0 '))
}

const moves = (story: Tale, from: string, to: string) =>
  story.configures((text) => text.replaceAll(`    repository: ${from}`, `    repository: ${to}`))

const has = ({ world }: Tale, repository: string, path: string): string | undefined =>
  /storageUri: (\S+)/.exec(world.github.file(repository, 'main', path) ?? '')?.[1]

scenario('values that were found in one config repository are not put back into another', async (story) => {
  await twoRepositories(story)
  await moves(story, CONFIG, LAX)
  await story.releases('better')
  expect(has(story, LAX, STAGING)).toBe('s3://acme-models/churn/12')
  await moves(story, LAX, STRICT)
  expect(await story.says('/rollback staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`no_verified_release\`): churn in staging may not be rolled back now: nothing of staging was put into platform/config yet, and what was proven elsewhere is no way back there.
    \`/deploy staging\` proposes a release there.

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ❌ | release | nothing of staging was put into platform/config yet, and what was proven elsewhere is no way back there |
    | ➖ | gates | a rollback does not wait for it |
    | ➖ | after | a rollback does not wait for it |
    | ➖ | soak | a rollback does not wait for it |
    | ➖ | freeze | a rollback does not wait for it |
    | ➖ | hold | a rollback does not wait for it |
    | ✅ | free | takes the place of v12: [now syncing](<github>/platform/playground/pull/1) |
    | ⏳ | values | not known without a release |
    | ➖ | approvals | a rollback does not wait for it |

    </details>
  `)
  await story.pass(10 * MINUTE, 2 * MINUTE)
  expect(has(story, STRICT, STAGING)).toBe('"s3://acme-models/churn/11"')
})

scenario('a rollback that has begun does not move along', async (story) => {
  await twoRepositories(story)
  await moves(story, CONFIG, LAX)
  await story.releases('better')
  story.world.github.protectBranch(LAX, 'main', { approvals: 1 })
  await story.says('/rollback staging')
  await moves(story, LAX, STRICT)
  await story.pass(10 * MINUTE, 2 * MINUTE)
  expect(story.world.github.pullRequests(LAX).map(({ title, state }) => `${title}: ${state}`)).toMatchInlineSnapshot(`
    [
      Promote churn v12 to staging: closed,
      Roll back churn in staging to as found: closed,
    ]
  `)
  expect(has(story, STRICT, STAGING)).toBe('"s3://acme-models/churn/11"')
})

scenario(
  'a promotion that waits for approvals is not merged by the rules of another config repository',
  async (story) => {
    await twoRepositories(story)
    await story.releases('better')
    await story.pass(HOUR)
    await moves(story, CONFIG, STRICT)
    await story.says('/deploy prod')
    await moves(story, STRICT, LAX)
    // The asker's own review does not count; it only makes Lockkeeper look.
    story.world.github.review(STRICT, 1, { by: 'alice', state: 'APPROVED' })
    await story.settle()
    expect(has(story, STRICT, PROD)).toBe("'s3://acme-models/churn/11'")
    expect(story.thread({ number: 1 })).toMatchInlineSnapshot(`
      ### 🚢 churn v12 — ❌ not promoted to prod
      **Next:** \`/deploy prod\` proposes a release there, by its rules.

      - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
      - ❌ **prod** by alice: refused (\`accepts_refused\`): v12 belongs into platform/config, and prod is written into platform/playground now
    `)
  },
)
