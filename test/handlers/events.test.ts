/** Which subject each event wakes. What the subject then does is told in test/scenarios/. */
import type { Context } from 'probot'
import { describe, expect, it } from 'vitest'
import { parseCommitSha, parseModelName, parseRepoName } from '../../src/domain/ids.ts'
import { parseSubject, releaseSubject, type Subject, subjectKey } from '../../src/domain/subject.ts'
import { checkRunChanged, checkSuiteCompleted } from '../../src/handlers/check-run.completed.ts'
import { deploymentStatusCreated } from '../../src/handlers/deployment-status.created.ts'
import type { Ears } from '../../src/handlers/ears.ts'
import { issueCommentCreated } from '../../src/handlers/issue-comment.created.ts'
import { mergeGroupChecksRequested } from '../../src/handlers/merge-group.checks-requested.ts'
import { pullRequestChanged } from '../../src/handlers/pull-request.changed.ts'
import { pullRequestReviewChanged } from '../../src/handlers/pull-request-review.changed.ts'
import { push } from '../../src/handlers/push.ts'
import { status } from '../../src/handlers/status.ts'
import { silentLog } from '../support/log.ts'

const APP_ID = 7
const SHA = 'c'.repeat(40)
const BEFORE = 'b'.repeat(40)
const BRANCH = 'lockkeeper/acme/models/churn/prod'
/** A rollout that is followed by what is reported on the commits of acme/config. */
const ROLLOUT = parseSubject('environment acme/models churn prod')
const repository = { full_name: 'Acme/Models', default_branch: 'main' }

type Handler = (context: never, ears: Ears) => Promise<void>

/** The subjects that a payload wakes, in order. `known`: pull requests whose head is known by its commit; `releases`: those that wait for artefacts. */
async function wakes(
  handler: Handler,
  payload: object,
  known: readonly number[] = [],
  releases: readonly Subject[] = [],
): Promise<readonly string[]> {
  const woken: string[] = []
  const ears: Ears = {
    appLogin: 'lockkeeper[bot]',
    appId: APP_ID,
    clock: { now: () => new Date('2026-11-24T09:00:00Z') },
    log: silentLog,
    hint: async (subject) => {
      expect(parseSubject(subjectKey(subject))).toEqual(subject)
      woken.push(subjectKey(subject))
    },
    isNamedBot: async () => false,
    hearCommand: async () => true,
    clicked: async ({ identifier, headSha, by }) =>
      void woken.push(`${by} clicked ${identifier} at ${headSha.slice(0, 4)}`),
    configPushed: async ({ repository, paths }) =>
      void woken.push(`pushed to ${repository}: ${[...(paths ?? ['anything'])].join(' ')}`),
    heardHead: async ({ number, sha, state }) =>
      void woken.push(`head of ${number}${state === 'closed' ? ', now closed' : ''}: ${sha.slice(0, 4)}`),
    heardMerge: async ({ number, sha }) => void woken.push(`merge of ${number}: ${sha.slice(0, 4)}`),
    pullRequestsAt: async () => known,
    followedByReports: async (at) => (at === 'acme/config' && ROLLOUT !== undefined ? [ROLLOUT] : []),
    waitingFor: async () => releases,
  }
  const context: Pick<Context, 'payload'> = { payload: { repository, ...payload } as never }
  await handler(context as never, ears)
  return woken
}

describe('reports on commits of a config repository', () => {
  const woken = ['environment acme/models churn prod']
  const config = { full_name: 'Acme/Config', default_branch: 'main' }
  const told = (login: string) => ({ repository: config, deployment_status: { creator: { login } } })

  it('a commit status wakes the rollouts that are followed by it, whatever its commit', async () => {
    expect(await wakes(status, { repository: config, sha: SHA, branches: [] })).toEqual(woken)
    expect(await wakes(status, { sha: SHA, branches: [] })).toEqual([])
  })

  it('a deployment status likewise, unless it is our own', async () => {
    expect(await wakes(deploymentStatusCreated, told('argocd[bot]'))).toEqual(woken)
    expect(await wakes(deploymentStatusCreated, told('lockkeeper[bot]'))).toEqual([])
  })
})

