/** When a metric that is not there is pending, and when it is missing. */
import { describe, expect, it } from 'vitest'
import { type TrainingCheck, type TrainingQuestion, trainingState } from '../../src/domain/training.ts'

const OWN = 7
const HOUR = 3_600_000
const since = new Date('2026-03-03T10:00:00Z')
const check = (name: string, state: TrainingCheck['state'], appId: number | undefined = 1): TrainingCheck => ({
  name,
  state,
  appId,
})
const ask = (checks: readonly TrainingCheck[], question: Partial<TrainingQuestion> = {}) =>
  trainingState({
    checks,
    name: undefined,
    ownAppId: OWN,
    within: 6 * HOUR,
    since,
    now: new Date(+since + HOUR),
    ...question,
  })
const until = new Date('2026-03-03T16:00:00Z')

describe('training', () => {
  it('waits for every other check on the head when none is named, never for our own', () => {
    const checks = [check('lint', 'success'), check('train', 'pending'), check('lockkeeper', 'pending', OWN)]
    expect(ask(checks)).toEqual({ kind: 'waiting', for: ['train'], until })
    expect(ask([check('lint', 'failure'), check('lockkeeper', 'pending', OWN)])).toEqual({
      kind: 'finished',
      failed: ['lint'],
      until,
      isLate: false,
    })
  })

  it('waits for the named one only', () => {
    const checks = [check('train', 'success'), check('deploy-docs', 'pending')]
    expect(ask(checks, { name: 'train' })).toEqual({ kind: 'finished', failed: [], until, isLate: false })
  })

  it('waits for a named check that has not been reported', () => {
    expect(ask([check('lint', 'success')], { name: 'train' })).toEqual({ kind: 'waiting', for: ['train'], until })
  })

  it('waits for every job of a matrix or reusable workflow of that name', () => {
    const checks = [check('Train (1)', 'success'), check('train (2)', 'pending'), check('training-docs', 'pending')]
    expect(ask(checks, { name: 'train' })).toEqual({ kind: 'waiting', for: ['train (2)'], until })
    expect(ask([check('train / fit', 'neutral')], { name: 'train' })).toEqual({
      kind: 'finished',
      failed: [],
      until,
      isLate: false,
    })
  })

  it('waits where no check has reported yet', () => {
    expect(ask([])).toEqual({ kind: 'waiting', for: [], until })
  })

  it('takes commit statuses, which have no app', () => {
    expect(ask([check('ci/jenkins', 'pending', undefined)])).toMatchObject({ kind: 'waiting', for: ['ci/jenkins'] })
  })

  it('is over at the deadline, to the millisecond', () => {
    const checks = [check('train', 'pending')]
    expect(ask(checks, { now: new Date(+until - 1) }).kind).toBe('waiting')
    expect(ask(checks, { now: until })).toEqual({ kind: 'timed_out', for: ['train'] })
    expect(ask([check('train', 'success')], { now: until })).toMatchObject({ kind: 'finished', isLate: true })
  })
})
