/** Stories of the fault matrix around GitHub's own rules: previews, merge queues, its environments, issues, and deliveries that never came. */
import { openChurnPullRequest } from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import type { FaultFlow } from './fault-flows.ts'
import { commitDev, DEV_WORLD } from './preview-story.ts'
import { HOUR, MINUTE } from './story-acts.ts'

/** An open pull request goes to `dev`, and leaves it when it is closed. */
export const preview: FaultFlow = {
  name: 'preview',
  stage: DEV_WORLD,
  play: async (tale) => {
    const { github, registry } = tale.world
    commitDev(tale.world)
    await tale.settle()
    const pull = await tale.proposes('better')
    registry.push('acme/churn', pull.headSha)
    await tale.pass(MINUTE)
    await tale.says('/deploy dev', { on: pull.number })
    await tale.calm()
    github.closePullRequest(MODELS, pull.number, { by: 'dave' })
    await tale.settle()
    await tale.calm()
  },
}

/** A merge queue before the models, and GitHub's environment with a reviewer and a list of branches before prod. */
export const rules: FaultFlow = {
  name: 'rules',
  play: async (tale) => {
    const { github, registry } = tale.world
    github.protectBranch(MODELS, 'main', { checks: ['lockkeeper'], mergeQueue: 'squash' })
    github.setEnvironment(MODELS, 'prod/churn', { reviewers: ['bob'], branches: ['main'] })
    const pull = await tale.proposes('better')
    const sha = github.enqueue(MODELS, pull.number, { by: 'carol' })
    registry.push('acme/churn', sha)
    await tale.settle()
    await tale.pass(2 * MINUTE)
    await tale.calm()
    await tale.pass(HOUR + MINUTE, 20 * MINUTE)
    await tale.says('/deploy prod', { on: pull.number })
    await tale.approves()
    await tale.calm()
  },
}

const OPTED_IN = 'version: 1\noperations: { label: Lockkeeper }\n'

/** Somebody is called at night and works from an issue; the bot was down before, and has missed what was opened. */
export const night: FaultFlow = {
  name: 'night',
  stage: { grants: { issues: 'write' } },
  play: async (tale) => {
    const { github } = tale.world
    await tale.configures((text) => text.replace(/^version: 1\n/m, OPTED_IN))
    await tale.releases('better')
    await tale.calm()
    const on = github.openIssue(MODELS, { title: 'churn answers nonsense', by: 'alice' })
    github.addLabels(MODELS, on, ['lockkeeper'], { by: 'alice' })
    await tale.says('/lock staging churn for 2h nonsense', { on })
    await tale.says('/rollback staging churn', { on })
    await tale.calm()
    github.onDelivery(() => 'drop')
    openChurnPullRequest(tale.world, 'better-2')
    await github.delivered()
    github.onDelivery(() => ({ times: 1 }))
    await tale.pass(6 * MINUTE)
    await tale.restart()
    await tale.pass(6 * MINUTE)
    // It looks again five minutes later by the machine's clock, for which nobody waits here, and at its next start.
    await tale.restart()
    await tale.pass(6 * MINUTE)
  },
}

/** A release that is not well in prod, and what was there before is not either: people are called by an issue. Promotions go through a merge queue. */
export const incident: FaultFlow = {
  name: 'incident',
  stage: { grants: { issues: 'write' } },
  play: async (tale) => {
    tale.world.github.protectBranch(CONFIG, 'main', { checks: ['lockkeeper/promotion'], mergeQueue: 'squash' })
    await tale.releases('better')
    await tale.calm()
    await tale.pass(HOUR + MINUTE, 20 * MINUTE)
    tale.prodSlowsDown()
    await tale.says('/deploy prod')
    await tale.approves()
    await tale.calm()
    await tale.calm()
    tale.prodRecovers()
    await tale.says('/rollback prod')
    await tale.calm()
    await tale.says('/unlock prod churn')
    await tale.calm()
  },
}

/** GitHub makes check runs and comments, and breaks off before it says so: each is looked for before it would be made again. */
export const lost: FaultFlow = {
  name: 'lost',
  play: async (tale) => {
    for (const candidate of ['better', 'regression', 'slow'] as const) {
      for (const made of [/createCheckRun/, /addComment/]) tale.world.github.fail({ graphql: made }, { drop: 'after' })
      const pull = await tale.proposes(candidate)
      await tale.calm()
      tale.world.github.fail({ graphql: /addComment/ }, { drop: 'after' })
      await tale.says('/status', { on: pull.number })
      await tale.calm()
    }
  },
}

const PLATFORM = 'platform/config'
const PROD_FILES = [
  '.github/lockkeeper.yml',
  'environments/prod/churn/inference.yaml',
  'environments/prod/churn/values.yaml',
]

/** prod lies in another account, and who may approve there in a third one: that the App is installed in both has reached nobody. */
export const elsewhere: FaultFlow = {
  name: 'elsewhere',
  play: async (tale) => {
    const { github } = tale.world
    const files = Object.fromEntries(PROD_FILES.map((path) => [path, github.file(CONFIG, 'main', path) ?? '']))
    github.onDelivery(() => 'drop')
    github.createUser('platform')
    github.createRepository(PLATFORM, { collaborators: { alice: 'write', bob: 'write' }, files })
    github.installApp('platform', { repositories: [PLATFORM] })
    github.createOrganization('audit', { members: { bob: 'member' } })
    github.createTeam('audit', 'leads', { members: ['bob'] })
    github.installApp('audit', { repositories: [] })
    await github.delivered()
    github.onDelivery(() => ({ times: 1 }))
    await tale.releases('better')
    await tale.calm()
    await tale.pass(HOUR + MINUTE, 20 * MINUTE)
    await tale.configures((text) => {
      const [before, after = ''] = text.split('  prod:\n')
      const moved = after.replace(`repository: ${CONFIG}`, `repository: ${PLATFORM}`)
      return `${before}  prod:\n${moved.replace('deployers: [', 'deployers: ["team:audit/leads", ')}`
    })
    await tale.says('/deploy prod --dry-run')
    await tale.calm()
  },
}
