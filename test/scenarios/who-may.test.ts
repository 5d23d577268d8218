/** Who may do what, told end to end: each right by somebody who has it and somebody who has not, and people who lose it in between. Every case: docs/permissions-matrix.md. */
import { expect } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { HOUR, scenario, type Tale } from '../support/story.ts'

/** carol, a deployer by her team alone, has asked for prod; an approval is missing. */
async function waits(story: Tale) {
  const pull = await story.releases('better')
  await story.pass(HOUR)
  await story.says('/deploy prod', { by: 'carol' })
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  return pull
}

scenario('a deployer who left the team before the merge: not merged, and told why', async (story) => {
  const pull = await waits(story)
  story.world.github.removeTeamMember('acme', 'ml-leads', 'carol')
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(story.reply(pull)).toMatchInlineSnapshot(`
    ⏳ **churn v12 → prod**: [promotion PR 2](<github>/acme/ml-config/pull/2) is open and waits: carol may not deploy to prod; these may: team ml-leads, alice – ask one of them to write the command.
    It is merged by itself when nothing is open any more.
  `)
})

scenario('whoever asked was taken out of the organisation, and is still named in the list', async (story) => {
  const pull = await story.waitsForApproval()
  story.world.github.removeOrganizationMember('acme', 'alice')
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(story.reply(pull)).toContain('alice may not deploy to prod')
})

