/** Who may, as refusals say it: several lists in one clause. Who really may: acceptance.test.ts and rights-matrix.test.ts. */
import { expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { type EnvironmentName, parseRepoName } from '../../src/domain/ids.ts'
import { mayDo } from '../../src/domain/rights.ts'
import type { EnvironmentSettings } from '../../src/domain/settings.ts'

const config = parseRepoName('acme/ml-config')
if (config === undefined) throw new Error('not a name')
const repositories = { model: config, config }

function environmentOf(people: string): EnvironmentSettings {
  const text = `version: 1
models: { churn: { candidate: { file: m.json }, baseline: { file: m.json } } }
environments:
  prod:
    ${people}
    repository: acme/ml-config
    edit: [{ file: a.yaml, yaml: { a: "{{ commit.sha }}" } }]
    sync: { argocd: { application: churn } }
`
  const parsed = parseRepoConfig(text, { file: 'f' })
  const found = parsed.ok ? parsed.settings.environments.get('prod' as EnvironmentName) : undefined
  if (found === undefined) throw new Error(JSON.stringify(parsed))
  return found
}

it.each([
  [
    'one of the deployers alone',
    'deployers: ["team:ml", "user:alice"]\n    force: { by: ["user:alice"], rules: [soak] }',
    'alice',
  ],
  ['the same people', 'deployers: ["user:alice"]\n    force: { by: ["user:alice"], rules: [soak] }', 'alice'],
  [
    'somebody else, too',
    'deployers: ["team:ml"]\n    force: { by: ["user:alice", "team:sre"], rules: [soak] }',
    'those of team ml who are also among alice, team sre',
  ],
  ['nobody', 'deployers: ["team:ml"]', 'nobody'],
])('whoever may force: %s', (_, people, said) => {
  expect(mayDo('force', undefined, { environment: environmentOf(people), repositories }).who).toBe(said)
})

it.each([
  ['who is among the deployers', 'alice', 'alice, bob'],
  ['who is not', 'carol', 'alice, bob; and carol'],
])('whoever asked for it may cancel it: %s, told once', (_, requester, said) => {
  const environment = environmentOf('deployers: ["user:alice", "user:bob"]')
  expect(mayDo('cancel', undefined, { environment, repositories, requester }).who).toBe(said)
})
