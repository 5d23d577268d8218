/** Sentences about a rollout name the engine that the environment has, whichever it is. */
import { expect, it } from 'vitest'
import { stageSentence, whenUnsynced } from '../../src/comments/rollout.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseCommitSha, parseEnvironmentName, parseModelName, parseRepoName } from '../../src/domain/ids.ts'
import type { Promotion } from '../../src/domain/promotion.ts'

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a fixture that does not parse')
  return value
}

const AT = '2026-11-24T09:00:00Z'
const revision = known(parseCommitSha('c'.repeat(40)))

function merged(sync: string): Promotion {
  const text = `version: 1
models: { churn: { candidate: { file: m.json }, gates: { auc: { goal: maximize, min: 0.8 } } } }
environments: { prod: { repository: acme/ml-config, edit: [{ file: f, yaml: { a: "x" } }], sync: ${sync} } }
`
  const parsed = parseRepoConfig(text, { file: 'f' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const environment = known([...parsed.settings.environments.values()][0])
  const model = known([...parsed.settings.models.values()][0])
  return {
    repository: known(parseRepoName('acme/models')),
    model: known(parseModelName('churn')),
    environment: known(parseEnvironmentName('prod')),
    id: 'pro-1',
    kind: 'promotion',
    release: undefined,
    label: 'v12',
    via: { kind: 'automation' },
    leaves: undefined,
    restore: [],
    thread: 7,
    asked: undefined,
    createdAt: AT,
    changes: [],
    pullRequest: { id: 'PR_1', number: 3, url: 'https://github.com/acme/ml-config/pull/3', headSha: revision },
    stage: { at: 'syncing', mergedAt: AT, mergedBy: undefined, blocked: undefined, revision },
    watch: { model, environment },
  }
}

it.each([
  ['{ argocd: { application: churn } }', 'Argo CD'],
  ['{ flux: { kustomization: churn } }', 'Flux'],
  ['{ fleet: { git_repo: ml-config } }', 'Fleet'],
  ['{ reported: { commit_status: churn, by: alice } }', 'the GitOps engine'],
])('%s', (sync, engine) => {
  const promotion = merged(sync)
  expect(stageSentence(promotion)).toBe(
    `[promotion PR 3](https://github.com/acme/ml-config/pull/3) is merged, waits for ${engine} to sync \`ccccccc\``,
  )
  expect(whenUnsynced(promotion)).toBe(
    `Its commit is in Git and goes live whenever ${engine} syncs; it is proven then, by itself. \`/rollback prod\` takes it out.`,
  )
})
