/** The table of what is reported on commits, and what it says about our rollout. */
import { describe, expect, it } from 'vitest'
import { assessReports, type CommitReport } from '../../src/domain/reported-readiness.ts'

const OURS = 'a'.repeat(40)
const LATER = 'b'.repeat(40)
const FOREIGN = 'c'.repeat(40)

const at = (minute: number, second = 0) => new Date(Date.UTC(2026, 10, 24, 9, minute, second))
const report = (state: CommitReport['state'], change: Partial<CommitReport> = {}): CommitReport => ({
  sha: OURS,
  state,
  word: state,
  by: 'argocd[bot]',
  at: at(5),
  description: undefined,
  url: undefined,
  ...change,
})

const assess = (reports: readonly CommitReport[], by = 'argocd[bot]', { isHidden = false, isAdopted = false } = {}) =>
  assessReports(reports, {
    isHidden,
    isAdopted,
    name: 'status argocd/churn-prod',
    by,
    revision: OURS,
    mergedAt: at(0),
    isOurs: (sha) => sha !== FOREIGN,
  })

/** `waiting not-seen`, `ready aaaaaaa`, `failed degraded`. */
const verdict = (reports: readonly CommitReport[], by?: string, isAdopted = false): string => {
  const readiness = assess(reports, by, { isAdopted })
  if (readiness.kind === 'ready') return `ready ${readiness.revision.slice(0, 7)}`
  return 'because' in readiness ? `${readiness.kind} ${readiness.because}` : readiness.kind
}

describe('our commit', () => {
  it.each([
    ['nothing is reported', [], 'waiting not-seen'],
    ['the sync runs', [report('pending')], 'waiting operation-running'],
    ['a deployment is queued', [report('queued')], 'waiting not-synced'],
    ['it is live', [report('success')], 'ready aaaaaaa'],
    ['the sync failed', [report('failure', { word: 'error' })], 'failed degraded'],
    ['it is degraded', [report('failure')], 'failed degraded'],
    ['another deployment took its place', [report('inactive')], 'waiting out-of-sync'],
    ['somebody else reports it live', [report('success', { by: 'bob' })], 'waiting not-seen'],
    ['somebody else reports it failed', [report('failure', { by: 'bob' })], 'waiting not-seen'],
    ['an App of another slug', [report('success', { by: 'argocd-fake[bot]' })], 'waiting not-seen'],
    ['a person with the login of the App', [report('success', { by: 'argocd' })], 'waiting not-seen'],
    ['an account that is gone', [report('success', { by: undefined })], 'waiting not-seen'],
    ['long before its merge', [report('success', { at: new Date(at(0).getTime() - 121_000) })], 'waiting not-seen'],
    ['by a clock that is behind', [report('success', { at: new Date(at(0).getTime() - 119_000) })], 'ready aaaaaaa'],
  ] as const)('%s', (_, reports, expected) => {
    expect(verdict(reports)).toBe(expected)
  })

  it.each([
    ['live before it was adopted', [report('success', { at: at(-50) })], 'ready aaaaaaa'],
    ['by somebody else', [report('success', { at: at(-50), by: 'bob' })], 'waiting not-seen'],
    ['it had failed, and is tried again', [report('failure', { at: at(-50) })], 'waiting not-seen'],
    [
      'a later commit is newer',
      [report('failure', { sha: LATER }), report('success', { at: at(-50) })],
      'failed degraded',
    ],
  ] as const)('that Git held already: %s', (_, reports, expected) => {
    expect(verdict(reports, undefined, true)).toBe(expected)
  })

  it('logins are the same in any case', () => {
    expect(verdict([report('success', { by: 'ArgoCD[bot]' })])).toBe('ready aaaaaaa')
    expect(verdict([report('success', { by: 'argocd[bot]' })], 'ARGOCD[bot]')).toBe('ready aaaaaaa')
  })
})

it('the words of the reporter are not told where more people read than the config repository', () => {
  const failed = report('failure', { description: 'secret key "db" not found', url: 'https://argocd.acme.internal/x' })
  expect(assess([failed])).toMatchObject({ detail: expect.stringContaining('secret key') })
  const hidden = { detail: 'the status argocd/churn-prod by argocd[bot] is failure' }
  expect(assess([failed], undefined, { isHidden: true })).toMatchObject(hidden)
  expect(assess([{ ...failed, state: 'pending' }], undefined, { isHidden: true })).toMatchObject(hidden)
})

describe('a later commit of the branch', () => {
  const later = (state: CommitReport['state'], change: Partial<CommitReport> = {}) =>
    report(state, { sha: LATER, at: at(8), ...change })
  it.each([
    ['is live, and ours was never told of', [later('success')], 'ready bbbbbbb'],
    ['is live, and ours was', [later('success'), report('success')], 'ready bbbbbbb'],
    ['is being synced, over ours', [later('pending'), report('success')], 'waiting operation-running'],
    ['failed, after ours was live', [later('failure'), report('success')], 'failed degraded'],
    ['failed before ours was told of again', [later('failure'), report('success', { at: at(9) })], 'ready aaaaaaa'],
    ['in the same second as ours', [later('failure', { at: at(5) }), report('success')], 'failed degraded'],
    ['is live without our values', [later('success', { sha: FOREIGN })], 'waiting not-seen'],
    [
      'is live without our values, over ours',
      [later('success', { sha: FOREIGN }), report('success')],
      'waiting not-seen',
    ],
    ['is reported by somebody else', [later('failure', { by: 'bob' }), report('success')], 'ready aaaaaaa'],
  ] as const)('%s', (_, reports, expected) => {
    expect(verdict(reports)).toBe(expected)
  })
})

describe('in words', () => {
  it.each([
    [[], 'there is no status argocd/churn-prod by argocd[bot] on aaaaaaa yet'],
    [[report('success', { by: 'bob' })], 'the status argocd/churn-prod on aaaaaaa is by bob, not by argocd[bot]'],
    [
      [report('failure', { word: 'error', description: 'hook failed', url: 'https://argo.example.com/churn' })],
      'the status argocd/churn-prod by argocd[bot] is error: hook failed (https://argo.example.com/churn)',
    ],
    [[report('pending', { description: '' })], 'the status argocd/churn-prod by argocd[bot] is pending'],
  ] as const)('%#', (reports, expected) => {
    expect(assess(reports)).toMatchObject({ detail: expected })
  })
})
