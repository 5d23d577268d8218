/** How a team says who reports its rollouts and which workflow tests them, and what is heard about mistakes in that. */
import { expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { environment, problemsOf } from './mistakes.ts'

const reported = (keys: string): string =>
  environment('').replace('{ argocd: { application: a } }', `{ reported: { ${keys} } }`)

function prod(text: string) {
  const parsed = parseRepoConfig(text, { file: 'f' })
  const found = parsed.ok ? [...parsed.settings.environments.values()][0] : undefined
  if (found === undefined) throw new Error(problemsOf(text).join('\n'))
  return found
}

it.each([
  ['commit_status: "argocd/{{ model.name }}", by: "argocd[bot]"', 'commit_status', 'argocd/{{ model.name }}'],
  ['deployment: prod, by: "argocd[bot]"', 'deployment', 'prod'],
])('%s', (keys, kind, source) => {
  expect(prod(reported(keys)).sync.reported).toMatchObject({ kind, name: { source }, by: 'argocd[bot]' })
})

it.each([
  [
    'by: alice',
    '6:13 environments.prod.sync.reported | none of `commit_status`, `deployment` is there | add one of them',
  ],
  [
    'commit_status: a, deployment: b, by: alice',
    '6:43 environments.prod.sync.reported.deployment | only one of `commit_status`, `deployment` can be there | keep `commit_status` or `deployment`',
  ],
  [
    'commit_status: a, by: "an app"',
    '6:47 environments.prod.sync.reported.by | `an app` is no login | write a login, or `slug[bot]` for a GitHub App',
  ],
])('%s is told', (keys, problem) => {
  expect(problemsOf(reported(keys))).toEqual([problem])
})

it('nobody named is no reporter', () => {
  expect(problemsOf(reported('commit_status: a')).join()).toContain('by')
})

it('a workflow has a file, inputs and perhaps a branch and a time', () => {
  const text = environment(
    'verify: { workflow: [{ file: smoke.yml, ref: main, within: 10m, inputs: { image: "{{ image.tag }}" } }] }',
  )
  expect(prod(text).verify.workflows).toMatchObject([
    {
      file: 'smoke.yml',
      ref: 'main',
      within: 600_000,
      inputs: [{ name: 'image', value: { source: '{{ image.tag }}' } }],
    },
  ])
  expect(prod(environment('')).verify.workflows).toEqual([])
})

it.each([
  ['{ file: ../smoke.yml }', '`../smoke.yml` is no name of a workflow file | for example `smoke.yml`'],
  ['{ file: smoke }', '`smoke` is no name of a workflow file | for example `smoke.yml`'],
  [
    '{ file: smoke.yml, within: 20m }',
    'the run may take longer than `within` of `verify` (15m) | make that longer, or this shorter',
  ],
  [
    `{ file: smoke.yml, inputs: { ${Array.from({ length: 26 }, (_, index) => `a${index}: x`).join(', ')} } }`,
    'GitHub takes at most 25 inputs | put several values into one of them',
  ],
  ['{ file: smoke.yml, ref: "a..b" }', '`a..b` is no branch or tag | for example `main`'],
])('%s is told', (workflow, problem) => {
  expect(problemsOf(environment(`verify: { workflow: [${workflow}] }`)).join()).toContain(problem)
})
