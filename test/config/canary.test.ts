/** `canary:`: what it becomes, and every mistake at its place. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { environment, problemsOf } from './mistakes.ts'

const TRAFFIC = 'traffic: { kserve: { file: f.yaml, name: "{{ model.name }}" } }'
const canary = (steps: string, more = TRAFFIC) =>
  environment(`canary: { steps: [${steps}], ${more} }\nverify: { kserve: { name: "{{model.name}}", namespace: y } }`)

describe('canary', () => {
  it('has rising steps, what holds the share, and what it is compared by', () => {
    const compare = 'compare: [{ query: \'e{v="{{ model.version }}"}\', max_regression: 10% }]'
    const parsed = parseRepoConfig(
      canary('{ percent: 10, for: 10m }, { percent: 50, for: 30m }', `${TRAFFIC}, ${compare}`),
      { file: 'f' },
    )
    expect(parsed.ok ? [...parsed.settings.environments.values()][0]?.canary : parsed).toMatchObject({
      steps: [
        { percent: 10, for: 600_000 },
        { percent: 50, for: 1_800_000 },
      ],
      traffic: { kind: 'kserve', file: { source: 'f.yaml' }, name: { source: '{{ model.name }}' } },
      compare: [
        {
          query: { source: 'e{v="{{ model.version }}"}' },
          server: 'default',
          goal: 'minimize',
          stable: undefined,
          maxRegression: { kind: 'percent', value: 0.1 },
        },
      ],
    })
  })

  it.each([
    ['no steps', canary('')],
    ['a share that does not rise', canary('{ percent: 50, for: 1m }, { percent: 50, for: 1m }')],
    ['a share of everything', canary('{ percent: 100, for: 1m }')],
    ['a step without a time', canary('{ percent: 10 }')],
    ['a share that nothing proves', canary('{ percent: 10, for: 1m }').replace(/verify:.*/, 'verify: {}')],
    [
      'a share of another InferenceService than what is proven',
      canary('{ percent: 10, for: 1m }', 'traffic: { kserve: { file: f.yaml, name: churn } }').replace(
        /"{{model.name}}"/,
        'other',
      ),
    ],
    ['nothing that holds the share', canary('{ percent: 10, for: 1m }', 'traffic: {}')],
    [
      'a kind of traffic that is not driven',
      canary('{ percent: 10, for: 1m }', 'traffic: { istio: { file: f, name: n } }'),
    ],
    [
      'heads of pull requests',
      canary('{ percent: 10, for: 1m }').replace('    canary:', '    from: pull_request\n    canary:'),
    ],
  ])('%s is a mistake', (_, text) => {
    expect(problemsOf(text)).toMatchSnapshot()
  })
})
