/** What Lockkeeper lets itself be led to by objects of Flux that a repository may write. Rollouts with Flux: test/scenarios/flux.test.ts. */
import { describe, expect, it } from 'vitest'
import type { Need } from '../../src/domain/server-policy.ts'
import { parseTemplate } from '../../src/domain/template.ts'
import type { Deps } from '../../src/services/deps.ts'
import { lookAtFlux } from '../../src/services/look-at-flux.ts'
import type { Synced } from '../../src/services/look-at-sync.ts'

const OURS = 'a'.repeat(40)
const OLD = 'b'.repeat(40)

const source = (namespace: string) => ({
  ...{ namespace, name: 'config', url: 'https://bot:hush@github.com/acme/ml-config', conditions: [] },
  ...{ revision: `main@sha1:${OLD}`, generation: 1, observedGeneration: 1, suspended: false },
})
const kustomization = (namespace: string, name: string, from: string) => ({
  ...{ namespace, name, generation: 1, observedGeneration: 1, suspended: false, conditions: [] },
  source: { kind: 'GitRepository', namespace: from, name: 'config' },
})
const release = {
  ...{ namespace: 'team-a', name: 'churn', generation: 1, observedGeneration: 1, suspended: false, conditions: [] },
  ...{ appliedBy: { namespace: 'team-b', name: 'fraud' }, chart: undefined, hasForeignValues: false },
}

/** What was read and patched, and the answer. team-a alone is granted. */
async function look(kind: 'Kustomization' | 'HelmRelease', objects: Readonly<Record<string, unknown>>) {
  const name = parseTemplate('churn')
  if (!name.ok) throw new Error('no template')
  const asked: string[] = []
  const deps = {
    mayUse: (_: unknown, need: Extract<Need, { readonly kind: 'flux' }>) =>
      need.namespace === 'team-a'
        ? { allowed: true }
        : { allowed: false, message: `not ${need.namespace}/${need.object}`, missingLine: '' },
    cluster: {
      read: async (what: string, at: { readonly namespace: string; readonly name: string }) => {
        const key = `${what} ${at.namespace}/${at.name}`
        asked.push(`read ${key}`)
        return objects[key] === undefined ? { kind: 'absent' } : { kind: 'found', object: objects[key] }
      },
      patch: async (what: string, at: { readonly namespace: string; readonly name: string }) => {
        asked.push(`patch ${what} ${at.namespace}/${at.name}`)
        return { kind: 'patched' }
      },
    },
    clock: { now: () => new Date() },
    github: { contains: async () => false },
  } as unknown as Deps
  const synced = {
    promotion: { id: 'pro-1', repository: 'acme/models', model: 'churn', environment: 'prod' },
    environment: { repository: 'acme/ml-config' },
    ...{ revision: OURS, mergedAt: '2026-11-24T09:00:00Z' },
  } as unknown as Synced
  const settings = { kind, name: name.template, namespace: 'team-a', cluster: undefined, reconcile: 'request' } as const
  return { readiness: await lookAtFlux(synced, settings, deps), asked }
}

describe('a HelmRelease whose labels name what another team has', () => {
  it('leads to nothing that the policy does not grant', async () => {
    const { readiness, asked } = await look('HelmRelease', {
      'HelmRelease team-a/churn': release,
      'Kustomization team-b/fraud': kustomization('team-b', 'fraud', 'team-b'),
    })
    expect(readiness).toEqual({ kind: 'blocked', detail: 'not team-b/fraud' })
    expect(asked).toEqual(['read HelmRelease team-a/churn'])
  })
})

describe('a source', () => {
  it.each([
    ['beside its Kustomization is told to look', 'team-a', ['patch GitRepository team-a/config']],
    ['of another namespace is told nothing', 'flux-system', []],
  ])('%s', async (_, namespace, patches) => {
    const { readiness, asked } = await look('Kustomization', {
      'Kustomization team-a/churn': kustomization('team-a', 'churn', namespace),
      [`GitRepository ${namespace}/config`]: source(namespace),
    })
    expect(readiness.kind).toBe('waiting')
    expect(asked.filter((one) => one.startsWith('patch'))).toEqual(patches)
  })

  it('of another repository is named without its credentials', async () => {
    const { readiness } = await look('Kustomization', {
      'Kustomization team-a/churn': kustomization('team-a', 'churn', 'team-a'),
      'GitRepository team-a/config': { ...source('team-a'), url: 'https://bot:hush@github.com/acme/other' },
    })
    expect(readiness).toMatchObject({
      kind: 'blocked',
      detail: expect.stringContaining('from https://github.com/acme/other'),
    })
  })
})
