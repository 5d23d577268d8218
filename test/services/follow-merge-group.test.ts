/** What a merge queue's head is told over its life, and that neither crash nor repetition doubles it. The whole way: test/scenarios/merge-queue.test.ts. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import type { CommitSha } from '../../src/domain/ids.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import type { Subject } from '../../src/domain/subject.ts'
import type { Deps } from '../../src/services/deps.ts'
import { followMergeGroup, wakeMergeGroups } from '../../src/services/follow-merge-group.ts'
import type { Publication, SaidOfCheck } from '../../src/services/ledger.ts'
import type { CheckRunOutput, GitHubWrite, GitHubWriteResult, MergeGroupRecord } from '../../src/services/ports.ts'
import { comparisonCheckKey, promotionCheckKey } from '../../src/services/publish-check.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { silentLog } from '../support/log.ts'
import { CONFIG, fileOf, HEAD, pullRequest, repository } from './comparison-world.ts'

const GROUP = sha('9409')
const HOUR = 3_600_000
const ACCEPTS = `version: 1
accepts:
  - from: acme/models
    paths: ["prod/**"]
`
type MergeGroup = Extract<Subject, { kind: 'merge-group' }>

const SUCCESS: SaidOfCheck = { status: 'completed', conclusion: 'success', title: 'churn: better' }
const FAILURE: SaidOfCheck = { status: 'completed', conclusion: 'failure', title: 'churn: worse' }
const PENDING: SaidOfCheck = { status: 'in_progress', conclusion: undefined, title: 'churn: waiting for train' }

/** GitHub and the ledger in memory. `said`: what the pull request's own check run was told last. */
function createQueue(said?: SaidOfCheck) {
  const publications = new Map<string, Publication>()
  const groups = new Map<string, MergeGroupRecord>()
  const queue = {
    view: pullRequest() as ReturnType<typeof pullRequest> | undefined,
    now: new Date('2026-03-03T10:00:00Z'),
    promotion: undefined as Pick<Promotion, 'pullRequest'> | undefined,
    checks: new Map<string, { readonly name: string; readonly headSha: CommitSha; readonly output: CheckRunOutput }>(),
    calls: [] as string[],
    hinted: [] as Subject[],
    wakes: [] as Date[],
    /** Called after each write; may throw: the crash between an effect and its record. */
    afterWrite: () => {},
    says: (key: string, what: SaidOfCheck | undefined) =>
      void publications.set(key, { key, nodeId: 'CR_0', hash: 'h', intendedAt: undefined, said: what }),
    follow: (number: number | undefined = 1): Promise<void> => {
      const subject: MergeGroup = { kind: 'merge-group', repository, sha: GROUP, number }
      return followMergeGroup(subject, depsOf(queue, { publications, groups }))
    },
    wake: () =>
      wakeMergeGroups({ kind: 'pull-request', repository, number: 1 }, depsOf(queue, { publications, groups })),
    /** The check runs on the head, as `name conclusion: title`. */
    shown: () =>
      [...queue.checks.values()].map(
        ({ name, output }) => `${name} ${output.conclusion ?? output.status}: ${output.title}`,
      ),
  }
  if (said !== undefined) queue.says(comparisonCheckKey({ repository, number: 1, headSha: HEAD }), said)
  return queue
}

type Queue = ReturnType<typeof createQueue>
type Stores = {
  readonly publications: Map<string, Publication>
  readonly groups: Map<string, MergeGroupRecord>
}

