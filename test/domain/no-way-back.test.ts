/** Why `/rollback` finds nowhere to go: every state says what is so, and the exact next step. */
import { expect, test } from 'vitest'
import { whyNoWayBack } from '../../src/domain/no-way-back.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import { CONFIG, failed, promotion, verified } from './outcome-history.ts'
import { PROD } from './reference-settings.ts'

const why = (leaving: Promotion | undefined, ...happened: readonly Promotion[]) => {
  const { message, act } = whyNoWayBack(leaving, { history: happened.toReversed(), environment: PROD, into: CONFIG })
  return `${message}. ${act}.`
}
const v12 = promotion('v12', verified(0))
const adopted = { ...v12, changes: [] }
const asFound = promotion('as found', verified(90), { kind: 'rollback', release: undefined, leaves: v12.release })

test.each<[string, Promotion | undefined, readonly Promotion[], string]>([
  [
    'nothing of ours',
    undefined,
    [],
    'Lockkeeper has not put anything into prod yet, so there is nothing to go back to. `/deploy prod` puts a first release there; what stands there now goes back by a revert in acme/ml-config.',
  ],
  [
    'written elsewhere',
    v12,
    [],
    'nothing of prod was put into acme/ml-config yet, and what was proven elsewhere is no way back there. `/deploy prod` proposes a release there.',
  ],
  [
    'one adopted release',
    adopted,
    [adopted],
    'no earlier release was verified in prod: v12 is the only release that was verified, and its values stood in the files before Lockkeeper came. `/deploy prod` takes another release there; or revert in acme/ml-config.',
  ],
  [
    'one adopted and unverified',
    { ...adopted, stage: failed() },
    [{ ...adopted, stage: failed() }],
    'no earlier release was verified in prod: v12 was never verified, and neither was anything before it, and its values stood in the files before Lockkeeper came. `/deploy prod` takes another release there; or revert in acme/ml-config.',
  ],
  [
    'only a bad one is left',
    asFound,
    [v12, asFound],
    'prod runs what was found before the first promotion, and v12 was verified in prod, but it is bad there: it failed since, or a rollback left it. If one is right all the same, name it: `/rollback prod to v12`; else `/deploy prod` takes a mended release there.',
  ],
  [
    'as found, and nothing else',
    promotion('as found', verified(90), { kind: 'rollback', release: undefined }),
    [promotion('v12', failed()), asFound],
    'prod runs what was found before the first promotion already, and nothing older is known. `/deploy prod` takes a mended release there; or revert in acme/ml-config.',
  ],
])('%s', (_, leaving, happened, words) => {
  expect(why(leaving, ...happened)).toBe(words)
})
