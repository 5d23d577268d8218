/** Which checks the base branch of a pull request demands, and of whom, read with the pull request. Over the GitHub stand-in. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import type { RequiredCheck } from '../../src/domain/branch-rules.ts'
import { MODELS } from './github/nock-github.ts'
import { connectTo } from './github-connection.ts'

let world: TrialWorld
let number: number

beforeEach(async () => {
  world = await startTrialWorld()
  world.github.commit('acme/models', 'topic', { message: 'x', files: { a: '1' }, by: 'bob' })
  number = world.github.openPullRequest('acme/models', { title: 'x', head: 'topic', by: 'bob' })
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

async function required(): Promise<readonly RequiredCheck[] | undefined> {
  return (await (await connectTo(world)).readPullRequest(MODELS, number))?.requiredChecks
}

it('there are none where the branch has no rules', async () => {
  expect(await required()).toEqual([])
})

it('those of a classic protection name no App: only administrators may know it', async () => {
  world.github.protectBranch('acme/models', 'main', { checks: ['test', 'train'], expected: { test: 15 } })
  expect(await required()).toEqual([
    { name: 'test', appId: undefined },
    { name: 'train', appId: undefined },
  ])
})

it('those of a ruleset name the App that has to report them', async () => {
  const rules = { checks: ['test', 'train'], expected: { test: 15 }, asRuleset: true }
  world.github.protectBranch('acme/models', 'main', rules)
  expect(await required()).toEqual([
    { name: 'test', appId: 15 },
    { name: 'train', appId: undefined },
  ])
})

it('those of the default branch stay where the pull request is aimed at a branch without rules', async () => {
  world.github.commit('acme/models', 'next', { message: 'x', files: { b: '1' }, by: 'bob', from: 'main' })
  world.github.protectBranch('acme/models', 'main', { checks: ['test', 'train'] })
  world.github.editPullRequest('acme/models', number, { base: 'next', by: 'bob' })
  expect((await required())?.map(({ name }) => name)).toEqual(['test', 'train'])
  world.github.protectBranch('acme/models', 'next', { checks: ['train', 'lint'] })
  expect((await required())?.map(({ name }) => name)).toEqual(['train', 'lint', 'test'])
})

it('there are none any more where the branch is gone', async () => {
  world.github.commit('acme/models', 'next', { message: 'x', files: { b: '1' }, by: 'bob', from: 'main' })
  world.github.editPullRequest('acme/models', number, { base: 'next', by: 'bob' })
  world.github.protectBranch('acme/models', 'next', { checks: ['test'] })
  expect(await required()).toHaveLength(1)
  world.github.closePullRequest('acme/models', number, { by: 'bob' })
  world.github.protectBranch('acme/models', 'next', null)
  world.github.deleteBranch('acme/models', 'next', { by: 'ada' })
  expect(await required()).toEqual([])
})
