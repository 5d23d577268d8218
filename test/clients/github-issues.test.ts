/** Issues of our own (an incident), against the GitHub stand-in: what the optional permission `issues: write` allows, and what is said without it. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import type { GitHub } from '../../src/services/ports.ts'
import { CONFIG } from './github/nock-github.ts'
import { connectTo, question } from './github-connection.ts'

let world: TrialWorld
let github: GitHub

beforeEach(async () => {
  world = await startTrialWorld()
  github = await connectTo(world)
})
afterEach(async () => {
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const marker = '<!-- lockkeeper:incident p-1 -->'
const since = new Date('2026-03-03T08:00:00Z')

async function open(body = `${marker}\nchurn is down`) {
  const { repositoryId } = (await github.readPromotionWorld(question())).config
  const [result] = await github.write(CONFIG, [{ kind: 'create-issue', repositoryId, title: 'churn is down', body }])
  return result
}

it('an issue is opened once, found again by its marker, rewritten and closed', async () => {
  const installation = world.github.state.installations.get(world.installation)
  if (installation === undefined) throw new Error('not installed')
  installation.permissions = { ...installation.permissions, issues: 'write' }
  const made = await open()
  if (made?.ok !== true || made.id === undefined) throw new Error(JSON.stringify(made))
  expect(made.url).toMatch(/\/acme\/config\/issues\/1$/)
  const found = { id: made.id, number: 1, url: made.url, body: `${marker}\nchurn is down`, isOpen: true }
  expect(await github.findIssue(CONFIG, { marker, since })).toEqual(found)
  expect(await github.findIssue(CONFIG, { marker: '<!-- other -->', since })).toBeUndefined()

  const body = `${marker}\nchurn is back`
  const results = await github.write(CONFIG, [
    { kind: 'update-issue', issueId: made.id, title: 'churn was down', body },
    { kind: 'close-issue', issueId: made.id },
    { kind: 'close-issue', issueId: made.id },
  ])
  expect(results.every(({ ok }) => ok)).toBe(true)
  expect(await github.findIssue(CONFIG, { marker, since })).toEqual({ ...found, body, isOpen: false })
})

it('an issue of the second in which it was intended is found, also where clocks are two minutes apart', async () => {
  const installation = world.github.state.installations.get(world.installation)
  if (installation === undefined) throw new Error('not installed')
  installation.permissions = { ...installation.permissions, issues: 'write' }
  const intended = new Date(world.clock.now().getTime() + 118_999)
  await open()
  expect(await github.findIssue(CONFIG, { marker, since: intended })).toMatchObject({ number: 1, isOpen: true })
})

it('an issue by somebody else is not ours, whatever marker it begins with', async () => {
  world.github.openIssue('acme/config', { title: 'churn is down', body: marker, by: 'bob' })
  expect(await github.findIssue(CONFIG, { marker, since })).toBeUndefined()
})

it('without the permission GitHub refuses, and nothing is there', async () => {
  expect(await open()).toEqual({ ok: false, type: 'FORBIDDEN', message: 'Resource not accessible by integration' })
  expect(await github.findIssue(CONFIG, { marker, since })).toBeUndefined()
})
