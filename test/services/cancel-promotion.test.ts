/** `/cancel` of what is being opened: it waits while that may come to an end, and takes away what an opening without one has left. */
import { expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseCommands } from '../../src/domain/command.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import { cancel } from '../../src/handlers/commands/cancel.ts'
import { decideCancel } from '../../src/services/cancel-promotion.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { CommandRecord } from '../../src/services/ledger.ts'
import type { GitHubWrite } from '../../src/services/ports.ts'
import { CHURN, manifest, modelSettings, PROD } from '../domain/reference-settings.ts'
import { silentLog } from '../support/log.ts'
import { repository } from './comparison-world.ts'

const SINCE = '2026-11-24T10:00:00.000Z'
const HEAD = 'b'.repeat(40)
const command: CommandRecord = {
  ...{ repository, commentId: 17, commentNodeId: 'IC_17', pullRequestNumber: 1, pullRequestNodeId: 'PR_1' },
  ...{
    author: 'carol',
    createdAt: SINCE,
    heardAt: SINCE,
    body: '/cancel prod churn',
    outcomes: [],
    state: 'acknowledged',
  },
}
const opening = {
  ...{ repository, environment: PROD, model: CHURN, id: 'pro-1', kind: 'promotion', label: 'v12', edition: 3 },
  ...{ via: { kind: 'deploy', by: 'carol' }, asked: { repository, commentId: 9 }, createdAt: SINCE, thread: 1 },
  stage: { at: 'proposed', openingSince: SINCE },
} as unknown as Promotion

type Weather = {
  /** What GitHub says to the closing. */
  readonly answer?: object
  /** How long passes between two looks at the clock. */
  readonly strideMs?: number
}

/** As written at `now`; gives what was written to GitHub, and to the ledger. */
async function cancelled(now: string, { answer = { ok: true }, strideMs = 0 }: Weather = {}) {
  let time = Date.parse(now)
  const written: GitHubWrite[] = []
  let saved: Promotion | undefined
  const commits = [{ sha: HEAD, author: 'lockkeeper[bot]', committer: 'GitHub', parents: ['a'.repeat(40)] }]
  const pullRequest = {
    ...{ id: 'PR_3', number: 3, url: 'https://github.com/acme/ml-config/pull/3', state: 'open', headSha: HEAD },
    ...{ baseRef: 'main', commitCount: 1, commits },
  }
  const permissions = new Map([repository, 'acme/ml-config'].map((name) => [name, 'admin']))
  const carol = { login: 'carol', permissions, roles: new Map(), teams: new Set(['acme/ml-leads']) }
  const file = { oid: '1', text: modelSettings }
  const accepting = { oid: '2', text: manifest('.github/lockkeeper.yml') }
  const deps = {
    clock: {
      now: () => {
        time += strideMs
        return new Date(time)
      },
    },
    log: silentLog,
    parseConfig: parseRepoConfig,
    ledger: {
      promotionOfPullRequest: async () => (saved?.pullRequest === undefined ? undefined : saved),
      promotionsOfThread: async () => [opening],
      history: async () => [opening],
      knownFile: async () => file,
      saveKnownFile: async () => {},
      holds: async () => [],
      undisturbed: async (_: Promotion, run: () => Promise<Promotion>) => run(),
      savePromotion: async (promotion: Promotion) => {
        saved = promotion
        return promotion
      },
    },
    github: {
      appLogin: 'lockkeeper[bot]',
      readStandings: async () => new Map([['carol', carol]]),
      readPromotionWorld: async () => ({
        ...{ modelConfigFile: file, standings: new Map([['carol', carol]]), wider: undefined },
        config: { configFile: accepting, defaultBranch: 'main', pullRequest },
      }),
      write: async (_: string, writes: readonly GitHubWrite[]) => {
        written.push(...writes)
        return writes.map(() => answer)
      },
    },
    hints: { hint: async () => {} },
  } as unknown as Deps
  const [spoken] = parseCommands(command.body, [cancel])
  if (spoken?.kind !== 'command') throw new Error('not a command')
  const decision = await decideCancel(command, spoken, deps)
  if (decision.kind !== 'willing') throw new Error(decision.kind)
  const outcome = await decision.carryOut(deps)
  return { written, saved, markdown: outcome.kind === 'answered' ? outcome.markdown : '' }
}

it('waits while it is being opened', async () => {
  await expect(cancelled('2026-11-24T10:00:05Z')).rejects.toThrow('is being opened')
})

it('does not wait for ever: the pull request that was left is found, and closed', async () => {
  const { written, saved, markdown } = await cancelled('2026-11-24T10:05:00Z')
  expect(saved).toMatchObject({
    stage: { at: 'cancelled', act: 'command' },
    pullRequest: { id: 'PR_3', headSha: HEAD },
  })
  expect(written).toEqual([{ kind: 'close-pull-request', pullRequestId: 'PR_3' }])
  expect(markdown).toContain('[promotion PR 3](https://github.com/acme/ml-config/pull/3) is closed')
})

const failing = { ok: false, type: 'INTERNAL', message: 'Something went wrong' }

it('is repeated where GitHub fails to close it, and says so in the end', async () => {
  await expect(cancelled('2026-11-24T10:05:00Z', { answer: failing })).rejects.toThrow('did not close')
  const { markdown } = await cancelled('2026-11-24T10:05:00Z', { answer: failing, strideMs: 6 * 60_000 })
  expect(markdown).toContain('could not be closed (`system_unavailable`: Something went wrong): close it by hand.')
})

it('says at once that the App may not close it', async () => {
  const answer = { ok: false, type: 'FORBIDDEN', message: 'Resource not accessible by integration' }
  const { markdown } = await cancelled('2026-11-24T10:05:00Z', { answer })
  expect(markdown).toContain('could not be closed (`not_allowed`: Resource not accessible by integration)')
})
