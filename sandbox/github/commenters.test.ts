/** Who comments where: issues need a right of their own, labels take one to put on, and bots are told apart from people. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from './trial-world.ts'

const REPO = 'acme/models'
let world: TrialWorld
let issue: number

beforeEach(async () => {
  world = await startTrialWorld()
  issue = world.github.openIssue(REPO, { title: 'Operations', by: 'bob' })
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const heard = async (event: string) => {
  await world.github.delivered()
  return world.received.filter((each) => each.event === event).map(({ payload }) => payload)
}

describe('an issue', () => {
  it('is commented on by an App only with the right to write issues', async () => {
    const say = async (permissions: Record<string, 'read' | 'write'>) =>
      world.rest(`POST /repos/${REPO}/issues/${issue}/comments`, {
        body: { body: 'Hello' },
        authorization: `token ${await world.token({ permissions })}`,
      })
    expect(await say({ pull_requests: 'write', issues: 'read' })).toMatchObject({ status: 403 })
    const installation = world.github.state.installations.get(world.installation)
    if (installation === undefined) throw new Error('not installed')
    installation.permissions = { ...installation.permissions, issues: 'write' }
    expect(await say({ issues: 'write' })).toMatchObject({ status: 201 })
  })

  it('is labelled by people who may triage, and its labels come with each comment', async () => {
    expect(() => world.github.addLabels(REPO, issue, ['ops'], { by: 'eve' })).toThrow('triage access')
    world.github.addLabels(REPO, issue, ['ops'], { by: 'bob' })
    world.github.comment(REPO, issue, '/status', { by: 'eve' })
    const [comment] = await heard('issue_comment')
    expect(comment).toMatchObject({ issue: { number: issue, labels: [{ name: 'ops' }] }, sender: { login: 'eve' } })
    expect(comment?.['issue']).not.toHaveProperty('pull_request')
  })
})

it('a bot that is no App of ours comments as a bot', async () => {
  world.github.createUser('renovate[bot]', { type: 'Bot' })
  world.github.comment(REPO, issue, '/deploy prod', { by: 'renovate[bot]' })
  expect(await heard('issue_comment')).toMatchObject([
    { sender: { login: 'renovate[bot]', type: 'Bot' }, comment: { user: { type: 'Bot' } } },
  ])
})
