/** Whose releases are a model's champions, and what of them is drawn. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { championEnvironment, trendPoint } from '../../src/domain/champion.ts'
import type { CommitSha } from '../../src/domain/ids.ts'
import type { Release } from '../../src/domain/release.ts'

const environment = (rest: string): string =>
  `{ repository: acme/config, deploy: on-command, edit: [{ file: a.yaml, yaml: { tag: "{{ commit.sha }}" } }], sync: { argocd: { application: churn, namespace: argocd } }${rest} }`

const championOf = (baseline: string, environments: Readonly<Record<string, string>>): string | undefined => {
  const listed = Object.entries(environments).map(([name, rest]) => `  ${name}: ${environment(rest)}\n`)
  const text = `version: 1\nmodels:\n  churn: { candidate: { mlflow: { experiment: churn } }${baseline}, release: { image: "ghcr.io/acme/churn:{{ commit.sha }}" } }\n${listed.length === 0 ? '' : `environments:\n${listed.join('')}`}`
  const parsed = parseRepoConfig(text, { file: 'lockkeeper.yml' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const [model] = parsed.settings.models.values()
  return model && championEnvironment(model, parsed.settings.environments)
}
const ALIAS = ', baseline: { mlflow: { model: churn, alias: champion } }'
const MOVES = ', on_verified: { mlflow_alias: champion }'

describe('the environment of champions', () => {
  it.each([
    ['is the one that moves the alias of the baseline', ALIAS, { eu: MOVES, us: '', lab: '' }, 'eu'],
    [
      'is the last one where none moves it',
      ALIAS,
      { prod: ', after: staging', staging: ', after: dev', dev: '' },
      'prod',
    ],
    [
      'is the one that the baseline names',
      ', baseline: { environment: staging }',
      { staging: '', prod: ', after: staging' },
      'staging',
    ],
    ['is the last one without a baseline', '', { staging: '', prod: ', after: staging' }, 'prod'],
    ['is none where the model is promoted nowhere', ALIAS, {}, undefined],
  ])('%s', (_, baseline, environments, expected) => {
    expect(championOf(baseline, environments)).toBe(expected)
  })
})

it('a point of the trend has the gated metrics only, under the names that the gates have now', () => {
  const release = {
    modelVersion: '12',
    commit: 'a'.repeat(40) as CommitSha,
    metrics: { 'auc/segment:eu': 0.9, auc: 0.91, train_seconds: 7 },
  } as unknown as Release
  expect(trendPoint({ at: '2026-11-24T09:00:00Z', release }, ['auc', 'auc/segment=eu'])).toEqual({
    at: '2026-11-24T09:00:00Z',
    label: 'v12',
    metrics: { auc: 0.91, 'auc/segment=eu': 0.9 },
  })
})
