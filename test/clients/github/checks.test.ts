/** Which of several results of one name count. */
import { describe, expect, it } from 'vitest'
import { answerOf } from '../../../src/clients/answer.ts'
import { CONTEXT_PARTS } from '../../../src/clients/github/documents/fragments.ts'
import { newestChecks } from '../../../src/clients/github/parse.ts'

const job = (workflow: number | undefined, conclusion: string, startedAt: string) =>
  answerOf('GitHub', {
    __typename: 'CheckRun',
    name: 'train',
    status: 'COMPLETED',
    conclusion,
    startedAt: `2026-11-17T${startedAt}:00Z`,
    checkSuite: {
      app: { databaseId: 15368 },
      workflowRun: workflow === undefined ? null : { workflow: { databaseId: workflow } },
    },
  })

describe('two jobs of one name', () => {
  it('in two workflows both count: the pass of one does not hide the failure of the other', () => {
    const checks = newestChecks([job(1, 'FAILURE', '09:00'), job(2, 'SUCCESS', '09:30'), job(2, 'FAILURE', '09:10')])
    expect(checks.map(({ state }) => state)).toEqual(['failure', 'success'])
  })

  it('of an App without workflows are one check, re-run', () => {
    const checks = newestChecks([job(undefined, 'FAILURE', '09:00'), job(undefined, 'SUCCESS', '09:30')])
    expect(checks.map(({ state }) => state)).toEqual(['success'])
  })

  it('are told apart by what GitHub is asked for', () => {
    expect(CONTEXT_PARTS).toContain('checkSuite { app { databaseId slug } workflowRun { workflow { databaseId } } }')
  })
})
