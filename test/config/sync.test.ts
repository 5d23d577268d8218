/** How a team says what brings its commits into the cluster, and what is heard about mistakes in that. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseTemplate, type Template } from '../../src/domain/template.ts'

const withSync = (sync: string): string => `version: 1
environments:
  prod:
    repository: a/b
    edit: [{ file: f, yaml: { a: x } }]
    sync: ${sync}
`

function template(text: string): Template {
  const parsed = parseTemplate(text)
  if (!parsed.ok) throw new Error(parsed.problem.reason)
  return parsed.template
}

function problemsOf(sync: string): readonly string[] {
  const parsed = parseRepoConfig(withSync(sync), { file: 'f' })
  if (parsed.ok) return []
  return parsed.problems
    .filter(({ severity }) => severity === 'error')
    .map(({ line, column, key, reason, hint }) => `${line}:${column} ${key} | ${reason} | ${hint}`)
}

describe('what syncs an environment', () => {
  it.each([
    [
      '{ argocd: { application: "{{ model.name }}" } }',
      { argocd: { application: template('{{ model.name }}'), namespace: 'argocd', sync: 'auto' } },
    ],
    [
      '{ argocd: { application: churn, server: main, sync: request } }',
      { argocd: { application: template('churn'), namespace: 'argocd', server: 'main', sync: 'request' } },
    ],
    [
      '{ flux: { kustomization: "{{ model.name }}-prod" } }',
      {
        flux: {
          kind: 'Kustomization',
          name: template('{{ model.name }}-prod'),
          namespace: 'flux-system',
          reconcile: 'auto',
        },
      },
    ],
    [
      '{ flux: { helm_release: churn, namespace: prod, cluster: eu, reconcile: request } }',
      {
        flux: {
          kind: 'HelmRelease',
          name: template('churn'),
          namespace: 'prod',
          cluster: 'eu',
          reconcile: 'request',
        },
      },
    ],
    ['{ fleet: { git_repo: ml-config } }', { fleet: { gitRepo: template('ml-config'), namespace: 'fleet-default' } }],
    [
      '{ fleet: { git_repo: ml-config, namespace: fleet-local, cluster: rancher } }',
      { fleet: { gitRepo: template('ml-config'), namespace: 'fleet-local', cluster: 'rancher' } },
    ],
  ])('%s', (text, sync) => {
    const parsed = parseRepoConfig(withSync(text), { file: 'f' })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    expect([...parsed.settings.environments.values()][0]?.sync).toEqual({ ...sync, within: 1_800_000 })
  })
})

describe('mistakes in it', () => {
  it.each([
    ['{}', ['6:5 environments.prod.sync | none of `argocd`, `flux`, `fleet`, `reported` is there | add one of them']],
    [
      '{ within: 5m }',
      ['6:5 environments.prod.sync | none of `argocd`, `flux`, `fleet`, `reported` is there | add one of them'],
    ],
    [
      '{ argocd: { application: a }, flux: { kustomization: a } }',
      [
        '6:41 environments.prod.sync.flux | only one of `argocd`, `flux`, `fleet`, `reported` can be there | keep `argocd` or `flux`',
      ],
    ],
    [
      '{ flux: {} }',
      ['6:13 environments.prod.sync.flux | none of `kustomization`, `helm_release` is there | add one of them'],
    ],
    [
      '{ flux: { kustomization: a, helm_release: b } }',
      [
        '6:39 environments.prod.sync.flux.helm_release | only one of `kustomization`, `helm_release` can be there | keep `kustomization` or `helm_release`',
      ],
    ],
    [
      '{ flux: { kustomisation: a } }',
      [
        '6:13 environments.prod.sync.flux | none of `kustomization`, `helm_release` is there | add one of them',
        '6:21 environments.prod.sync.flux.kustomisation | there is no key `kustomisation` here | did you mean `kustomization`?',
      ],
    ],
    [
      '{ flux: { kustomization: a, reconcile: true } }',
      [
        '6:50 environments.prod.sync.flux.reconcile | `true` is not one of `auto`, `request` | write one of `auto`, `request`',
      ],
    ],
    [
      '{ flux: { kustomization: A_b } }',
      [
        '6:36 environments.prod.sync.flux.kustomization | not a name that Kubernetes allows | use a-z, 0-9, `-` and `.`',
      ],
    ],
    [
      '{ fleet: { namespace: fleet-default } }',
      [
        '6:13 environments.prod.sync.fleet.git_repo | `git_repo` is missing | for example `git_repo: "{{ model.name }}"`',
      ],
    ],
    [
      '{ fleet: { git_repo: a, bundle: b } }',
      [
        '6:35 environments.prod.sync.fleet.bundle | there is no key `bundle` here | known here: `git_repo`, `namespace`, `cluster`',
      ],
    ],
    [
      '{ argocd: { application: a, server: main, cluster: eu } }',
      [
        '6:53 environments.prod.sync.argocd.cluster | an Argo CD server knows its own clusters | keep `server` or `cluster`',
      ],
    ],
    [
      '{ argocd: { application: a, server: "https://argocd.example.com" } }',
      [
        '6:47 environments.prod.sync.argocd.server | `https://argocd.example.com` is not a name of a server | use a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit, at most 63',
      ],
    ],
  ])('%s', (sync, problems) => {
    expect(problemsOf(sync)).toEqual(problems)
  })
})
