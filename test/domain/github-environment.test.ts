/** GitHub's own environments as a rule: reviewers, wait timer, branches. */
import { describe, expect, it } from 'vitest'
import {
  type EnvironmentFacts,
  type GitHubEnvironment,
  githubEnvironmentNames,
  judgeGitHubEnvironment,
  withReviewers,
} from '../../src/domain/github-environment.ts'
import { prod } from './reference-settings.ts'

const SINCE = new Date('2026-11-24T10:00:00Z')
const person = (login: string, ...teams: readonly string[]) => ({ login, teams: new Set(teams) })

const environment = (more: Partial<GitHubEnvironment> = {}): GitHubEnvironment => ({
  ...{ name: 'prod', reviewers: undefined, wait: 0, branches: undefined },
  ...more,
})

const judge = (
  environments: readonly GitHubEnvironment[],
  more: Partial<EnvironmentFacts> & { branch?: string | undefined } = {},
) =>
  judgeGitHubEnvironment({
    protection: { kind: 'read', environments, branch: 'branch' in more ? more.branch : 'main' },
    ...{ approvers: [], since: SINCE, now: SINCE },
    ...more,
  })

it('the environment of the model comes before that of all models', () => {
  expect(githubEnvironmentNames('prod', 'churn')).toEqual(['prod/churn', 'prod'])
})

describe('nothing is asked', () => {
  it.each([
    ['where there is no such environment', []],
    ['where it has no rules', [environment()]],
  ])('%s', (_, environments) => {
    expect(judge(environments)).toBeUndefined()
  })
})

it('what may not be read refuses, and names the permission', () => {
  const verdict = judgeGitHubEnvironment({
    protection: { kind: 'unreadable', name: 'prod' },
    ...{ approvers: [], since: SINCE, now: SINCE },
  })
  expect(verdict).toMatchObject({
    state: 'refused',
    detail: 'GitHub does not tell what its environment `prod` demands',
    act: 'Grant the Lockkeeper GitHub App "Actions: read" in the model repository',
    unforceable: true,
  })
})

describe('required reviewers', () => {
  const reviewers = [
    { kind: 'user', login: 'Bob' },
    { kind: 'team', organization: 'acme', slug: 'ml-leads' },
  ] as const

  it.each([
    ['nobody has approved', [], 'open'],
    ['somebody else has', [person('dave')], 'open'],
    ['one of them has', [person('dave'), person('bob')], 'pass'],
    ['one of their team has', [person('carol', 'acme/ml-leads')], 'pass'],
    ['one of a team of the same name elsewhere has', [person('carol', 'evil/ml-leads')], 'open'],
  ])('%s', (_, approvers, state) => {
    expect(judge([environment({ reviewers })], { approvers })?.state).toBe(state)
  })

  it('are waited for, and told', () => {
    expect(judge([environment({ reviewers })])).toEqual({
      state: 'open',
      detail: "GitHub's environment `prod` needs an approving review by Bob, team ml-leads",
      evidence: [],
      later: true,
      unforceable: true,
      earliest: undefined,
    })
  })

  it('whom the App cannot see keep it closed', () => {
    expect(judge([environment({ reviewers: [] })], { approvers: [person('bob')] })).toMatchObject({
      state: 'open',
      detail: "GitHub's environment `prod` needs an approving review by people whom the App cannot see",
    })
  })

  it('are approvers besides those of the configuration, and never of what the config repository insists on', () => {
    const protection = { kind: 'read', environments: [environment({ reviewers })], branch: 'main' } as const
    const insisted = { approvals: 1, deployers: [{ kind: 'user', login: 'olga' }] } as never
    const made = withReviewers({ ...prod, approvers: [{ kind: 'user', login: 'ann' }], insisted }, protection)
    expect(made.approvers).toEqual([
      { kind: 'user', login: 'ann' },
      { kind: 'user', login: 'bob' },
      { kind: 'team', organization: 'acme', slug: 'ml-leads' },
    ])
    expect(made.insisted).toBe(insisted)
    expect(withReviewers(prod, undefined)).toBe(prod)
  })
})

describe('the wait timer', () => {
  it('is open until its time, counted from the command', () => {
    const wait = 30 * 60_000
    expect(judge([environment({ wait })])).toMatchObject({
      state: 'open',
      detail: "GitHub's environment `prod` waits 30m",
      earliest: new Date('2026-11-24T10:30:00Z'),
      later: true,
    })
    expect(judge([environment({ wait })], { now: new Date('2026-11-24T10:30:00Z') })?.state).toBe('pass')
  })

  it('has the later time of two environments, and none while a review is missing', () => {
    const two = [environment({ name: 'prod/churn', wait: 60_000 }), environment({ wait: 120_000 })]
    expect(judge(two)?.earliest).toEqual(new Date('2026-11-24T10:02:00Z'))
    const reviewed = judge([...two, environment({ reviewers: [] })])
    expect(reviewed?.earliest).toBeUndefined()
    expect(reviewed?.evidence.map(({ until }) => until?.toISOString().slice(11, 16))).toEqual(['10:01', '10:02'])
  })
})

describe('deployment branches', () => {
  const patterns = { kind: 'patterns', patterns: ['main', 'release/*'] } as const
  it.each([
    [patterns, 'main', 'pass'],
    [patterns, 'release/7', 'pass'],
    [patterns, 'topic', 'refused'],
    [patterns, undefined, 'refused'],
    [{ kind: 'patterns', patterns: [] }, 'main', 'refused'],
    [{ kind: 'protected', names: ['main'] }, 'main', 'pass'],
    [{ kind: 'protected', names: ['main'] }, 'topic', 'refused'],
    [{ kind: 'protected', names: [] }, 'topic', 'pass'],
    [{ kind: 'protected', names: [] }, undefined, 'refused'],
  ] as const)('%o take %s: %s', (branches, branch, state) => {
    expect(judge([environment({ branches })], { branch })?.state).toBe(state)
  })

  it('refuse before anything is waited for, and say which there are', () => {
    const all = environment({ branches: patterns, wait: 60_000, reviewers: [] })
    expect(judge([all], { branch: 'topic' })).toMatchObject({
      state: 'refused',
      detail: "GitHub's environment `prod` takes only `main`, `release/*`, and this is of `topic`",
      act: "Deploy from such a branch, or change the deployment branches of `prod` in the repository's settings",
      earliest: undefined,
    })
  })
})
