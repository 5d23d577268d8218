/** What a promotion pull request is labelled with. */
import { expect, test } from 'vitest'
import { parseModelName } from '../../src/domain/ids.ts'
import { promotionLabels } from '../../src/domain/promotion-labels.ts'
import { CHURN, known, PROD } from './reference-settings.ts'

test('a promotion: what it is, of which model, for which environment', () => {
  const labels = promotionLabels({ kind: 'promotion', model: CHURN, environment: PROD })
  expect(labels).toEqual(['lockkeeper', 'model: churn', 'environment: prod'])
})

test('a rollback is told apart', () => {
  expect(promotionLabels({ kind: 'rollback', model: CHURN, environment: PROD })).toContain('rollback')
})

test('a name that is too long for a label is cut, since GitHub would refuse it', () => {
  const model = known(parseModelName('m'.repeat(63)))
  const [, label] = promotionLabels({ kind: 'promotion', model, environment: PROD })
  expect(label).toBe(`model: ${'m'.repeat(42)}…`)
  expect(label).toHaveLength(50)
})
