/** Approvals in PostgreSQL: one per person and head, and none of what has moved on. */
import { expect, it } from 'vitest'
import type { CommitSha, EnvironmentName, ModelName, RepoName } from '../../src/domain/ids.ts'
import type { Promotion, Stage } from '../../src/domain/promotion.ts'
import type { Approval } from '../../src/services/ledger.ts'
import { ledgerBench } from '../support/ledger.ts'

const repository = 'acme/models' as RepoName
const HEAD = 'a'.repeat(40) as CommitSha
const OTHER = 'b'.repeat(40) as CommitSha
const pullRequest = {
  id: 'PR_1',
  number: 1,
  url: 'https://github.com/acme/ml-config/pull/1',
  headSha: HEAD,
}
const at = new Date('2026-11-24T10:00:00Z')

const bench = ledgerBench({ per: 'file' })
let count = 0

const OPENED: Stage = { at: 'opened', pullRequest, openedAt: at.toISOString() }

async function promoted(stage: Stage = OPENED): Promise<Promotion> {
  count += 1
  const promotion: Promotion = {
    ...{ repository, model: 'churn' as ModelName, environment: `env${count}` as EnvironmentName, id: `pro-${count}` },
    ...{ kind: 'promotion', release: undefined, label: 'v1', via: { kind: 'automation' }, leaves: undefined },
    ...{
      restore: [],
      thread: 1,
      asked: undefined,
      createdAt: at.toISOString(),
      changes: [],
      pullRequest: stage.at === 'proposed' ? undefined : pullRequest,
      stage,
    },
  }
  await bench.ledger.propose(promotion, undefined)
  return promotion
}

const by = (commentId: number) => ({ repository, commentId })
const approval = ({ id }: Promotion, login: string, { head = HEAD, comment = 1 } = {}): Approval => ({
  ...{ promotion: id, head, login, by: by(comment), at },
})

const approve = (one: Approval) =>
  bench.ledger.approve(one, { at, actor: one.login, action: 'approve', subject: one.promotion, detail: {} })

it('is audited once, and only where it counts', async () => {
  const promotion = await promoted()
  await approve(approval(promotion, 'bob'))
  await approve(approval(promotion, 'bob'))
  await approve(approval(promotion, 'carol', { head: OTHER }))
  const entries = await bench.database.db
    .selectFrom('audit')
    .select('actor')
    .where('subject', '=', promotion.id)
    .execute()
  expect(entries).toEqual([{ actor: 'bob' }])
})

it('counts a person once for a head, and again for another person', async () => {
  const promotion = await promoted()
  expect(await approve(approval(promotion, 'bob'))).toBe('approved')
  expect(await approve(approval(promotion, 'bob', { comment: 2 }))).toBe('known')
  expect(await approve(approval(promotion, 'carol', { comment: 3 }))).toBe('approved')
  expect(await bench.ledger.approvals(promotion.id)).toEqual([
    approval(promotion, 'bob'),
    approval(promotion, 'carol', { comment: 3 }),
  ])
  expect(await bench.ledger.approvalsBy(by(3))).toEqual([approval(promotion, 'carol', { comment: 3 })])
})

it('two at the same moment are one', async () => {
  const promotion = await promoted()
  const answers = await Promise.all([4, 5, 6].map((comment) => approve(approval(promotion, 'bob', { comment }))))
  expect(answers.toSorted()).toEqual(['approved', 'known', 'known'])
})

it.each<[string, Stage]>([
  ['cancelled', { at: 'cancelled', endedAt: at.toISOString(), reason: 'it is over' }],
  ['merged', { at: 'syncing', revision: HEAD, mergedAt: '', mergedBy: undefined, blocked: undefined }],
])('adds nothing to what is %s', async (_, stage) => {
  const promotion = await promoted(stage)
  expect(await approve(approval(promotion, 'bob'))).toBe('moved')
  expect(await bench.ledger.approvals(promotion.id)).toEqual([])
})

it('adds nothing to another head', async () => {
  const promotion = await promoted()
  expect(await approve(approval(promotion, 'bob', { head: OTHER }))).toBe('moved')
})

it('without a pull request it is bound to the promotion itself', async () => {
  const promotion = await promoted({ at: 'proposed' })
  const given: Approval = { ...approval(promotion, 'bob'), head: undefined }
  expect(await approve(given)).toBe('approved')
  expect(await bench.ledger.approvals(promotion.id)).toEqual([given])
  expect(await approve(approval(promotion, 'carol'))).toBe('moved')
})
