/** The checks that a base branch demands, of a head that is deployed before its merge. */
import { describe, expect, it } from 'vitest'
import type { RequiredCheck } from '../../src/domain/branch-rules.ts'
import { type HeadCheck, judgeChecks } from '../../src/domain/required-checks.ts'

const CI = 15368
const OWN = 7
const check = (name: string, state: HeadCheck['state'], changes: Partial<HeadCheck> = {}): HeadCheck => ({
  name,
  appId: CI,
  state,
  conclusion: state === 'pending' ? undefined : state === 'neutral' ? 'skipped' : state,
  url: `https://ci.test/${name}`,
  ...changes,
})
const status = (name: string, state: HeadCheck['state']) => check(name, state, { appId: undefined })
const anybody = (name: string): RequiredCheck => ({ name, appId: undefined })
const only = (name: string, appId: number): RequiredCheck => ({ name, appId })

describe('the required checks of a head', () => {
  it.each<[string, readonly RequiredCheck[], readonly HeadCheck[], string, string]>([
    ['none are demanded', [], [check('test', 'failure')], 'pass', 'its branch demands no checks'],
    ['passed', [anybody('test')], [check('test', 'success')], 'pass', '`test` passed'],
    ['skipped counts as passed', [anybody('test')], [check('test', 'neutral')], 'pass', '`test` passed'],
    [
      'others do not matter',
      [anybody('test')],
      [check('test', 'success'), check('lint', 'failure')],
      'pass',
      '`test` passed',
    ],
    [
      'still at work',
      [anybody('test')],
      [check('test', 'pending')],
      'open',
      'required checks: `test` is still at work',
    ],
    ['not reported', [anybody('test')], [], 'open', 'required checks: `test` was not reported yet'],
    ['failed', [anybody('test')], [check('test', 'failure')], 'refused', 'required checks: `test` ended as failure'],
    [
      'a status of the same name fails: both count',
      [anybody('test')],
      [check('test', 'success'), status('test', 'failure')],
      'refused',
      'required checks: `test` ended as failure',
    ],
    [
      'a status of the same name is pending: both count',
      [anybody('test')],
      [check('test', 'success'), status('test', 'pending')],
      'open',
      'required checks: `test` is still at work',
    ],
    [
      'the App that is expected reported it',
      [only('test', CI)],
      [check('test', 'success'), check('test', 'failure', { appId: 99 })],
      'pass',
      '`test` passed',
    ],
    [
      'another App than the expected one',
      [only('test', CI)],
      [check('test', 'success', { appId: 99 })],
      'open',
      'required checks: `test` was reported by another App only',
    ],
    [
      'a status proves no App',
      [only('test', CI)],
      [status('test', 'success')],
      'open',
      'required checks: `test` was reported by another App only',
    ],
    [
      'our own counts where it is demanded',
      [anybody('lockkeeper')],
      [check('lockkeeper', 'failure', { appId: OWN, conclusion: 'action_required' })],
      'refused',
      'required checks: `lockkeeper` ended as action_required',
    ],
    [
      'a failure comes before what is open, and both are told',
      [anybody('test'), anybody('lint'), anybody('docs')],
      [check('lint', 'failure'), check('docs', 'success')],
      'refused',
      'required checks: `lint` ended as failure, `test` was not reported yet',
    ],
    [
      'names are compared whole',
      [anybody('test')],
      [check('test / unit', 'success')],
      'open',
      'required checks: `test` was not reported yet',
    ],
  ])('%s', (_, required, reported, state, detail) => {
    expect(judgeChecks({ required, reported })).toMatchObject({ state, detail })
  })

  it('links what is not green', () => {
    const judged = judgeChecks({ required: [anybody('test')], reported: [check('test', 'failure')] })
    expect(judged.evidence).toEqual([{ text: '`test`', url: 'https://ci.test/test' }])
  })
})
