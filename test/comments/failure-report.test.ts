/** What a failed rollout's report says of the rollback that answers it. */
import { describe, expect, it } from 'vitest'
import { renderFailureReport } from '../../src/comments/failure-report.ts'
import { parseCommitSha, parseEnvironmentName, parseModelName, parseRepoName } from '../../src/domain/ids.ts'
import type { Promotion, Stage } from '../../src/domain/promotion.ts'

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a fixture that does not parse')
  return value
}

const revision = known(parseCommitSha('c'.repeat(40)))
const AT = '2026-11-24T09:00:00Z'

const promotion = (label: string, stage: Stage, over: Partial<Promotion> = {}): Promotion => ({
  repository: known(parseRepoName('acme/models')),
  model: known(parseModelName('churn')),
  environment: known(parseEnvironmentName('prod')),
  id: `pro-${label}`,
  kind: 'promotion',
  release: undefined,
  label,
  via: { kind: 'automation' },
  leaves: undefined,
  restore: [],
  thread: 7,
  asked: undefined,
  createdAt: AT,
  changes: [],
  pullRequest: { id: 'PR_1', number: 3, url: 'https://github.com/acme/ml-config/pull/3', headSha: revision },
  stage,
  ...over,
})

const failedStage = { at: 'failed', failedAt: AT, code: 'verify_failed', message: 'too slow', evidence: [] } as const
const failed = promotion('v13', { ...failedStage, revision, rollback: 'pro-v12' })
const report = (stage: Stage) =>
  renderFailureReport({ failed, rollback: promotion('v12', stage, { kind: 'rollback' }), release: undefined })

describe('a rollback that came to nothing is not reported as under way', () => {
  it.each<[string, Stage]>([
    ['cancelled', { at: 'cancelled', endedAt: AT, reason: 'its pull request was closed' }],
    ['superseded', { at: 'superseded', endedAt: AT, by: 'pro-x', label: 'v11', wasMerged: false }],
  ])('%s', (_, stage) => {
    expect(report(stage)).toContain('**The rollback to v12 did not come to its end**')
  })

  it('never merged: its pull request is named, for somebody to merge it', () => {
    const text = report({ ...failedStage, code: 'rollout_failed', revision: undefined, rollback: 'none' })
    expect(text).toContain('1. Merge [promotion PR 3](https://github.com/acme/ml-config/pull/3)')
  })
})

it('a canary is told with the share of the traffic that saw it', () => {
  const steps = [{ percent: 10, for: 0 }]
  const template = { source: 'churn', parts: [{ kind: 'text', text: 'churn' }] } as const
  const traffic = { kind: 'kserve', file: template, name: template } as const
  const told = (share: number) =>
    renderFailureReport({
      failed: { ...failed, canary: { steps, traffic, share } },
      rollback: undefined,
      release: undefined,
    })
  expect(told(10)).toContain('### ❌ churn v13 failed in prod, at 10 % of the traffic\n')
  expect(told(100)).toContain('### ❌ churn v13 failed in prod\n')
})
