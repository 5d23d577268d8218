/** What the approval of a canary's first step covers, and what somebody has to look at anew. */
import { describe, expect, it } from 'vitest'
import { approvedBefore } from '../../src/domain/approved-steps.ts'
import type { Change, Promotion } from '../../src/domain/promotion.ts'

const FILE = 'environments/prod/churn.yaml'
const SERVICE = 'InferenceService churn'
const SHARE = 'spec.predictor.canaryTrafficPercent'
const URI = 'spec.predictor.model.storageUri'

const change = (path: string, after: string, more: Partial<Change> = {}): Change => ({
  ...{ file: FILE, document: SERVICE, path, before: '' },
  ...{ after, ...more },
})
const FIRST = [change(URI, 's3://acme-models/churn/13'), change(SHARE, '10', { added: true })]

const before = (changes: readonly Change[], live: readonly Change[] | undefined = FIRST) =>
  approvedBefore({ canary: { approvedBy: ['bob'], live: live && { changes: live } }, changes } as unknown as Promotion)

describe('the approval of the first step covers', () => {
  it.each<[string, readonly Change[]]>([
    ['the next share', [change(SHARE, '50')]],
    ['the end of the share', [change(SHARE, '', { removed: true })]],
    [
      'the same value for the stable service in that file',
      [change(URI, 's3://acme-models/churn/13', { document: 'InferenceService churn-stable' })],
    ],
  ])('%s', (_, changes) => {
    expect(before(changes)).toEqual(['bob'])
  })
})

describe('somebody has to approve anew', () => {
  it.each<[string, readonly Change[]]>([
    ['another value, which an edit names by now', [change(SHARE, '50'), change(URI, 's3://elsewhere/model')]],
    [
      'the same value in a file that nobody saw',
      [change(URI, 's3://acme-models/churn/13', { file: 'environments/prod/fraud.yaml' })],
    ],
    ['the share of another service', [change(SHARE, '0', { document: 'InferenceService fraud' })]],
    ['another key that goes', [change('spec.predictor.minReplicas', '', { removed: true })]],
  ])('%s', (_, changes) => {
    expect(before(changes)).toEqual([])
  })

  it('the first step, whatever stands there', () => {
    expect(approvedBefore({ canary: { approvedBy: ['bob'] }, changes: [] } as unknown as Promotion)).toEqual([])
  })
})
