/** What teams are told about environments that take heads of pull requests. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { environment, problemsOf } from './mistakes.ts'

const STAGING = `  staging:
    repository: a/b
    edit: [{ file: g.yaml, yaml: { a: "x" } }]
    sync: { argocd: { application: b } }
`

describe('an environment with `from: pull_request`', () => {
  it('loads, and without the key only the default branch goes there', () => {
    const fromOf = (more: string) => {
      const parsed = parseRepoConfig(environment(more), { file: 'f' })
      return parsed.ok ? [...parsed.settings.environments.values()].map(({ from }) => from) : parsed.problems
    }
    expect(fromOf('from: pull_request')).toEqual(['pull_request'])
    expect(fromOf('deploy: on-command')).toEqual(['default_branch'])
    expect(problemsOf(environment('from: pull_request'))).toEqual([])
  })

  it.each(['on-merge', 'automatic'])('goes by command alone: `deploy: %s` is refused', (deploy) => {
    const text = environment(`from: pull_request\ndeploy: ${deploy}`)
    expect(problemsOf(text)).toContain(
      `8:13 environments.prod.deploy | \`${deploy}\` would replace the pull request that somebody is looking at | use \`deploy: on-command\` beside \`from: pull_request\``,
    )
  })

  it('moves no alias', () => {
    expect(problemsOf(environment('from: pull_request\non_verified: { mlflow_alias: champion }'))).toContain(
      '8:20 environments.prod.on_verified.mlflow_alias | what is not merged moves no alias | remove it, or `from: pull_request`',
    )
  })

  it('may take heads of forks, which nothing else can', () => {
    expect(problemsOf(environment('from: pull_request\nforks: allow'))).toEqual([])
    expect(problemsOf(environment('forks: refuse'))).toEqual([])
    expect(problemsOf(environment('forks: allow'))).toEqual([
      '7:12 environments.prod.forks | no heads of pull requests come here, and so none of forks | add `from: pull_request`, or remove it',
    ])
  })

  it('comes after nothing', () => {
    expect(problemsOf(environment('from: pull_request\nafter: staging') + STAGING)).toEqual([
      '8:5 environments.prod.after | what is not merged was verified nowhere before, so that it could never go here | remove it, or `from: pull_request`',
    ])
  })

  it('and nothing comes after it', () => {
    const text =
      environment('after: [staging]') + STAGING.replace('    repository', '    from: pull_request\n    repository')
    expect(problemsOf(text)).toEqual([
      '7:13 environments.prod.after[0] | `staging` takes pull requests that are not merged, and what is verified there proves nothing of a release | name an environment with `from: default_branch`',
    ])
  })
})
