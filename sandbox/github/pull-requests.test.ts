/** Tests that pull requests behave as GitHub's do: heads that move, merges that are real, refusals that are GitHub's. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from './trial-world.ts'

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

const REPO = 'acme/models'
const PULLS = '/repos/acme/models/pulls'
const push = (branch: string, files: Record<string, string | null>, message = 'Change'): string =>
  world.github.commit(REPO, branch, { message, files, by: 'bob' })
const open = (head: string, title = 'Tune it'): number => world.github.openPullRequest(REPO, { title, head, by: 'bob' })
const pull = (number: number) => world.github.pullRequest(REPO, number)
const events = async (...names: string[]) => {
  await world.github.delivered()
  return world.received
    .map(({ event, payload }) => (payload['action'] === undefined ? event : `${event}.${String(payload['action'])}`))
    .filter((name) => names.length === 0 || names.some((each) => name.startsWith(each)))
}
const mergeBy = (number: number, body?: unknown) =>
  world.rest(`PUT ${PULLS}/${number}/merge`, body === undefined ? {} : { body })

describe('the head', () => {
  it('follows its branch, and says so', async () => {
    push('topic', { a: '1' })
    const number = open('topic')
    const before = pull(number).headSha
    const after = push('topic', { a: '2' })
    expect(pull(number)).toMatchObject({ headSha: after, files: [{ path: 'a', status: 'added' }] })
    expect(await events('pull_request')).toEqual(['pull_request.opened', 'pull_request.synchronize'])
    expect(world.received.at(-1)?.payload).toMatchObject({ before, after, pull_request: { head: { sha: after } } })
  })

  it('of a fork can be proposed and moves as well', () => {
    const fork = world.github.forkRepository(REPO, 'eve')
    world.github.commit(fork, 'evil', { message: 'x', files: { a: '1' }, by: 'eve' })
    const number = world.github.openPullRequest(REPO, { title: 'Mine', head: 'eve:evil', by: 'eve' })
    const sha = world.github.commit(fork, 'evil', { message: 'y', files: { a: '2' }, by: 'eve' })
    expect(pull(number)).toMatchObject({ headSha: sha, author: 'eve' })
  })

  it('closes the pull request when its branch is deleted or reset to the base', async () => {
    push('one', { a: '1' })
    push('two', { a: '2' })
    const [first, second] = [open('one'), open('two')]
    world.github.deleteBranch(REPO, 'one', { by: 'bob' })
    world.github.resetBranch(REPO, 'two', 'main', { by: 'bob' })
    expect([pull(first), pull(second)]).toMatchObject([
      { state: 'closed', merged: false },
      { state: 'closed', merged: false },
    ])
    expect(await events('pull_request.closed')).toHaveLength(2)
  })

  it('keeps the pull request open when the branch moves by force to another commit on the base', () => {
    push('topic', { a: '1' })
    const number = open('topic')
    world.github.commit(REPO, 'topic', { message: 'Again', files: { a: '3' }, by: 'bob', onto: 'main' })
    expect(pull(number)).toMatchObject({ state: 'open', commits: [{ message: 'Again' }] })
  })
})

describe('opening', () => {
  it('refuses a second one for the same branches, unknown branches and branches without commits', async () => {
    push('topic', { a: '1' })
    const create = async (body: Record<string, unknown>) => {
      const { status, body: answer } = await world.rest(`POST ${PULLS}`, {
        body: { title: 't', base: 'main', ...body },
      })
      return [status, (answer['errors'] as { message?: string; field?: string }[] | undefined)?.[0]]
    }
    expect(await create({ head: 'topic' })).toEqual([201, undefined])
    expect(await create({ head: 'topic' })).toMatchObject([
      422,
      { message: 'A pull request already exists for acme:topic.' },
    ])
    expect(await create({ head: 'none' })).toMatchObject([422, { field: 'head' }])
    expect(await create({ head: 'topic', base: 'none' })).toMatchObject([422, { field: 'base' }])
    world.github.commit(REPO, 'same', { message: 'x', files: {}, by: 'bob' })
    world.github.resetBranch(REPO, 'same', 'main', { by: 'bob' })
    expect(await create({ head: 'same' })).toMatchObject([422, { message: 'No commits between main and same' }])
  })
})

describe('merging', () => {
  it('keeps what was added on both sides and edits of different lines of one file', async () => {
    push('topic', { 'train.yaml': 'one: 1\ntwo: 2\nthree: 3\nfour: 40\n', t: '1' })
    push('main', { 'train.yaml': 'one: 10\ntwo: 2\nthree: 3\nfour: 4\n', m: '1' })
    const number = open('topic')
    expect(pull(number).files.map(({ path }) => path)).toEqual(['t', 'train.yaml'])
    const answer = await mergeBy(number)
    expect(answer.body).toMatchObject({ merged: true })
    expect(world.github.file(REPO, 'main', 'train.yaml')).toBe('one: 10\ntwo: 2\nthree: 3\nfour: 40\n')
    expect([world.github.file(REPO, 'main', 't'), world.github.file(REPO, 'main', 'm')]).toEqual(['1', '1'])
    const [merge] = world.github.log(REPO, 'main')
    expect(merge).toMatchObject({ message: `Merge pull request #${number} from acme/topic\n\nTune it`, verified: true })
    expect(merge?.parents).toHaveLength(2)
    expect(pull(number)).toMatchObject({
      state: 'closed',
      merged: true,
      mergeCommitSha: merge?.sha,
      mergedBy: 'lockkeeper[bot]',
    })
    expect((await events()).slice(-2)).toEqual(['push', 'pull_request.closed'])
    expect((await mergeBy(number)).status).toBe(405)
    expect((await world.rest(`GET ${PULLS}/${number}/merge`)).status).toBe(204)
  })

  it('shows the merged result as a test merge before', async () => {
    push('topic', { t: '1' })
    push('main', { m: '1' })
    const number = open('topic')
    const sha = String((await world.rest(`GET ${PULLS}/${number}`)).body['merge_commit_sha'])
    const shown = (await world.rest(`GET ${PULLS}/${number}`)).body
    const test = String(shown['merge_commit_sha'])
    expect([shown['mergeable'], shown['mergeable_state'], sha]).toEqual([true, 'clean', expect.anything()])
    expect(world.github.file(REPO, test, 't') + String(world.github.file(REPO, test, 'm'))).toBe('11')
    expect((await world.rest(`GET /repos/acme/models/git/ref/pull%2F${number}%2Fmerge`)).body['object']).toMatchObject({
      sha: test,
    })
  })

  it('refuses conflicts, drafts and unmet rules with 405, and a head that moved with 409', async () => {
    push('topic', { 'train.yaml': 'one: 7\n' })
    push('main', { 'train.yaml': 'one: 8\n' })
    const conflicting = open('topic')
    expect((await mergeBy(conflicting)).status).toBe(405)
    expect((await world.rest(`GET ${PULLS}/${conflicting}`)).body).toMatchObject({
      mergeable: false,
      mergeable_state: 'dirty',
    })
    push('other', { b: '1' })
    const number = open('other')
    expect((await mergeBy(number, { sha: pull(conflicting).headSha })).status).toBe(409)
    world.github.setDraft(REPO, number, true, { by: 'bob' })
    expect((await mergeBy(number)).body['message']).toBe('Pull Request is still a draft')
    world.github.setDraft(REPO, number, false, { by: 'bob' })
    world.github.protectBranch(REPO, 'main', { approvals: 1, checks: ['train'] })
    expect((await mergeBy(number)).body['message']).toBe(
      'At least 1 approving review is required by reviewers with write access. Required status check "train" is expected.',
    )
    expect((await world.rest(`GET ${PULLS}/${number}`)).body['mergeable_state']).toBe('blocked')
    world.github.review(REPO, number, { by: 'ada', state: 'APPROVED' })
    world.github.reportCheck(REPO, pull(number).headSha, { name: 'train', status: 'completed', conclusion: 'success' })
    expect((await mergeBy(number, { sha: pull(number).headSha })).status).toBe(200)
    expect(world.github.branches(REPO)['main']).toBe(pull(number).mergeCommitSha)
  })

  it('squashes into one commit by the author, with the number in its title and trailers only if the setting keeps them', async () => {
    push('topic', { a: '1' }, 'First\n\nRelease: r1')
    const number = open('topic', 'Tune it well')
    await mergeBy(number, { merge_method: 'squash' })
    expect(world.github.log(REPO, 'main')[0]).toMatchObject({
      message: `First (#${number})\n\nRelease: r1`,
      author: 'bob',
    })
    push('second', { b: '1' }, 'One\n\nRelease: r2')
    push('second', { b: '2' }, 'Two')
    const again = open('second', 'Many')
    const settings = world.github.state.repositories.get(REPO)?.settings
    if (settings !== undefined) settings.squashMessage = 'BLANK'
    await mergeBy(again, { merge_method: 'squash' })
    expect(world.github.log(REPO, 'main')[0]).toMatchObject({ message: `Many (#${again})` })
    expect(world.github.log(REPO, 'main')[0]?.parents).toHaveLength(1)
  })

  it('rebases each commit onto the base with its author and message', async () => {
    push('topic', { a: '1' }, 'One')
    push('topic', { b: '1' }, 'Two')
    push('main', { m: '1' })
    const number = open('topic')
    await mergeBy(number, { merge_method: 'rebase' })
    const log = world.github.log(REPO, 'main')
    expect(log.slice(0, 2)).toMatchObject([{ message: 'Two', author: 'bob' }, { message: 'One' }])
    expect(log[0]?.sha).toBe(pull(number).mergeCommitSha)
    expect(world.github.file(REPO, 'main', 'm')).toBe('1')
  })

  it('marks a pull request merged whose commits reach the base by a push', async () => {
    push('topic', { a: '1' })
    const number = open('topic')
    world.github.resetBranch(REPO, 'main', 'topic', { by: 'bob' })
    expect(pull(number)).toMatchObject({ state: 'closed', merged: true })
    const found = await world.rest(`GET /repos/acme/models/commits/${pull(number).headSha}/pulls`)
    expect(found.list.map(({ number: each }) => each)).toEqual([number])
  })
})

describe('reviews', () => {
  it('are refused from the author, and of strangers do not count', async () => {
    push('topic', { a: '1' })
    world.github.protectBranch(REPO, 'main', { approvals: 1 })
    const number = open('topic')
    expect(() => world.github.review(REPO, number, { by: 'bob', state: 'APPROVED' })).toThrow('Unprocessable Entity')
    world.github.review(REPO, number, { by: 'eve', state: 'APPROVED' })
    expect((await mergeBy(number)).status).toBe(405)
    world.github.review(REPO, number, { by: 'ada', state: 'APPROVED' })
    expect((await mergeBy(number)).status).toBe(200)
    expect(await events('pull_request_review')).toEqual([
      'pull_request_review.submitted',
      'pull_request_review.submitted',
    ])
  })

  it('by the App of its own pull request are refused', async () => {
    push('topic', { a: '1' })
    const made = await world.rest(`POST ${PULLS}`, { body: { title: 't', head: 'topic', base: 'main' } })
    const answer = await world.rest(`POST ${PULLS}/${made.body['number']}/reviews`, { body: { event: 'APPROVE' } })
    expect(answer.status).toBe(422)
  })
})
