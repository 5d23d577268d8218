/** What a refusal tells where more people can read it than the config repository. */
import { expect, test } from 'vitest'
import { withoutContent } from '../../src/domain/promotion-admission.ts'
import type { Plan } from '../../src/domain/promotion-plan.ts'
import { prod } from './reference-settings.ts'

const refused = (message: string): Plan => ({
  kind: 'refused',
  code: 'manifest_refused',
  message,
  hint: 'Its keys are x.',
})

test.each([
  ['`a/values.yaml:2:1`: the document has no key `x`', '`a/values.yaml:2:1` of acme/ml-config cannot be edited safely'],
  ['something else', 'a file of acme/ml-config cannot be edited safely'],
])('a refusal by the editor (%s) keeps its place, and nothing of the file', (message, told) => {
  expect(withoutContent(refused(message), prod)).toEqual({
    kind: 'refused',
    code: 'manifest_refused',
    message: told,
    hint: expect.stringMatching(/^Why is not told here/),
  })
})

test.each<Plan>([
  { kind: 'unchanged' },
  { kind: 'planned', files: [], changes: [] },
  { kind: 'refused', code: 'manifest_missing', message: '`a.yaml` does not exist', hint: 'Add it.' },
])('everything else stays ($kind)', (plan) => {
  expect(withoutContent(plan, prod)).toBe(plan)
})
