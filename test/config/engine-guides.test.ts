/** The guides of GitOps engines: each example loads, and its policy allows what its configuration asks for. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/config/policy-file.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseRepoName } from '../../src/domain/ids.ts'
import { mayUse, type Need } from '../../src/domain/server-policy.ts'

const examplesOf = (guide: string): readonly string[] =>
  [...readFileSync(`docs/guides/${guide}.md`, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)

const NEEDS: readonly (readonly [guide: string, need: Need])[] = [
  ['flux', { kind: 'flux', namespace: 'flux-system', object: 'churn-prod', reconcile: true }],
  ['fleet', { kind: 'fleet', namespace: 'fleet-default', gitRepo: 'ml-config' }],
  ['argocd-api', { kind: 'argocd', server: 'main', namespace: 'argocd', application: 'churn-prod', sync: true }],
]

describe.each(NEEDS)('docs/guides/%s.md', (guide, need) => {
  const examples = examplesOf(guide)
  const environments = examples.filter((text) => text.startsWith('environments:'))
  const policies = examples.filter((text) => !text.startsWith('environments:'))

  it.each(environments)('its configuration loads: %s', (text) => {
    const complete = text.replace(
      /^ {2}prod:\n/m,
      '$&    repository: acme/ml-config\n    edit: [{ file: f, yaml: { a: x } }]\n',
    )
    expect(parseRepoConfig(`version: 1\n${complete}`, { file: 'f' })).toMatchObject({ ok: true })
  })

  it('its policy allows what the configuration asks for, and nobody else', () => {
    const parsed = parsePolicy(`version: 1\n${policies.join('')}`, { file: 'f' })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    const [models, others] = [parseRepoName('acme/models'), parseRepoName('acme/others')]
    if (models === undefined || others === undefined) throw new Error('not a name')
    expect(mayUse(parsed.policy, models, need).allowed).toBe(true)
    expect(mayUse(parsed.policy, others, need).allowed).toBe(false)
  })
})
