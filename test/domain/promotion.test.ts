/** Promotions by themselves: their ids and stages. What their history means: promotion-history.test.ts. */
import { describe, expect, it } from 'vitest'
import { parseRepoName } from '../../src/domain/ids.ts'
import {
  type EnvironmentKey,
  foundBefore,
  isActive,
  isMerged,
  livePromotion,
  type Promotion,
  promotionId,
  type Stage,
} from '../../src/domain/promotion.ts'
import { CHURN, known, PROD, STAGING } from './reference-settings.ts'

const key: EnvironmentKey = { repository: known(parseRepoName('acme/models')), model: CHURN, environment: PROD }
const stageAt = (at: Stage['at'], rest: object = {}): Stage => ({ at, ...rest }) as Stage
const promotion = (id: string, stage: Stage, before: readonly string[] = []): Promotion => ({
  ...key,
  id,
  kind: 'promotion',
  release: undefined,
  label: id,
  via: { kind: 'automation' },
  leaves: undefined,
  restore: [],
  thread: undefined,
  asked: undefined,
  createdAt: '2026-11-24T09:00:00Z',
  changes: before.map((value) => ({ file: 'f', path: 'p', document: undefined, before: value, after: 'new' })),
  pullRequest: undefined,
  stage,
})

describe('the id', () => {
  it('is the same for the same cause, so that a retry proposes nothing twice', () => {
    expect(promotionId(key, 'command 17')).toBe(promotionId({ ...key }, 'command 17'))
    expect(promotionId(key, 'command 17')).toMatch(/^pro-[0-9a-f]{16}$/)
  })

  it('is another one for another cause or place', () => {
    const ids = [promotionId(key, 'a'), promotionId(key, 'b'), promotionId({ ...key, environment: STAGING }, 'a')]
    expect(new Set(ids).size).toBe(3)
  })
})

it.each<[Stage['at'], boolean, boolean]>([
  ['proposed', true, false],
  ['opened', true, false],
  ['syncing', true, true],
  ['verifying', true, true],
  ['verified', false, false],
  ['failed', false, false],
  ['superseded', false, false],
  ['cancelled', false, false],
  ['refused', false, false],
])('%s: active %s, merged and under way %s', (at, active, merged) => {
  const one = promotion('a', stageAt(at))
  expect([isActive(one), isMerged(one)]).toEqual([active, merged])
})

describe('a history, newest first', () => {
  const verified = (id: string, verifiedAt: string, before?: readonly string[]) =>
    promotion(id, stageAt('verified', { verifiedAt }), before)

  it('what is live is what was verified last, whatever came after', () => {
    const history = [
      promotion('d', stageAt('failed')),
      verified('c', '2026-11-24T10:00:00Z'),
      verified('b', '2026-11-24T11:00:00Z'),
      promotion('a', stageAt('cancelled')),
    ]
    expect(livePromotion(history)?.id).toBe('b')
    expect(livePromotion(history.slice(3))).toBeUndefined()
  })

  it('what was found stood in the files before the first promotion that was merged', () => {
    const history = [
      verified('c', '2026-11-24T11:00:00Z', ['second']),
      verified('b', '2026-11-24T10:00:00Z', ['first']),
      promotion('a', stageAt('cancelled'), ['never merged']),
    ]
    expect(foundBefore(history).map(({ before }) => before)).toEqual(['first'])
    expect(foundBefore([])).toEqual([])
  })
})
