/** What a command read is handed on: to its own promotion, once, and not when anything came in between. */
import { expect, it } from 'vitest'
import type { EnvironmentName, ModelName, ReleaseId, RepoName } from '../../src/domain/ids.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import { forgetHandedOver, handOver, takeOver } from '../../src/services/hand-over.ts'
import type { GitHubReads } from '../../src/services/ports.ts'
import type { PromotionContext } from '../../src/services/promotion-context.ts'

const wish: Promotion = {
  repository: 'acme/models' as RepoName,
  model: 'churn' as ModelName,
  environment: 'prod' as EnvironmentName,
  id: 'pro-1',
  kind: 'promotion',
  release: 'rel-1' as ReleaseId,
  label: 'v12',
  via: { kind: 'deploy', by: 'alice' },
  leaves: undefined,
  restore: [],
  thread: 1,
  asked: undefined,
  createdAt: '2026-11-24T09:00:00.000Z',
  changes: [],
  pullRequest: undefined,
  stage: { at: 'proposed' },
}
const connection = () => ({ appLogin: 'lockkeeper[bot]' }) as GitHubReads
const context = (readAt: number) => ({ readAt }) as PromotionContext

it('is given once to the promotion that it was read for, however the ledger wrote that down', () => {
  const github = connection()
  const read = context(1)
  handOver(wish, read, github)
  expect(takeOver({ ...wish, edition: 1, via: { by: 'alice', kind: 'deploy' } }, github)).toBe(read)
  expect(takeOver(wish, github)).toBeUndefined()
})

it.each<[string, Partial<Promotion>]>([
  ['another promotion', { id: 'pro-2' }],
  ['another release', { release: 'rel-2' as ReleaseId }],
  ['another asker', { via: { kind: 'deploy', by: 'mallory' } }],
  ['another way to ask', { via: { kind: 'force', by: 'alice', reason: 'now', rules: [] } }],
  ['one whose opening was interrupted', { stage: { at: 'proposed', openingSince: '2026-11-24T09:00:01.000Z' } }],
  ['one that waits for the commits of a person', { stage: { at: 'proposed', waitsFor: { number: 3, url: '' } } }],
  ['one that is made anew', { rebuilt: { at: '', because: '', openedAt: '' } }],
])('is not given to %s', (_, change) => {
  const github = connection()
  handOver(wish, context(1), github)
  expect(takeOver({ ...wish, ...change }, github)).toBeUndefined()
})

it('is not given to another connection, nor after a configuration was pushed', () => {
  const github = connection()
  handOver(wish, context(1), github)
  expect(takeOver(wish, connection())).toBeUndefined()
  forgetHandedOver(github)
  expect(takeOver(wish, github)).toBeUndefined()
})

it('keeps sixteen, the newest', () => {
  const github = connection()
  const ids = Array.from({ length: 17 }, (_, index) => `pro-${index}`)
  for (const id of ids) handOver({ ...wish, id }, context(1), github)
  const kept = ids.filter((id) => takeOver({ ...wish, id }, github) !== undefined)
  expect(kept).toEqual(ids.slice(1))
})
