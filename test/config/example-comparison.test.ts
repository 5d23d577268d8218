/** The example with a model for each source of metrics: it loads, nothing in it is idle, and its policy grants what it reads. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parsePolicy } from '../../src/config/policy-file.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseRepoName } from '../../src/domain/ids.ts'
import { mayUse, type Need } from '../../src/domain/server-policy.ts'

const read = (file: string): string => readFileSync(`examples/comparison/${file}`, 'utf8')

it('loads without an error, a warning or an idle key', () => {
  const parsed = parseRepoConfig(read('.github/lockkeeper.yml'), { file: 'lockkeeper.yml' })
  expect(parsed.ok ? parsed.notices : parsed.problems).toEqual([])
  const kinds = parsed.ok ? [...parsed.settings.models.values()].map(({ candidate }) => candidate?.kind) : []
  expect(kinds).toEqual(['mlflow', 'dvc', 'document', 'document', 'wandb'])
})

it('comes with a policy that grants what it reads, and not more', () => {
  const parsed = parsePolicy(read('policy.yml'), { file: 'policy.yml' })
  const repository = parseRepoName('acme/models')
  if (!parsed.ok || repository === undefined) throw new Error(JSON.stringify(parsed))
  const allowed = (need: Need): boolean => mayUse(parsed.policy, repository, need).allowed
  const granted: readonly Need[] = [
    { kind: 'mlflow', server: 'default', experiment: 'churn' },
    { kind: 'mlflow', server: 'default', model: 'churn' },
    { kind: 'bucket', uri: 's3://acme-metrics/forecast/champion.json' },
    { kind: 'wandb', project: 'acme/search' },
  ]
  expect(granted.map(allowed)).toEqual([true, true, true, true])
  expect(allowed({ kind: 'mlflow', server: 'default', experiment: 'fraud' })).toBe(false)
  expect(allowed({ kind: 'bucket', uri: 's3://acme-metrics/other/champion.json' })).toBe(false)
})