function depsOf(queue: Queue, { publications, groups }: Stores): Deps {
  const deps = {
    github: {
      readPullRequest: async () => {
        queue.calls.push('readPullRequest')
        return queue.view
      },
      readPromotionWorld: async () => ({ config: { repositoryId: 'R_1', configFile: fileOf(CONFIG) } }),
      findCheckRun: async (_: string, headSha: CommitSha, name: string) => {
        const found = [...queue.checks].findLast(([, check]) => check.headSha === headSha && check.name === name)
        return found && { id: found[0], isCompleted: found[1].output.status === 'completed' }
      },
      write: async (_: string, writes: readonly GitHubWrite[]) => {
        queue.calls.push(writes.map(({ kind }) => kind).join(' '))
        const results = writes.map((write) => perform(queue, write))
        queue.afterWrite()
        return results
      },
    },
    ledger: {
      publication: async (key: string) => publications.get(key),
      savePublication: async (publication: Publication) => void publications.set(publication.key, publication),
      promotionOfPullRequest: async () => queue.promotion,
    },
    comparisons: { get: async () => ({ headSha: HEAD }) },
    mergeGroups: {
      find: async (_: string, commit: CommitSha) => groups.get(commit),
      remember: async (record: MergeGroupRecord) => void groups.set(record.sha, record),
      following: async (headSha: CommitSha) =>
        [...groups.values()].filter((group) => group.pullRequest?.headSha === headSha),
    },
    hints: {
      hint: async (subject: Subject) => void queue.hinted.push(subject),
      wakeAt: async (_: Subject, at: Date) => void queue.wakes.push(at),
    },
    clock: { now: () => queue.now },
    log: silentLog,
    parseConfig: parseRepoConfig,
  }
  return deps as unknown as Deps
}

function perform(queue: Queue, write: GitHubWrite): GitHubWriteResult {
  const nothing = { number: undefined, url: undefined, sha: undefined }
  if (write.kind === 'create-check-run') {
    const id = `CR_${queue.checks.size + 1}`
    queue.checks.set(id, { name: write.name, headSha: write.headSha, output: write.output })
    return { ok: true, id, ...nothing }
  }
  if (write.kind !== 'update-check-run') throw new Error(`not expected: ${write.kind}`)
  const known = queue.checks.get(write.checkRunId)
  if (known === undefined) throw new Error('no such check run')
  if (known.output.status === 'completed' && write.output.status !== 'completed') throw new Error('cannot be reopened')
  queue.checks.set(write.checkRunId, { ...known, output: write.output })
  return { ok: true, id: write.checkRunId, ...nothing }
}

