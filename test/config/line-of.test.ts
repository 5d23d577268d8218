/** Where the keys of a model stand in its file. */
import { expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'

const TEXT = `version: 1
models:
  churn:
    paths: ["**"]
    candidate: { file: metrics.json }
    gates: &shared
      "f1/segment=*": { goal: maximize, min: 0.5 }
      auc:
        goal: maximize
        min: 0.8
  ranking:
    paths: ["**"]
    candidate: { file: metrics.json }
    gates:
      <<: *shared
      ndcg: { goal: maximize, min: 0.3 }
`

it.each([
  ['churn', ['gates', 'auc'], 8],
  ['churn', ['gates', 'f1/segment=*'], 7],
  ['ranking', ['gates', 'ndcg'], 16],
  ['ranking', ['gates', 'auc'], 8],
  ['ranking', ['gates', 'gone'], 14],
  ['ranking', ['checks'], 11],
  ['fraud', ['gates', 'auc'], undefined],
])('%s %j is in line %s', (model, path, line) => {
  const parsed = parseRepoConfig(TEXT, { file: 'lockkeeper.yml' })
  expect(parsed.ok ? parsed.lineOf(model, path) : parsed.problems).toBe(line)
})
