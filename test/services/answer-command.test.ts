/** A command run again after a crash: what it has proposed is moved on, though the run before said so to nobody. */
import { expect, it } from 'vitest'
import type { Promotion, Stage } from '../../src/domain/promotion.ts'
import type { Subject } from '../../src/domain/subject.ts'
import { answerCommand } from '../../src/services/answer-command.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { CommandRecord } from '../../src/services/ledger.ts'
import { CHURN, PROD } from '../domain/reference-settings.ts'
import { repository } from './comparison-world.ts'

const command: CommandRecord = {
  ...{ repository, commentId: 17, commentNodeId: 'IC_17', pullRequestNumber: 1, pullRequestNodeId: 'PR_1' },
  ...{ author: 'carol', createdAt: '2026-11-24T10:00:00Z', heardAt: '2026-11-24T10:00:01Z', body: '/deploy prod' },
  ...{ outcomes: [{ kind: 'promotion', line: '/deploy prod', promotion: 'pro-1' }], state: 'running' },
}
const key = { repository, environment: PROD, model: CHURN }

/** Whom the run wakes that finds the command carried out, and its promotion at this stage. */
async function wakes(stage: Stage): Promise<readonly Subject[]> {
  const woken: Subject[] = []
  const deps = {
    ledger: {
      command: async () => command,
      promotion: async () => ({ ...key, id: 'pro-1', stage }) as Promotion,
    },
    hints: { hint: async (subject: Subject) => void woken.push(subject) },
  } as unknown as Deps
  await answerCommand({ kind: 'command', repository, commentId: 17 }, [], deps)
  return woken
}

it('wakes the environment of what is under way', async () => {
  expect(await wakes({ at: 'proposed' })).toEqual([{ kind: 'environment', ...key }])
})
