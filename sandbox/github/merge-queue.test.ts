/** Tests that merge queues behave as GitHub's do: real merges, one onto the other, that land when their checks have passed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from './trial-world.ts'

const REPO = 'acme/models'
let world: TrialWorld

beforeEach(async () => {
  world = await startTrialWorld()
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

/** A pull request whose own check has passed. */
function open(head: string, files: Readonly<Record<string, string>> = { [head]: '1' }): number {
  const sha = world.github.commit(REPO, head, { message: `Change ${head}`, files, by: 'bob', from: 'main' })
  report(sha, 'success')
  return world.github.openPullRequest(REPO, { title: head, head, by: 'bob' })
}

const report = (sha: string, conclusion: 'success' | 'failure' | 'neutral'): number =>
  world.github.reportCheck(REPO, sha, { name: 'test', status: 'completed', conclusion })
const enqueue = (number: number): string => world.github.enqueue(REPO, number, { by: 'bob' })
const tip = (): string => world.github.branches(REPO)['main'] ?? ''
const waiting = (): number[] => world.github.mergeQueue(REPO).map(({ number }) => number)

/** What was heard of merge groups, each as `action pr-<number>`, with its reason. */
async function groups(): Promise<string[]> {
  await world.github.delivered()
  return world.received
    .filter(({ event }) => event === 'merge_group')
    .map(({ payload }) => {
      const { head_ref: ref } = payload['merge_group'] as { head_ref: string }
      return [payload['action'], /pr-\d+/.exec(ref)?.[0], payload['reason']]
        .filter((one) => one !== undefined)
        .join(' ')
    })
}

describe('a merge queue', () => {
  beforeEach(() => world.github.protectBranch(REPO, 'main', { checks: ['test'], mergeQueue: 'squash' }))

  it('lands what has passed, and the branch is at the very commit that was checked', async () => {
    const number = open('topic')
    const sha = enqueue(number)
    expect([waiting(), tip() === sha]).toEqual([[number], false])
    report(sha, 'neutral')
    expect([waiting(), tip() === sha]).toEqual([[], true])
    expect(world.github.pullRequest(REPO, number)).toMatchObject({ merged: true, mergeCommitSha: sha })
    expect(await groups()).toEqual([`checks_requested pr-${number}`, `destroyed pr-${number} merged`])
    expect(Object.keys(world.github.branches(REPO))).not.toContainEqual(expect.stringContaining('gh-readonly-queue'))
  })

  it('builds each entry onto the one before, and lands them in order', () => {
    const [first, second] = [open('one'), open('two')]
    const [one, two] = [enqueue(first), enqueue(second)]
    expect(world.github.file(REPO, two, 'one')).toBe('1')
    report(two, 'success')
    expect(waiting()).toEqual([first, second])
    report(one, 'success')
    expect([waiting(), tip()]).toEqual([[], two])
  })

  it('drops what fails, and builds those behind anew without it', async () => {
    const [first, second] = [open('one'), open('two')]
    const [one, two] = [enqueue(first), enqueue(second)]
    report(one, 'failure')
    const [entry] = world.github.mergeQueue(REPO)
    expect(entry?.number).toBe(second)
    expect(entry?.sha).not.toBe(two)
    expect(world.github.file(REPO, entry?.sha ?? '', 'one')).toBeUndefined()
    expect(world.github.pullRequest(REPO, first)).toMatchObject({ state: 'open', merged: false })
    expect((await groups()).slice(2)).toEqual([
      `destroyed pr-${first} dequeued`,
      `destroyed pr-${second} invalidated`,
      `checks_requested pr-${second}`,
    ])
  })

  it('lets people take something out', () => {
    const [first, second] = [open('one'), open('two')]
    enqueue(first)
    enqueue(second)
    world.github.dequeue(REPO, first, { by: 'bob' })
    expect(waiting()).toEqual([second])
  })

  it('never lands what moved meanwhile', () => {
    const number = open('topic')
    const sha = enqueue(number)
    world.github.commit(REPO, 'topic', { message: 'More', files: { more: '1' }, by: 'bob' })
    report(sha, 'success')
    expect([waiting(), world.github.pullRequest(REPO, number).merged]).toEqual([[], false])
  })

  it('builds anew when the branch moved past it', () => {
    const number = open('topic')
    const sha = enqueue(number)
    world.github.commit(REPO, 'main', { message: 'Past the queue', files: { direct: '1' }, by: 'ada' })
    report(sha, 'success')
    const [entry] = world.github.mergeQueue(REPO)
    expect(world.github.file(REPO, entry?.sha ?? '', 'direct')).toBe('1')
    report(entry?.sha ?? '', 'success')
    expect(tip()).toBe(entry?.sha)
  })

  it('takes nothing that may not be merged, nothing twice, and is the only way in', async () => {
    const number = open('topic')
    const { headSha } = world.github.pullRequest(REPO, number)
    const red = open('red')
    report(world.github.pullRequest(REPO, red).headSha, 'failure')
    expect(() => enqueue(red)).toThrow('Required status check "test"')
    expect(() => world.github.merge(REPO, number, { by: 'ada' })).toThrow('through the merge queue')
    const answer = await world.rest(`PUT /repos/${REPO}/pulls/${number}/merge`, { body: { sha: headSha } })
    expect([answer.status, answer.body['message']]).toEqual([405, 'Changes must be made through the merge queue'])
    enqueue(number)
    expect(() => enqueue(number)).toThrow('already in the merge queue')
  })
})
