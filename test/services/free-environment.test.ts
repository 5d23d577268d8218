/** `/unlock` run again after a crash: it tells what it lifted, and wakes what waited, since the run before may not have come so far. */
import { expect, it } from 'vitest'
import { parseCommands } from '../../src/domain/command.ts'
import type { Hold } from '../../src/domain/hold.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import type { Subject } from '../../src/domain/subject.ts'
import { unlock } from '../../src/handlers/commands/unlock.ts'
import type { Deps } from '../../src/services/deps.ts'
import { decideUnlock } from '../../src/services/free-environment.ts'
import type { CommandRecord } from '../../src/services/ledger.ts'
import { CHURN, PROD } from '../domain/reference-settings.ts'
import { repository } from './comparison-world.ts'
import { parseConfig, settingsAtHand } from './settings-at-hand.ts'

const command: CommandRecord = {
  ...{ repository, commentId: 17, commentNodeId: 'IC_17', pullRequestNumber: 1, pullRequestNodeId: 'PR_1' },
  ...{ author: 'carol', createdAt: '2026-11-24T10:00:00Z', heardAt: '2026-11-24T10:00:01Z' },
  ...{ body: '/unlock prod churn', outcomes: [], state: 'acknowledged' },
}
const key = { repository, environment: PROD, model: CHURN }
const lock: Hold = {
  ...{ ...key, id: 'hold-1', kind: 'lock', by: 'carol', reason: 'an audit', since: new Date('2026-11-24T09:00:00Z') },
  ...{ until: undefined, confinedTo: undefined },
}

/** With these holds lifted by it before; gives the kind of its decision, and whom it wakes. */
async function again(lifted: readonly Hold[]) {
  const woken: Subject[] = []
  const deps = {
    clock: { now: () => new Date('2026-11-24T10:01:00Z') },
    parseConfig,
    ledger: {
      ...settingsAtHand,
      holds: async () => [],
      holdsEndedBy: async () => lifted,
      activePromotions: async () => [{ ...key, stage: { at: 'opened' } } as Promotion],
    },
    hints: { hint: async (subject: Subject) => void woken.push(subject) },
  } as unknown as Deps
  const [spoken] = parseCommands(command.body, [unlock])
  if (spoken?.kind !== 'command') throw new Error('not a command')
  const decision = await decideUnlock(command, spoken, deps)
  if (decision.kind === 'willing') await decision.carryOut(deps)
  return { kind: decision.kind, woken }
}

it('wakes what it has freed', async () => {
  expect(await again([lock])).toEqual({ kind: 'willing', woken: [{ kind: 'environment', ...key }] })
})

it('wakes nobody where there was nothing to lift', async () => {
  expect(await again([])).toEqual({ kind: 'answered', woken: [] })
})