describe('push', () => {
  const commits = [
    { added: ['a.yaml'], modified: ['b.yaml'] },
    { removed: ['c.yaml'], modified: ['b.yaml'] },
  ]
  const sender = { login: 'carol' }
  const pushed = { ref: 'refs/heads/main', after: SHA, before: BEFORE, deleted: false, forced: false, sender, commits }

  it('to the default branch: releases may begin, and promotions see what changed', async () => {
    expect(await wakes(push, pushed)).toEqual([
      'pushed to acme/models: a.yaml b.yaml c.yaml',
      `push acme/models ${SHA} ${BEFORE} carol`,
    ])
  })

  it('of our own: only promotions see it', async () => {
    const ours = { ...pushed, sender: { login: 'lockkeeper[bot]' } }
    expect(await wakes(push, ours)).toEqual(['pushed to acme/models: a.yaml b.yaml c.yaml'])
  })

  it.each([
    ['by force', { forced: true }],
    ['of more commits than GitHub lists', { commits: Array.from({ length: 20 }, () => ({ modified: ['a.yaml'] })) }],
    ['without commits', { commits: [] }],
  ])('%s: anything may have changed', async (_, change) => {
    expect(await wakes(push, { ...pushed, ...change })).toContain('pushed to acme/models: anything')
  })

  it.each([
    ['to another branch', { ref: 'refs/heads/topic' }],
    ['of a tag', { ref: 'refs/tags/main' }],
    ['that deletes', { deleted: true, after: '0'.repeat(40) }],
  ])('%s: nothing', async (_, change) => {
    expect(await wakes(push, { ...pushed, ...change })).toEqual([])
  })
})

describe('merge_group', () => {
  const asked = (head_ref: string) => ({ action: 'checks_requested', merge_group: { head_sha: SHA, head_ref } })

  it.each(['main', 'release/1.0', `x/pr-7-${BEFORE}`])(
    'on %s: the head, with the pull request that it stands for',
    async (base) => {
      const ref = `refs/heads/gh-readonly-queue/${base}/pr-3-${BEFORE}`
      expect(await wakes(mergeGroupChecksRequested, asked(ref))).toEqual([`merge-group acme/models ${SHA} 3`])
    },
  )

  it.each(['refs/heads/gh-readonly-queue/main/3', `refs/heads/main/pr-3-${BEFORE}`, ''])(
    'on a branch that names none (%s): the head alone',
    async (ref) => {
      expect(await wakes(mergeGroupChecksRequested, asked(ref))).toEqual([`merge-group acme/models ${SHA}`])
    },
  )
})

describe('pull_request', () => {
  const pull = (change: object = {}, ref = 'topic', login = 'dave') => ({
    action: 'synchronize',
    sender: { login },
    pull_request: {
      ...{ number: 3, head: { ref, sha: SHA }, base: { ref: 'main' } },
      ...{ user: { login }, merged: false, merge_commit_sha: null },
    },
    ...change,
  })

  it('of a model: its comparison, of the head that it named', async () => {
    expect(await wakes(pullRequestChanged, pull())).toEqual(['head of 3: cccc', 'pull-request acme/models 3'])
  })

  it('merged: its release, too, which is of this pull request where it went into the default branch', async () => {
    const merged = (base: string) => {
      const pull_request = {
        ...pull().pull_request,
        state: 'closed',
        merged: true,
        merge_commit_sha: SHA,
        base: { ref: base },
      }
      return pull({ action: 'closed', pull_request })
    }
    const [head, comparison, release] = [
      'head of 3, now closed: cccc',
      'pull-request acme/models 3',
      `push acme/models ${SHA}`,
    ]
    expect(await wakes(pullRequestChanged, merged('main'))).toEqual([head, comparison, release, 'merge of 3: cccc'])
    expect(await wakes(pullRequestChanged, merged('develop'))).toEqual([head, comparison, release])
  })

  it('of a promotion, moved by a person: its environment', async () => {
    const ours = pull({ sender: { login: 'carol' } }, BRANCH, 'lockkeeper[bot]')
    expect(await wakes(pullRequestChanged, ours)).toEqual(['environment acme/models churn prod'])
    expect(await wakes(pullRequestChanged, pull({}, BRANCH, 'lockkeeper[bot]'))).toEqual([])
  })

  it('of somebody who calls a branch like a promotion: a pull request like any other', async () => {
    expect(await wakes(pullRequestChanged, pull({}, BRANCH))).toContain('pull-request acme/models 3')
  })
})

