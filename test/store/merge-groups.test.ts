/** What is remembered of merge queues' heads, and what check runs were told. */
import { expect, it } from 'vitest'
import { type CommitSha, parseRepoName } from '../../src/domain/ids.ts'
import type { SaidOfCheck } from '../../src/services/ledger.ts'
import type { MergeGroupRecord } from '../../src/services/ports.ts'
import { createMergeGroups } from '../../src/store/merge-groups.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { ledgerBench } from '../support/ledger.ts'

const bench = ledgerBench({ per: 'file' })

const HEAD = sha('4ead')
const DAY = 86_400_000
const NOON = Date.parse('2026-11-24T12:00:00Z')

function group(commit: string, askedAt: number, headSha: CommitSha | undefined = HEAD): MergeGroupRecord {
  const repository = parseRepoName('acme/models')
  if (repository === undefined) throw new Error('no name')
  return {
    repository,
    sha: sha(commit),
    repositoryId: 'R_1',
    pullRequest: headSha && { number: 3, headSha, url: 'https://github.test/acme/models/pull/3' },
    checks: [{ name: 'lockkeeper', kind: 'follows', publication: 'key' }],
    askedAt: new Date(askedAt).toISOString(),
  }
}

it('heads are found by their commit and by the pull request that they stand for, until they are old', async () => {
  const groups = createMergeGroups(bench.database.db)
  const [old, first, second] = [group('01', NOON - 2 * DAY), group('02', NOON), group('03', NOON + 1000)]
  const nameless = { ...group('04', NOON), pullRequest: undefined }
  for (const each of [old, second, first, first, nameless]) await groups.remember(each, new Date(NOON - 7 * DAY))
  expect(await groups.find(first.repository, first.sha)).toEqual(first)
  expect(await groups.find(first.repository, nameless.sha)).toEqual({ ...nameless, pullRequest: undefined })
  expect(await groups.following(HEAD, new Date(NOON - DAY))).toEqual([first, second])
  await groups.remember(second, new Date(NOON - DAY))
  expect(await groups.find(old.repository, old.sha)).toBeUndefined()
})

it('what a check run was told is kept with its publication, until it is told something else', async () => {
  const said: SaidOfCheck = { status: 'completed', conclusion: 'success', title: 'better' }
  const publication = { key: 'k', nodeId: 'CR_1', hash: 'h', intendedAt: undefined }
  await bench.ledger.savePublication({ ...publication, said })
  expect(await bench.ledger.publication('k')).toEqual({ ...publication, said })
  await bench.ledger.savePublication(publication)
  expect((await bench.ledger.publication('k'))?.said).toBeUndefined()
})
