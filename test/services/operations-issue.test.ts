/** A command on an issue that is not there: tried again while GitHub may lag, then not run, and never told for ever. */
import { expect, it } from 'vitest'
import type { Deps } from '../../src/services/deps.ts'
import type { CommandRecord } from '../../src/services/ledger.ts'
import { acknowledged } from '../../src/services/operations-issue.ts'
import type { GitHubWrite } from '../../src/services/ports.ts'
import { writeAll } from '../../src/services/publish-comment.ts'
import { commandReply } from '../../src/services/publish-reply.ts'
import { silentLog } from '../support/log.ts'
import { repository } from './comparison-world.ts'

const command: CommandRecord = {
  ...{ repository, commentId: 17, commentNodeId: 'IC_17', pullRequestNumber: 4, pullRequestNodeId: 'I_4' },
  ...{
    author: 'carol',
    createdAt: '2026-11-24T10:00:00Z',
    heardAt: '2026-11-24T10:00:01Z',
    issue: { labels: ['ops'] },
  },
  ...{ body: '/status', outcomes: [], state: 'received' },
}

/** GitHub knows nothing of the issue. */
function world(now: string) {
  const saved: CommandRecord['state'][] = []
  const deps = {
    clock: { now: () => new Date(now) },
    log: silentLog,
    ledger: {
      publication: async () => undefined,
      savePublication: async () => {},
      saveCommand: async ({ state }: CommandRecord) => void saved.push(state),
    },
    github: {
      write: async (_: string, writes: readonly GitHubWrite[]) =>
        writes.map(() => ({ ok: false, type: 'NOT_FOUND', message: 'Could not resolve to a node' })),
    },
  } as unknown as Deps
  return { deps, saved }
}

it('a moment after the comment it is tried again', async () => {
  const { deps } = world('2026-11-24T10:00:02Z')
  const planned = await commandReply(command, undefined, deps)
  await expect(acknowledged(command, planned, deps)).rejects.toThrow('is not there yet')
})

it('minutes later it is not run', async () => {
  const { deps } = world('2026-11-24T10:05:00Z')
  expect(await acknowledged(command, await commandReply(command, undefined, deps), deps)).toBe(false)
})

it('deleted while the command ran: it is done, though nobody can be told', async () => {
  const { deps, saved } = world('2026-11-24T10:05:00Z')
  const ran: CommandRecord = {
    ...command,
    outcomes: [{ kind: 'answered', line: '/status', markdown: 'live' }],
    state: 'running',
  }
  await writeAll([(await commandReply(ran, undefined, deps))[0]], deps)
  expect(saved).toEqual(['done'])
})