describe('the head of a merge queue', () => {
  it.each([
    [SUCCESS, 'lockkeeper success: #1: churn: better'],
    [FAILURE, 'lockkeeper failure: #1: churn: worse'],
    [PENDING, 'lockkeeper in_progress: Waits for the check run of #1'],
  ])('is told what the pull request was told (%o), in one read and one write', async (said, shown) => {
    const queue = createQueue(said)
    await queue.follow()
    expect(queue.shown()).toEqual([shown])
    expect(queue.calls).toEqual(['readPullRequest', 'create-check-run'])
  })

  it('follows what the pull request is told later, without reading again', async () => {
    const queue = createQueue(PENDING)
    await queue.follow()
    for (const said of [PENDING, SUCCESS, SUCCESS, FAILURE]) {
      queue.says(comparisonCheckKey({ repository, number: 1, headSha: HEAD }), said)
      await queue.follow()
    }
    expect(queue.shown()).toEqual(['lockkeeper failure: #1: churn: worse'])
    expect(queue.calls).toEqual(['readPullRequest', 'create-check-run', 'update-check-run', 'update-check-run'])
  })

  it('is opened anew with the pull request, since GitHub reopens nothing', async () => {
    const queue = createQueue(SUCCESS)
    await queue.follow()
    queue.says(comparisonCheckKey({ repository, number: 1, headSha: HEAD }), PENDING)
    await queue.follow()
    expect(queue.shown()).toEqual([
      'lockkeeper success: #1: churn: better',
      'lockkeeper in_progress: Waits for the check run of #1',
    ])
  })

  it('fails when nothing was judged for as long as any queue waits', async () => {
    const queue = createQueue(PENDING)
    await queue.follow()
    expect(queue.wakes).toEqual([new Date(queue.now.getTime() + 6 * HOUR)])
    queue.now = new Date(queue.now.getTime() + 6 * HOUR)
    await queue.follow()
    expect(queue.shown()).toEqual(['lockkeeper failure: The check run of #1 was not completed in time'])
  })

  it('has the pull request looked at when that one was never told anything, and only once', async () => {
    const queue = createQueue()
    await queue.follow()
    await queue.follow()
    expect(queue.hinted).toEqual([{ kind: 'pull-request', repository, number: 1 }])
    expect(queue.shown()).toEqual(['lockkeeper in_progress: Waits for the check run of #1'])
  })

  it('has the pull request looked at, too, when an older version did not remember what it said', async () => {
    const queue = createQueue(SUCCESS)
    queue.says(comparisonCheckKey({ repository, number: 1, headSha: HEAD }), undefined)
    await queue.follow()
    expect(queue.hinted).toEqual([{ kind: 'pull-request', repository, number: 1 }])
  })

  it('is woken by what happens to its pull request', async () => {
    const queue = createQueue(SUCCESS)
    await queue.wake()
    expect(queue.hinted).toEqual([])
    await queue.follow()
    await queue.wake()
    expect(queue.hinted).toEqual([{ kind: 'merge-group', repository, sha: GROUP, number: 1 }])
  })

  it('has one check run, also when the bot dies between writing it and remembering', async () => {
    const queue = createQueue(SUCCESS)
    queue.afterWrite = () => {
      throw new Error('killed')
    }
    await expect(queue.follow()).rejects.toThrow('killed')
    queue.afterWrite = () => {}
    await Promise.all([queue.follow(), queue.follow()])
    expect(queue.shown()).toEqual(['lockkeeper success: #1: churn: better'])
  })
})

describe('a check run that says nothing about the pull request is neutral', () => {
  it('where the branch names none', async () => {
    const queue = createQueue()
    queue.view = undefined
    await queue.follow(undefined)
    await queue.follow(7)
    expect(queue.shown()).toEqual(['lockkeeper neutral: No pull request to judge'])
  })

  it('where people change the config repository', async () => {
    const queue = createQueue()
    queue.view = pullRequest({ configFile: fileOf(ACCEPTS), headConfigFile: undefined })
    await queue.follow()
    expect(queue.shown()).toContain('lockkeeper/promotion neutral: Not a promotion')
  })

  it('where a person pushed to the branch of a promotion, which is theirs since', async () => {
    const queue = createQueue()
    queue.view = pullRequest({ configFile: fileOf(ACCEPTS), headConfigFile: undefined })
    queue.promotion = { pullRequest: { id: 'PR_1', number: 1, url: '', headSha: sha('beef') } }
    await queue.follow()
    expect(queue.shown()).toContain('lockkeeper/promotion neutral: Not a promotion')
  })

  it('where a promotion is in a repository that holds models, too', async () => {
    const queue = createQueue()
    queue.promotion = { pullRequest: { id: 'PR_1', number: 1, url: '', headSha: HEAD } }
    queue.says(promotionCheckKey(HEAD), { status: 'completed', conclusion: 'success', title: 'every rule holds' })
    await queue.follow()
    expect(queue.shown()).toEqual([
      'lockkeeper neutral: A promotion is not compared',
      'lockkeeper/promotion success: #1: every rule holds',
    ])
  })
})

describe('nothing is written', () => {
  it.each([
    ['where there is no configuration', { configFile: undefined, headConfigFile: undefined }],
    ['when the queue has done with it: merged', { state: 'merged' }],
    ['when the queue has done with it: closed', { state: 'closed' }],
  ] as const)('%s', async (_, changes) => {
    const queue = createQueue(SUCCESS)
    queue.view = pullRequest(changes)
    await queue.follow()
    expect(queue.calls).toEqual(['readPullRequest'])
  })
})
