/** Whose work the pull request of a promotion holds, by its commits. */
import { describe, expect, test } from 'vitest'
import { type CommitSha, parseCommitSha } from '../../src/domain/ids.ts'
import type { PromotionCommit, PromotionPullRequest } from '../../src/services/ports.ts'
import { workOn } from '../../src/services/whose-branch.ts'

const APP = 'lockkeeper[bot]'

function sha(digit: string): CommitSha {
  const found = parseCommitSha(digit.repeat(40))
  if (found === undefined) throw new Error(`${digit} makes no commit id`)
  return found
}

const [base, newBase] = [sha('a'), sha('b')]
const ours: PromotionCommit = { sha: sha('1'), parents: [base], author: APP, committer: 'GitHub' }
const update: PromotionCommit = { sha: sha('2'), parents: [ours.sha, newBase], author: 'carol', committer: 'GitHub' }
const again: PromotionCommit = { ...update, sha: sha('3'), parents: [update.sha, newBase] }
const theirs: PromotionCommit = { sha: sha('4'), parents: [ours.sha], author: 'bob', committer: 'bob' }

/** As GitHub shows it: the newest five commits, and how many there are. */
function seen(commits: readonly PromotionCommit[], baseRef = 'main'): PromotionPullRequest {
  const shown = commits.slice(-5)
  const head = shown.at(-1)
  if (head === undefined) throw new Error('a pull request has commits')
  const read: Partial<PromotionPullRequest> = {
    baseRef,
    headSha: head.sha,
    commitCount: commits.length,
    commits: shown,
  }
  return read as PromotionPullRequest
}

const judged = (pullRequest: PromotionPullRequest, heads: readonly CommitSha[] = [ours.sha]) =>
  workOn(pullRequest, { appLogin: APP, defaultBranch: 'main', heads })

describe('a promotion branch', () => {
  test.each<[string, readonly PromotionCommit[], ReturnType<typeof workOn>]>([
    ['our commit', [ours], 'ours'],
    ['GitHub merged the base into it', [ours, update], 'updated'],
    ['GitHub merged the base into it twice', [ours, update, again], 'updated'],
    ['somebody added a commit', [ours, theirs], 'theirs'],
    ['somebody added a commit before GitHub merged the base', [ours, theirs, update], 'theirs'],
    ['somebody merged something by themselves', [ours, { ...update, committer: 'carol' }], 'theirs'],
    ['somebody committed on GitHub’s page', [ours, { ...theirs, committer: 'GitHub' }], 'theirs'],
    ['nothing of ours', [theirs], 'theirs'],
    ['more commits than are shown', [theirs, ours, update, again, update, again], 'theirs'],
  ])('holds %s', (_, commits, work) => {
    expect(judged(seen(commits))).toBe(work)
  })

  test.each<[string, Partial<PromotionCommit>, ReturnType<typeof workOn>]>([
    ['made by the App, of a run that crashed', {}, 'ours'],
    ['made by the App on a server of one’s own', { committer: 'GitHub Enterprise' }, 'ours'],
    ['amended or rebased by a person, who then is its committer', { committer: 'bob' }, 'theirs'],
    ['by a person on GitHub’s page', { author: 'bob' }, 'theirs'],
  ])('with one commit that nobody recorded, %s', (_, change, work) => {
    expect(judged(seen([{ ...ours, ...change }]), [])).toBe(work)
  })

  test('that was made to go into another branch is theirs, whatever it holds', () => {
    expect(judged(seen([ours], 'production'))).toBe('theirs')
  })
})
