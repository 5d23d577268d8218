/** `/override` between its waiver and the check run: whatever is interrupted comes to the same end; and a head that cannot be told is not waived. */
import { expect, it } from 'vitest'
import { parseCommands } from '../../src/domain/command.ts'
import { parseCommitSha } from '../../src/domain/ids.ts'
import type { Subject } from '../../src/domain/subject.ts'
import { override } from '../../src/handlers/commands/override.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { CommandRecord, Ledger } from '../../src/services/ledger.ts'
import { decideOverride } from '../../src/services/override-gate.ts'
import type { ComparisonRecord, GitHub, KnownPullRequest, WaiverRecord } from '../../src/services/ports.ts'
import { modelName, sha } from '../comments/comparison-fixture.ts'
import { CONFIG, createWorld, fileOf, HEAD, repository } from './comparison-world.ts'

const command: CommandRecord = {
  ...{ repository, commentId: 17, commentNodeId: 'IC_17', pullRequestNumber: 1, pullRequestNodeId: 'PR_1' },
  ...{ author: 'carol', createdAt: '2026-11-24T10:00:00Z', heardAt: '2026-11-24T10:00:01Z' },
  ...{ body: '/override auc a known outage', outcomes: [], state: 'acknowledged' },
}

const pull: KnownPullRequest = { id: 'PR_1', headRef: 'better', isFork: false, author: 'dave', state: 'open' }
const compared: ComparisonRecord = {
  ...{ repository, number: 1, headSha: HEAD, headSeenAt: '2026-11-24T09:00:00Z', testMergeCommits: [] },
  pull,
  judged: [{ model: modelName('churn'), gates: [{ name: 'auc', verdict: 'fail', required: true }] }],
  ...{ isCompleted: true, finished: undefined },
}

/** carol maintains the repository; `then` is the head when she wrote. */
function setting({ then = parseCommitSha(HEAD) }: { then?: ReturnType<typeof parseCommitSha> | 'unknown' } = {}) {
  const kept = new Map<string, WaiverRecord>()
  const hinted: Subject[] = []
  const state = { record: compared, crashes: false }
  const permissions = new Map([[repository, 'maintain' as const]])
  const standings = new Map([['carol', { login: 'carol', permissions, teams: new Set<string>() }]])
  const deps = {
    ...createWorld().deps,
    ledger: {
      promotionOfPullRequest: async () => undefined,
      knownFile: async () => fileOf(CONFIG),
    } as Partial<Ledger> as Ledger,
    github: {
      readPromotionWorld: async () => ({ modelConfigFile: fileOf(CONFIG), standings }),
      headAt: async () => (then === 'unknown' ? undefined : then),
    } as unknown as GitHub,
    comparisons: {
      get: async () => state.record,
      waivers: async () => [...kept.values()],
      addWaiver: async (waiver: WaiverRecord, cause: string) => {
        if (!kept.has(cause)) kept.set(cause, waiver)
        return { kind: 'added', waiver }
      },
    },
    hints: {
      hint: async (subject: Subject) => {
        if (state.crashes) throw new Error('killed')
        hinted.push(subject)
      },
    },
  } as unknown as Deps
  const run = async () => {
    const [spoken] = parseCommands(command.body, [override])
    if (spoken?.kind !== 'command') throw new Error('not a command')
    const decision = await decideOverride(command, spoken, deps)
    return decision.kind === 'willing' ? decision : Promise.reject(new Error(decision.kind))
  }
  return { kept, hinted, state, run, carryOut: async () => (await run()).carryOut(deps) }
}

it('killed between the waiver and the check run: the second run gives the same answer, and the check run is judged again', async () => {
  const { kept, hinted, state, carryOut } = setting()
  state.crashes = true
  await expect(carryOut()).rejects.toThrow('killed')
  state.crashes = false
  expect(await carryOut()).toMatchObject({ kind: 'answered', markdown: expect.stringContaining('**Waived**') })
  expect([...kept.values()]).toMatchObject([{ gate: 'auc', model: 'churn', headSha: HEAD, by: 'carol' }])
  expect(hinted).toEqual([{ kind: 'pull-request', repository, number: 1 }])
})

it('what was pushed while it was decided is not waived', async () => {
  const { kept, state, run } = setting()
  const decision = await run()
  state.record = { ...compared, headSha: sha('beef') }
  await expect(
    decision.carryOut({ comparisons: { get: async () => state.record } } as unknown as Deps),
  ).rejects.toMatchObject({
    code: 'head_moved',
  })
  expect(kept.size).toBe(0)
})

it('killed right behind the waiver, and merged since by a check run that it made green: the same answer', async () => {
  const { kept, state, carryOut } = setting()
  state.crashes = true
  await expect(carryOut()).rejects.toThrow('killed')
  state.crashes = false
  state.record = { ...compared, pull: { ...pull, state: 'merged' } }
  expect(await carryOut()).toMatchObject({ kind: 'answered', markdown: expect.stringContaining('⚠️ **Waived**') })
  expect(kept.size).toBe(1)
})

it.each([
  ['another head', sha('beef'), 'was at `beef000` when this was written, and its check run judges `3f9c2e1`'],
  ['nobody knows which head', 'unknown', 'GitHub does not tell what the head of pull request 1 was'],
] as const)('written when it was at %s: refused with what to write', async (_, then, message) => {
  await expect(setting({ then }).run()).rejects.toMatchObject({
    code: 'head_moved',
    message: expect.stringContaining(message),
    hint: `If the check run shows what you mean, write \`/override auc --head ${HEAD} a known outage\`.`,
  })
})
