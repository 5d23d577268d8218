/** Since when a failure of a workload is the promotion's own. The rules of the kinds: test/domain/. */
import { expect, it, test } from 'vitest'
import { NOTHING_WRITTEN } from '../../src/domain/pod-template.ts'
import { parseTemplate } from '../../src/domain/template.ts'
import { isUnsettled } from '../../src/domain/workload-readiness.ts'
import type { Deps } from '../../src/services/deps.ts'
import { lookAtWorkloads } from '../../src/services/look-at-workloads.ts'
import { at, promotion, SYNCING } from '../domain/outcome-history.ts'
import { PROD, parsedSettings } from '../domain/reference-settings.ts'
import { MERGED, overdue } from '../domain/serving-fixture.ts'

const reference = parsedSettings.environments.get(PROD)
const name = parseTemplate('churn')
if (reference === undefined || !name.ok) throw new Error('the reference has changed')
const workloads = [{ kind: 'Deployment', name: name.template, namespace: 'prod' }] as const
const environment = { ...reference, verify: { ...reference.verify, workloads, kserve: undefined } }

/** What a deadline that was missed so many seconds after the merge says, by the cluster's clock. */
async function judged(kind: 'promotion' | 'rollback', seconds: number) {
  const missed = overdue(new Date(MERGED.getTime() + seconds * 1000))
  const deps = {
    clock: { now: () => new Date(at(10)) },
    mayUse: () => ({ allowed: true }),
    cluster: { read: async () => ({ kind: 'found', object: missed }) },
  } as unknown as Deps
  const moved = promotion('v12', SYNCING, { kind, changes: [] })
  const merged = { promotion: moved, release: undefined, environment, mergedAt: MERGED.toISOString() }
  const { fatal } = await lookAtWorkloads(merged, deps)
  return fatal === undefined ? 'waits' : 'failed'
}

it.each([
  ['rollback', 119, 'waits'],
  ['rollback', 121, 'failed'],
  ['promotion', 1, 'failed'],
  ['promotion', -1, 'waits'],
] as const)('a %s that finds a failure stamped %i seconds after its merge: %s', async (kind, seconds, expected) => {
  expect(await judged(kind, seconds)).toBe(expected)
})

test('a status that does not say which spec it is about is believed a minute after the merge, of a way back as well', () => {
  const after = (seconds: number) => new Date(MERGED.getTime() + seconds * 1000)
  const proof = { written: NOTHING_WRITTEN, since: after(120), mergedAt: MERGED }
  expect(isUnsettled({ ...proof, now: after(59) }, undefined)).toBe(true)
  expect(isUnsettled({ ...proof, now: after(61) }, undefined)).toBe(false)
})
