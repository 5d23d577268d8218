/** When a merge to the default branch is believed to be what GitHub shows of it: reads lag behind events, and replicas' clocks differ. */
import { beforeEach, expect, it } from 'vitest'
import { type CommitSha, parseCommitSha, parseRepoName } from '../../src/domain/ids.ts'
import { beginReleases } from '../../src/services/begin-releases.ts'
import type { Deps } from '../../src/services/deps.ts'
import { rememberMerge } from '../../src/services/heard-merge.ts'
import type { Publication } from '../../src/services/ledger.ts'
import { known, parsedSettings } from '../domain/reference-settings.ts'

const repository = known(parseRepoName('acme/models'))
const sha = known(parseCommitSha('d'.repeat(40)))
const START = Date.parse('2026-11-24T09:00:00Z')

const world = {
  now: START,
  isThere: true,
  /** Whether it can be read yet that the pull request is merged. */
  isMerged: false,
  publications: new Map<string, Publication>(),
  /** In seconds after the start. */
  wakes: [] as number[],
  begun: [] as (number | undefined)[],
}

beforeEach(() => {
  Object.assign(world, { now: START, isThere: true, isMerged: false })
  for (const list of [world.wakes, world.begun]) list.length = 0
  world.publications.clear()
})

const merged = { number: 7, id: 'PR_7', headSha: sha, testMergeCommit: undefined, mergeCommit: sha, author: 'dave' }
const paths = ['models/churn/train.py']

/** One process, whose clock is that much ahead. */
function replica(aheadMs = 0): Deps {
  const view = () => (world.isMerged ? { state: 'merged' } : { state: 'open' })
  return {
    clock: { now: () => new Date(world.now + aheadMs) },
    github: {
      readLanded: async () => ({
        ...{ defaultBranch: 'main', tip: sha, onDefaultBranch: world.isThere, configFile: { oid: 'x', text: '' } },
        commits: [{ sha, parent: undefined, pullRequest: undefined, changedPaths: paths, depth: 1 }],
      }),
      readPullRequest: async () => ({
        ...{ ...merged, ...view(), headRef: 'topic', changedPaths: paths },
        ...{ baseRef: 'main', defaultBranch: 'main' },
      }),
    },
    ledger: {
      publication: async (key: string) => world.publications.get(key),
      savePublication: async (publication: Publication) => void world.publications.set(publication.key, publication),
      knownFile: async () => ({ oid: 'x', text: '' }),
      beginRelease: async ({ pullRequest }: { pullRequest: { number: number } | undefined }) =>
        void world.begun.push(pullRequest?.number),
    },
    hints: {
      wakeAt: async (_: unknown, at: Date) => void world.wakes.push((at.getTime() - aheadMs - START) / 1000),
      hint: async () => undefined,
    },
    parseConfig: () => ({ ok: true, settings: parsedSettings }),
  } as unknown as Deps
}

const look = (deps: Deps) => beginReleases({ kind: 'push', repository, sha: sha as CommitSha }, deps)

/** Looks as often as it asks to be woken. */
async function looks(deps: Deps, until = Number.POSITIVE_INFINITY): Promise<void> {
  await look(deps)
  for (let next = world.wakes.at(-1); next !== undefined && next <= until; next = world.wakes.at(-1)) {
    world.now = START + next * 1000
    const before = world.wakes.length
    await look(deps)
    if (world.wakes.length === before) return
  }
}

it('a push of which no merge was heard is believed at the second look', async () => {
  await looks(replica())
  expect(world).toMatchObject({ wakes: [10], begun: [undefined] })
})

it('a merge that was heard of is of its pull request as soon as that shows', async () => {
  const deps = replica()
  await rememberMerge({ repository, number: 7, sha }, deps)
  await looks(deps, 25)
  expect(world).toMatchObject({ wakes: [10, 25, 60], begun: [] })
  world.isMerged = true
  await look(deps)
  expect(world.begun).toEqual([7])
})

it('and is taken for a push after a minute in which nothing shows it', async () => {
  const deps = replica()
  await rememberMerge({ repository, number: 7, sha }, deps)
  await looks(deps)
  expect(world).toMatchObject({ wakes: [10, 25, 60], begun: [undefined] })
})

it.each([
  ['a push is not believed at the first look', true, [10, 10], []],
  ['a commit that is not there yet is looked for', false, [3, 3], []],
] as const)('by the clock of a replica that is two minutes ahead %s', async (_, isThere, wakes, begun) => {
  world.isThere = isThere
  await look(replica())
  await look(replica(120_000))
  expect(world).toMatchObject({ wakes, begun })
})

it('a replica that is ahead comes to an end', async () => {
  await look(replica())
  world.wakes.length = 0
  await looks(replica(120_000))
  expect(world).toMatchObject({ wakes: [10], begun: [undefined] })
})
