/** Other Apps' checks as gates: how each way a check can stand counts. */
import { describe, expect, it } from 'vitest'
import { type CheckGateQuestion, judgeCheckGates, type ReportedCheck } from '../../src/domain/check-gate.ts'
import { NO_GATES } from '../../src/domain/gate-summary.ts'
import { countOutside } from '../../src/domain/outside-gate.ts'

const OWN = 7
const reported = (
  name: string,
  conclusion: string | undefined,
  changes: Partial<ReportedCheck> = {},
): ReportedCheck => ({
  name,
  appId: 1,
  app: 'github-actions',
  state:
    conclusion === undefined
      ? 'pending'
      : conclusion === 'success'
        ? 'success'
        : ['neutral', 'skipped'].includes(conclusion)
          ? 'neutral'
          : 'failure',
  conclusion,
  url: `https://ci.test/${name}`,
  ...changes,
})
const judge = (checks: readonly ReportedCheck[], question: Partial<CheckGateQuestion> = {}) =>
  judgeCheckGates({
    gates: [{ name: 'coverage', app: undefined, required: true }],
    checks,
    ownAppId: OWN,
    mayStillCome: true,
    waivers: [],
    ...question,
  })
const late = { mayStillCome: false }
const ofCodecov = { gates: [{ name: 'coverage', app: 'Codecov', required: true }] }

describe('a check as a gate', () => {
  it.each([
    ['success', reported('coverage', 'success'), {}, 'pass', 'success'],
    ['neutral', reported('coverage', 'neutral'), {}, 'pass', 'neutral, counts as passed'],
    ['skipped', reported('coverage', 'skipped'), {}, 'pass', 'skipped, counts as passed'],
    ['failure', reported('coverage', 'failure'), {}, 'fail', 'failure'],
    ['an error', reported('coverage', 'error'), {}, 'fail', 'error'],
    ['cancelled', reported('coverage', 'cancelled'), {}, 'fail', 'cancelled'],
    ['timed out', reported('coverage', 'timed_out'), {}, 'fail', 'timed out'],
    ['waiting for a person', reported('coverage', 'action_required'), {}, 'fail', 'action required'],
    ['at work', reported('coverage', undefined), {}, 'pending', 'still at work'],
    ['at work for too long', reported('coverage', undefined), late, 'missing', 'still at work when its time was over'],
    ['of another name', reported('coverage-report', 'success'), {}, 'pending', 'not reported yet'],
    ['never there', reported('coverage-report', 'success'), late, 'missing', 'not reported'],
    ['of another spelling', reported('Coverage', 'success'), {}, 'pass', 'success'],
    ['a job of a matrix', reported('coverage (3.12)', 'failure'), {}, 'fail', 'coverage (3.12): failure'],
    ['our own', reported('coverage', 'success', { appId: OWN }), late, 'missing', 'not reported'],
    ["another App's", reported('coverage', 'success'), { ...ofCodecov, ...late }, 'missing', 'not reported by Codecov'],
    ["the App's", reported('coverage', 'success', { app: 'codecov' }), ofCodecov, 'pass', 'success'],
    [
      "a person's status",
      reported('coverage', 'success', { app: undefined }),
      ofCodecov,
      'pending',
      'not reported by Codecov yet',
    ],
  ])('that is %s', (_, check, question, verdict, evidence) => {
    expect(judge([check], question)).toMatchObject([{ name: 'check/coverage', required: true, verdict, evidence }])
  })

  it('is as good as the worst of its jobs', () => {
    const jobs = [
      reported('coverage (a)', 'success'),
      reported('coverage (b)', undefined),
      reported('coverage (c)', 'failure'),
    ]
    expect(judge(jobs)[0]).toMatchObject({ verdict: 'fail', url: 'https://ci.test/coverage (c)' })
    expect(judge(jobs.slice(0, 2))[0]?.verdict).toBe('pending')
    expect(judge(jobs.slice(0, 1))[0]?.verdict).toBe('pass')
  })

  it('is waived by its own name, where it fails', () => {
    const waivers = [{ gate: 'check/coverage', by: 'alice', reason: 'the service is down' }]
    expect(judge([reported('coverage', 'failure')], { waivers })[0]).toMatchObject({
      verdict: 'waived',
      waived: waivers[0],
    })
    expect(judge([reported('coverage', 'success')], { waivers })[0]).toMatchObject({
      verdict: 'pass',
      waived: undefined,
    })
    expect(
      judge([reported('coverage', 'failure')], { waivers: [{ by: 'a', reason: 'b', gate: 'coverage' }] })[0]?.verdict,
    ).toBe('fail')
  })

  it('fails closed by name unless it is not required', () => {
    expect(countOutside(NO_GATES, judge([], late))).toMatchObject({ verdict: 'fail', missing: ['check/coverage'] })
    const shown = judge([], { ...late, gates: [{ name: 'coverage', app: undefined, required: false }] })
    expect(countOutside(NO_GATES, shown)).toMatchObject({ verdict: 'none', advisory: ['check/coverage'] })
  })
})
