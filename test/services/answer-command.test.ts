/** A command run again: what it has begun is ended, what it has proposed is moved on, though a crash let nobody hear of it, and its last words are said until GitHub takes them. */
import { expect, it } from 'vitest'
import type { CommandOutcome } from '../../src/domain/command-outcome.ts'
import type { Promotion, Stage } from '../../src/domain/promotion.ts'
import type { Subject } from '../../src/domain/subject.ts'
import { COMMANDS } from '../../src/handlers/commands/index.ts'
import { answerCommand } from '../../src/services/answer-command.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { CommandRecord, Publication } from '../../src/services/ledger.ts'
import type { GitHubWrite, GitHubWriteResult } from '../../src/services/ports.ts'
import { CHURN, PROD } from '../domain/reference-settings.ts'
import { repository } from './comparison-world.ts'
import { parseConfig, settingsAtHand } from './settings-at-hand.ts'

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

it('is not done while GitHub has not taken its last words, though it took the reaction to them', async () => {
  let kept: CommandRecord = {
    ...command,
    outcomes: [{ kind: 'answered', line: '/status', markdown: 'Nothing is under way.' }],
  }
  const said: string[] = []
  const answers = [false, true]
  const publications = new Map<string, Publication>([
    [`reply:${repository}:17`, { key: '', nodeId: 'IC_18', hash: 'looking', intendedAt: undefined }],
  ])
  const deps = {
    clock: { now: () => new Date('2026-11-24T10:01:00Z') },
    ledger: {
      command: async () => kept,
      saveCommand: async (next: CommandRecord) => {
        kept = next
      },
      publication: async (name: string) => publications.get(name),
      savePublication: async (next: Publication) => void publications.set(next.key, next),
    },
    github: {
      write: async (_: unknown, writes: readonly GitHubWrite[]): Promise<readonly GitHubWriteResult[]> =>
        writes.map((write) => {
          const isTaken = write.kind === 'add-reaction' || answers.shift() !== false
          said.push(`${write.kind}${isTaken ? '' : ' refused'}`)
          const done = { id: 'X', number: undefined, url: undefined, sha: undefined }
          return isTaken ? { ok: true, ...done } : { ok: false, type: 'INTERNAL', message: 'Something went wrong' }
        }),
    },
  } as unknown as Deps
  const run = () => answerCommand({ kind: 'command', repository, commentId: 17 }, [], deps)
  await expect(run()).rejects.toThrow('Something went wrong')
  expect(kept.state).toBe('running')
  await run()
  expect([kept.state, said]).toEqual([
    'done',
    ['update-comment refused', 'add-reaction', 'update-comment', 'add-reaction'],
  ])
})

type Later = { readonly by: string; readonly outcome: CommandOutcome }

/** A run of this, which a command followed that was answered; whether an earlier run had begun it. */
async function runs(line: string, { by, outcome }: Later, isBegun = false): Promise<readonly string[]> {
  const done: string[] = []
  const asked: CommandRecord = { ...command, body: line, outcomes: [], state: 'acknowledged' }
  const later: CommandRecord = {
    ...{ ...command, commentId: 18, author: by, body: outcome.line, outcomes: [outcome], state: 'done' },
  }
  const deps = {
    clock: { now: () => new Date('2026-11-24T10:01:00Z') },
    parseConfig,
    ledger: {
      ...settingsAtHand,
      command: async () => asked,
      commandsToRun: async () => [],
      commandsAfter: async () => [later],
      saveCommand: async ({ outcomes }: CommandRecord) => {
        done.push(...outcomes.map((each) => (each.kind === 'refused' ? each.code : each.kind)))
        throw new Error('killed')
      },
    },
  } as unknown as Deps
  const carryOut = async () => {
    done.push('carried out')
    return { kind: 'answered', line, markdown: '' } as const
  }
  const decide = async () => ({ kind: 'willing', rules: [], isBegun, would: () => '', carryOut }) as const
  const commands = COMMANDS.map((one) => ({ ...one, decide }))
  await expect(answerCommand({ kind: 'command', repository, commentId: 17 }, commands, deps)).rejects.toThrow('killed')
  return done
}

const answered = (line: string, marks: readonly string[] = []): CommandOutcome => ({
  ...{ kind: 'answered', line, markdown: '', marks },
})
const nothingToDo = (line: string): CommandOutcome => ({
  ...{ kind: 'refused', line, code: 'nothing_to_do', message: '', hint: '', details: undefined },
})

it.each<[string, Later]>([
  ['/unlock prod', { by: 'dave', outcome: answered('/lock prod an audit', ['held']) }],
  ['/lock prod', { by: 'carol', outcome: answered('/unlock prod') }],
  ['/deploy prod', { by: 'dave', outcome: answered('/cancel prod') }],
  ['/deploy prod', { by: 'carol', outcome: nothingToDo('/cancel prod') }],
  ['/rollback prod', { by: 'dave', outcome: { kind: 'promotion', line: '/deploy prod', promotion: 'pro-2' } }],
])('%s is refused behind what undoes it, unless an earlier run had begun it: %j', async (line, later) => {
  expect(await runs(line, later)).toEqual(['overtaken'])
  expect(await runs(line, later, true)).toEqual(['carried out', 'answered'])
})

it.each<[string, Later]>([
  ['/lock prod', { by: 'dave', outcome: answered('/unlock prod') }],
  ['/deploy prod', { by: 'dave', outcome: nothingToDo('/cancel prod') }],
  ['/deploy prod', { by: 'carol', outcome: nothingToDo('/canary prod 25') }],
  ['/deploy prod', { by: 'carol', outcome: answered('/cancel staging') }],
  ['/status', { by: 'carol', outcome: answered('/lock prod', ['held']) }],
])('%s is carried out behind what undoes nothing of it: %j', async (line, later) => {
  expect(await runs(line, later)).toEqual(['carried out', 'answered'])
})
