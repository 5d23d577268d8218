/** Tests that a branch's rules refuse merges as GitHub's do, show themselves, and let those past who are exempt. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from './trial-world.ts'

const REPO = 'acme/models'
let world: TrialWorld
let number: number
let head: string

beforeEach(async () => {
  world = await startTrialWorld()
  head = world.github.commit(REPO, 'topic', { message: 'Change', files: { topic: '1' }, by: 'bob' })
  number = world.github.openPullRequest(REPO, { title: 'Change', head: 'topic', by: 'bob' })
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

type Rules = Parameters<TrialWorld['github']['protectBranch']>[2]

const protect = (rules: Rules): void => world.github.protectBranch(REPO, 'main', rules)
const merge = (by = 'ada', method: 'merge' | 'squash' | 'rebase' = 'squash') =>
  world.github.merge(REPO, number, { by, method })
const isMerged = (): boolean => world.github.pullRequest(REPO, number).merged

describe('rules', () => {
  it.each<[string, Rules, string]>([
    ['reviews', { approvals: 2 }, 'At least 2 approving reviews are required by reviewers with write access.'],
    ['code owners', { codeOwners: ['ada'] }, 'Waiting on code owner review from ada.'],
    ['a check', { checks: ['test'] }, 'Required status check "test" is expected.'],
    ['who may merge', { pushers: ['bob'] }, "You're not authorized to push to this branch."],
    ['methods', { methods: ['rebase'] }, 'Merge method squash merging is not allowed on this repository'],
    ['a ruleset', { approvals: 1, asRuleset: true }, 'Repository rule violations found'],
    [
      'a ruleset with a queue',
      { mergeQueue: 'squash', asRuleset: true },
      'Changes must be made through the merge queue',
    ],
  ])('refuse a merge by %s', (_, rules, words) => {
    protect(rules)
    expect(() => merge()).toThrow(words)
  })

  it('refuse a head that is out of date where checks are strict', () => {
    protect({ strict: true })
    world.github.commit(REPO, 'main', { message: 'Past it', files: { other: '1' }, by: 'ada' })
    expect(() => merge()).toThrow('Head branch is out of date')
  })

  it('refuse merge commits where history is linear', () => {
    protect({ linear: true })
    expect(() => merge('ada', 'merge')).toThrow('This branch must not contain merge commits.')
    merge('ada', 'rebase')
    expect(isMerged()).toBe(true)
  })

  it('refuse while a conversation is open', () => {
    protect({ conversations: true })
    world.github.openConversation(REPO, number, { by: 'ada' })
    expect(() => merge()).toThrow('All comments must be resolved.')
    world.github.resolveConversations(REPO, number, { by: 'ada' })
    merge()
    expect(isMerged()).toBe(true)
  })

  it('do not bind those who are exempt', () => {
    protect({ approvals: 2, bypass: ['ada'] })
    merge()
    expect(isMerged()).toBe(true)
  })
})

describe('merging by itself', () => {
  it('is refused where the repository does not allow it, and where nothing is waited for', () => {
    const enable = () => world.github.enableAutoMerge(REPO, number, { by: 'ada', method: 'squash' })
    expect(enable).toThrow('Auto merge is not allowed for this repository')
    world.github.allowAutoMerge(REPO)
    expect(enable).toThrow('Pull request Pull request is in clean status')
  })

  it('happens with the last thing that was missing, in the name of who asked for it', () => {
    protect({ checks: ['test'] })
    world.github.allowAutoMerge(REPO)
    world.github.enableAutoMerge(REPO, number, { by: 'ada', method: 'squash' })
    expect(isMerged()).toBe(false)
    world.github.reportCheck(REPO, head, { name: 'test', status: 'completed', conclusion: 'success' })
    expect(isMerged()).toBe(true)
  })
})