describe('checks', () => {
  const run = (app: number, change: object = {}) => ({
    action: 'completed',
    check_run: {
      app: { id: app },
      head_sha: SHA,
      check_suite: { head_branch: 'topic' },
      pull_requests: [{ number: 3 }, { number: 3 }],
      ...change,
    },
  })

  it('of somebody else: the comparison, once', async () => {
    expect(await wakes(checkRunChanged, run(1))).toEqual(['pull-request acme/models 3'])
  })

  it('of our own are no news, but their buttons are', async () => {
    expect(await wakes(checkRunChanged, run(APP_ID))).toEqual([])
    const clicked = { ...run(APP_ID), action: 'requested_action' }
    expect(await wakes(checkRunChanged, clicked)).toEqual(['pull-request acme/models 3'])
  })

  it('of a fork, which name no pull request: known by the head', async () => {
    expect(await wakes(checkRunChanged, run(1, { pull_requests: [] }), [5])).toEqual(['pull-request acme/models 5'])
  })

  it('on a promotion: its environment', async () => {
    const elsewhere = { full_name: 'acme/ml-config', default_branch: 'main' }
    const promotion = { ...run(1, { check_suite: { head_branch: BRANCH } }), repository: elsewhere }
    expect(await wakes(checkRunChanged, promotion)).toEqual(['environment acme/models churn prod'])
  })

  it('of a commit whose release waits: the release, since CI may have pushed its image', async () => {
    const [repository, model, commit] = [parseRepoName('acme/models'), parseModelName('churn'), parseCommitSha(SHA)]
    if (repository === undefined || model === undefined || commit === undefined) throw new Error('no names')
    const waiting = [releaseSubject({ repository, model, commit, pullRequest: undefined })]
    const release = `release acme/models churn ${SHA}`
    const landed = run(1, { check_suite: { head_branch: 'main' }, pull_requests: [] })
    expect(await wakes(checkRunChanged, landed, [], waiting)).toEqual([release])
    expect(await wakes(status, { sha: SHA, branches: [{ name: 'main' }] }, [], waiting)).toEqual([release])
    expect(await wakes(checkRunChanged, run(APP_ID), [], waiting)).toEqual([])
  })

  it('in suites and as statuses: the same', async () => {
    const suite = { app: { id: 1 }, head_sha: SHA, head_branch: 'topic', pull_requests: [{ number: 3 }] }
    expect(await wakes(checkSuiteCompleted, { check_suite: suite })).toEqual(['pull-request acme/models 3'])
    expect(await wakes(checkSuiteCompleted, { check_suite: { ...suite, app: { id: APP_ID } } })).toEqual([])
    expect(await wakes(status, { sha: SHA, branches: [{ name: 'topic' }] }, [3])).toEqual([
      'pull-request acme/models 3',
    ])
    expect(await wakes(status, { sha: SHA, branches: [{ name: BRANCH }] })).toEqual([
      'environment acme/models churn prod',
    ])
  })
})

it('a review on a promotion: its environment; on anything else nothing', async () => {
  const review = (ref: string) => ({ pull_request: { head: { ref } } })
  expect(await wakes(pullRequestReviewChanged, review(BRANCH))).toEqual(['environment acme/models churn prod'])
  expect(await wakes(pullRequestReviewChanged, review('topic'))).toEqual([])
})

describe('issue_comment', () => {
  const alice = { login: 'alice', type: 'User' }
  const comment = (change: object = {}) => ({
    sender: alice,
    issue: { number: 3, node_id: 'PR', pull_request: {} },
    comment: { id: 17, node_id: 'IC', user: alice, created_at: '2026-11-24T09:00:00Z', body: '/deploy prod' },
    ...change,
  })

  it('with a command, on an open issue with a label: the command, which is judged by the settings', async () => {
    const issue = { number: 3, node_id: 'I', state: 'open', labels: [{ name: 'ops' }] }
    expect(await wakes(issueCommentCreated, comment({ issue }))).toEqual(['command acme/models 17'])
  })

  it('with a command, by a person, on a pull request: the command', async () => {
    expect(await wakes(issueCommentCreated, comment())).toEqual(['command acme/models 17'])
  })

  it.each([
    ['by a bot', { sender: { login: 'alice', type: 'Bot' } }],
    ['that somebody else submitted in her name', { sender: { login: 'mallory', type: 'User' } }],
    ['on an issue without labels', { issue: { number: 3, node_id: 'I', state: 'open', labels: [] } }],
    ['on a closed issue', { issue: { number: 3, node_id: 'I', state: 'closed', labels: [{ name: 'ops' }] } }],
    ['without a command', { comment: { id: 17, user: alice, body: 'Nice.' } }],
    ['by a deleted account', { comment: { id: 17, user: null, body: '/deploy prod' } }],
  ])('%s: nothing', async (_, change) => {
    expect(await wakes(issueCommentCreated, comment(change))).toEqual([])
  })
})
