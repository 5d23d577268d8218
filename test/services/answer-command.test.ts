/** A command run again: what it has begun is ended, what it has proposed is moved on, though a crash let nobody hear of it, and its last words are said until GitHub takes them. */
import { expect, it } from 'vitest'
import type { Promotion, Stage } from '../../src/domain/promotion.ts'
import type { Subject } from '../../src/domain/subject.ts'
import { lock as lockGrammar } from '../../src/handlers/commands/lock.ts'
import { unlock as unlockGrammar } from '../../src/handlers/commands/unlock.ts'
import { answerCommand } from '../../src/services/answer-command.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { CommandRecord, Publication } from '../../src/services/ledger.ts'
import type { GitHubWrite, GitHubWriteResult } from '../../src/services/ports.ts'
import { CHURN, PROD, parsedSettings } from '../domain/reference-settings.ts'
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

/** A run of `/unlock prod`, which dave followed by a lock that was carried out; `begun` as an earlier run left it. */
async function runs(begun: readonly string[] | undefined): Promise<readonly unknown[]> {
  const done: unknown[] = []
  const unlock: CommandRecord = { ...command, body: '/unlock prod', outcomes: [], state: 'acknowledged', begun }
  const lock: CommandRecord = {
    ...{ ...command, commentId: 18, author: 'dave', body: '/lock prod an audit', state: 'done' },
    outcomes: [{ kind: 'answered', line: '/lock prod an audit', markdown: '🔒', marks: ['held'] }],
  }
  const deps = {
    clock: { now: () => new Date('2026-11-24T10:01:00Z') },
    parseConfig: () => ({ ok: true, settings: parsedSettings }),
    ledger: {
      promotionOfPullRequest: async () => undefined,
      knownFile: async () => ({ oid: '1', text: '' }),
      saveKnownFile: async () => {},
      command: async () => unlock,
      commandsToRun: async () => [],
      commandsAfter: async () => [lock],
      beginLine: async (next: CommandRecord) => void done.push(next.begun),
      saveCommand: async ({ outcomes }: CommandRecord) => {
        done.push(...outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.code : outcome.kind)))
        throw new Error('killed')
      },
    },
  } as unknown as Deps
  const carryOut = async () => {
    done.push('carried out')
    return { kind: 'answered', line: '/unlock prod', markdown: '🔓' } as const
  }
  const decide = async () => ({ kind: 'willing', rules: [], would: () => '', carryOut }) as const
  const commands = [lockGrammar, unlockGrammar].map((one) => ({ ...one, decide }))
  await expect(answerCommand({ kind: 'command', repository, commentId: 17 }, commands, deps)).rejects.toThrow('killed')
  return done
}

it('is refused behind a later one, unless an earlier run had begun it', async () => {
  expect(await runs(undefined)).toEqual(['overtaken'])
  expect(await runs(['/unlock prod'])).toEqual([['/unlock prod', '/unlock prod'], 'carried out', 'answered'])
})
