/** The example of docs/guides/workloads.md, and what workloads an older version stored. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { workloadChecks } from '../../src/domain/settings.ts'
import { parseTemplate } from '../../src/domain/template.ts'

const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/guides/workloads.md', 'utf8')) ?? []

it('names every kind of workload, one or a list', () => {
  const parsed = parseRepoConfig(yaml, { file: 'workloads.md' })
  expect(parsed).toMatchObject({ ok: true, notices: [] })
  const [prod] = parsed.ok ? parsed.settings.environments.values() : []
  const checks = prod === undefined ? [] : workloadChecks(prod.verify)
  expect(checks.map(({ kind, name, cluster }) => [kind, name.source, cluster].join(' ').trim())).toEqual([
    'InferenceService churn',
    'Deployment gateway',
    'Deployment gateway-eu prod-eu',
    'StatefulSet embedder',
    'Rollout ranker',
    'LLMInferenceService chat',
  ])
})

it('an InferenceService that an older version stored is still asked about', () => {
  const parsed = parseTemplate('churn')
  if (!parsed.ok) throw new Error('a name is a template')
  const name = parsed.template
  const stored = { within: 1, for: 0, http: [], prometheus: [], kserve: { name, namespace: 'prod' } }
  expect(workloadChecks(stored)).toEqual([{ kind: 'InferenceService', name, namespace: 'prod' }])
  expect(workloadChecks({ within: 1, for: 0, http: [], prometheus: [] })).toEqual([])
})
