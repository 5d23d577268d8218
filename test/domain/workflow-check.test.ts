/** How a run of a workflow ended, and what that says about the rollout. */
import { expect, it } from 'vitest'
import { assessRun } from '../../src/domain/workflow-check.ts'

it.each([
  ['queued', undefined, false, 'pending', 'queued', false],
  ['in_progress', undefined, false, 'pending', 'in progress', false],
  ['waiting', undefined, true, 'fails', 'waiting when its time was over', true],
  ['completed', 'success', false, 'holds', 'success', false],
  ['completed', 'success', true, 'holds', 'success', false],
  ['completed', 'failure', false, 'fails', 'failure', true],
  ['completed', 'timed_out', false, 'fails', 'timed out', true],
  ['completed', 'cancelled', false, 'fails', 'cancelled', false],
  ['completed', 'skipped', false, 'fails', 'skipped', false],
  ['completed', 'neutral', false, 'fails', 'neutral', false],
  ['completed', 'action_required', false, 'fails', 'action required', false],
  ['completed', 'startup_failure', false, 'fails', 'startup failure', false],
] as const)('%s, %s, overdue: %s → %s', (status, conclusion, overdue, verdict, seen, isFatal) => {
  expect(assessRun({ status, conclusion }, overdue)).toEqual({ verdict, seen, isFatal })
})