scenario('the account of whoever asked is suspended', async (story) => {
  const pull = await story.waitsForApproval()
  story.world.github.suspendUser('alice')
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(story.reply(pull)).toContain('alice may not deploy to prod')
  story.world.github.unsuspendUser('alice')
  await story.reviews('carol')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('the configuration takes the right away while it waits', async (story) => {
  const pull = await story.waitsForApproval()
  await story.configures((text) =>
    text.replace('deployers: ["team:ml-leads", "user:alice"]', 'deployers: ["team:ml-leads"]'),
  )
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(story.reply(pull)).toContain('alice may not deploy to prod; these may: team ml-leads')
})

scenario('an approver who lost access after approving does not count', async (story) => {
  const pull = await story.waitsForApproval()
  await story.says('/lock prod for 1h look first', { by: 'alice' })
  await story.reviews('bob')
  story.world.github.removeOrganizationMember('acme', 'bob')
  await story.says('/unlock prod', { by: 'alice' })
  await story.pass(HOUR)
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  await story.reviews('carol')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  expect(story.thread(pull)).not.toContain('approved by bob')
})

scenario('an approver whom the config repository does not name', async (story) => {
  await story.configures(
    (text) => text.replace('prod: { approvals: 1, soak: 30m }', 'prod: { approvals: 1, approvers: ["user:carol"] }'),
    CONFIG,
  )
  const pull = await story.waitsForApproval()
  await story.reviews('bob')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (open)')
  expect(story.reply(pull)).toContain('those of team ml-leads, bob who are also among carol')
  await story.reviews('carol')
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
})

scenario('lockers hold what they may not deploy to, and deployers may not where others are named', async (story) => {
  await story.configures((text) =>
    text.replace('approvers: ["team:ml-leads", "user:bob"]', '$&\n    lockers: ["user:erin"]'),
  )
  await story.releases('better')
  await story.pass(HOUR)
  expect(await story.says('/lock prod for 1h an incident', { by: 'erin' })).toMatch(/^🔒/)
  expect(await story.says('/deploy prod', { by: 'erin' })).toContain('erin may not deploy to prod')
  expect(await story.says('/unlock prod', { by: 'carol' })).toContain('these may: erin')
  expect(await story.says('/unlock prod', { by: 'erin' })).toMatch(/^🔓/)
})

scenario('a permission as a deployer means it in both repositories', async (story) => {
  await story.configures((text) =>
    text.replace('deployers: ["team:ml-leads", "user:alice"]', 'deployers: ["role:maintain"]'),
  )
  const { github } = story.world
  await story.releases('better')
  await story.pass(HOUR)
  github.setCollaborator(MODELS, 'alice', 'maintain')
  expect(await story.says('/deploy prod', { by: 'alice' })).toContain(
    'these may: people with maintain access to both repositories',
  )
  github.setCollaborator(CONFIG, 'alice', 'maintain')
  expect(await story.says('/deploy prod', { by: 'alice' })).toContain('promotion PR 2')
})

scenario('a custom repository role as a deployer means exactly that role', async (story) => {
  await story.configures((text) =>
    text.replace('deployers: ["team:ml-leads", "user:alice"]', 'deployers: ["role:release-manager"]'),
  )
  const { github } = story.world
  await story.releases('better')
  await story.pass(HOUR)
  expect(await story.says('/deploy prod', { by: 'carol' })).toContain(
    'these may: people with the role release-manager in both repositories',
  )
  for (const repository of [MODELS, CONFIG])
    github.setCollaborator(repository, 'alice', { name: 'Release-Manager', base: 'read' })
  expect(await story.says('/deploy prod', { by: 'alice' })).toContain('promotion PR 2')
})

scenario('a bot is heard only where it is named, and may only what it is named for', async (story) => {
  const { github } = story.world
  github.createUser('renovate[bot]', { type: 'Bot' })
  github.createUser('other[bot]', { type: 'Bot' })
  const pull = await story.releases('better')
  await story.pass(HOUR)
  expect(await story.says('/lock prod an outage', { by: 'renovate[bot]' })).toBe('(no reply)')
  await story.configures((text) =>
    text.replace('approvers: ["team:ml-leads", "user:bob"]', '$&\n    lockers: ["user:renovate[bot]"]'),
  )
  expect(await story.says('/lock prod an outage', { by: 'other[bot]' })).toBe('(no reply)')
  expect(await story.says('/lock prod an outage', { by: 'renovate[bot]' })).toMatch(/^🔒/)
  expect(await story.says('/deploy prod', { by: 'renovate[bot]' })).toMatch(
    /renovate\S+ may not deploy to prod; these may: team ml-leads, alice/,
  )
  expect(story.thread(pull)).not.toContain('@renovate')
})

scenario('everybody who can comment may ask', async (story) => {
  await story.releases('better')
  expect(await story.says('/status', { by: 'erin' })).toContain('staging')
  expect(await story.says('/help', { by: 'erin' })).toContain('/deploy')
  await story.says('/lock staging', { by: 'alice' })
  for (const command of ['/deploy prod', '/rollback staging', '/lock staging', '/unlock staging'])
    expect(await story.says(command, { by: 'erin' })).toContain('erin may not')
})

scenario('help on the first pull request says who may deploy', async (story) => {
  await story.proposes('better')
  expect(await story.says('/help', { by: 'erin' })).toContain('| `prod` | churn | team ml-leads, alice |')
})

/** One line of each command that changes something, as somebody would write it on any of the pull requests. */
const CHANGING = [
  '/deploy prod churn',
  '/deploy prod churn --force "now"',
  '/rollback staging churn',
  '/lock prod churn for 1h why',
  '/unlock staging churn',
  '/lock --all why',
  '/approve prod churn',
  '/cancel prod churn',
  '/override auc why',
  '/compare churn',
]

scenario('who may nothing changes nothing, on whichever pull request', async (story) => {
  const { github } = story.world
  const merged = await story.waitsForApproval()
  await story.says('/lock staging churn why', { by: 'alice' })
  const open = await story.proposes('better-2')
  github.createUser('mallory')
  const fork = github.forkRepository(MODELS, 'mallory')
  const files = { 'models/churn/train.py': 'CANDIDATE = "fork"\n' }
  github.commit(fork, 'faster', { message: 'Faster', files, by: 'mallory' })
  const forked = github.openPullRequest(MODELS, { title: 'Faster', head: 'mallory:faster', by: 'mallory' })
  // Whoever approves has seen the pull request: that takes longer than a second.
  await story.pass(1000)
  const places = [
    ['merged', MODELS, merged.number],
    ['open', MODELS, open.number],
    ['fork', MODELS, forked],
    ['promotion', CONFIG, story.promotion('prod').number],
  ] as const
  const world = () => ({
    promotions: story.promotions(),
    heads: github.pullRequests(CONFIG).map(({ headSha }) => headSha),
    deployments: story.deployments(),
    reviewed: story.promotionCheck('prod'),
    files: ['prod', 'staging'].map((environment) => story.manifest(`environments/${environment}/churn/inference.yaml`)),
  })
  const before = world()
  const said: string[] = []
  for (const line of CHANGING) {
    const codes: string[] = []
    for (const [place, repository, number] of places) {
      const replies = await Promise.all(
        ['erin', 'mallory'].map((by) => story.says(line, { by, on: number, in: repository })),
      )
      const [code, other] = replies.map((reply) => /\(`(\w+)`\)/.exec(reply)?.[1] ?? reply.split(' ')[0])
      codes.push(`${place}: ${code === other ? code : `${code} / ${other}`}`)
    }
    said.push(`${line} → ${codes.join(', ')}`)
  }
  expect(said.join('\n')).toMatchInlineSnapshot(`
    /deploy prod churn → merged: not_allowed, open: not_merged, fork: not_merged, promotion: not_allowed
    /deploy prod churn --force "now" → merged: not_allowed, open: not_merged, fork: not_merged, promotion: not_allowed
    /rollback staging churn → merged: not_allowed, open: not_allowed, fork: not_allowed, promotion: not_allowed
    /lock prod churn for 1h why → merged: not_allowed, open: not_allowed, fork: not_allowed, promotion: not_allowed
    /unlock staging churn → merged: not_allowed, open: not_allowed, fork: not_allowed, promotion: not_allowed
    /lock --all why → merged: 😕, open: 😕, fork: 😕, promotion: not_allowed
    /approve prod churn → merged: not_allowed, open: head_moved, fork: head_moved, promotion: not_allowed
    /cancel prod churn → merged: not_allowed, open: not_allowed, fork: not_allowed, promotion: not_allowed
    /override auc why → merged: not_waivable, open: not_waivable, fork: not_waivable, promotion: not_waivable
    /compare churn → merged: not_allowed, open: not_allowed, fork: not_allowed, promotion: 😕
  `)
  expect(world()).toEqual(before)
  expect(await story.says('/unlock staging churn', { by: 'alice', on: merged.number })).toMatch(/^🔓/)
})
