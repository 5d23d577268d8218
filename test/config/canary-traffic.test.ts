/** `canary: traffic:` where something of its own serves the canary: what it becomes, and every mistake at its place. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { problemsOf } from './mistakes.ts'

const edit = (name: string, more = '') =>
  `      - { file: f.yaml, kserve: { name: "${name}", storage_uri: "{{ model.uri }}"${more} } }\n`
const BOTH = edit('{{ model.name }}') + edit('{{ model.name }}-canary')
const GRAPH =
  'inference_graph: { file: g.yaml, name: g, node: root, stable: "{{model.name}}", canary: "{{ model.name }}-canary" }'
const STANDARD = 'kserve: { file: f.yaml, name: "{{ model.name }}", canary: next }'

const config = (traffic: string, edits: string, proven = '{{ model.name }}') => `version: 1
environments:
  prod:
    repository: a/b
    edit:
${edits}    sync: { argocd: { application: a } }
    verify: { kserve: [{ name: other, namespace: y }, { name: "${proven}", namespace: y }] }
    canary: { steps: [{ percent: 10, for: 10m }], traffic: { ${traffic} } }
`

describe('what divides the traffic', () => {
  it.each([
    ['a Splitter', config(GRAPH, BOTH), { kind: 'inference_graph', canary: { source: '{{ model.name }}-canary' } }],
    ['the Standard mode', config(STANDARD, edit('{{model.name}}')), { kind: 'kserve', canary: { source: 'next' } }],
  ])('%s', (_, text, traffic) => {
    const parsed = parseRepoConfig(text, { file: 'f' })
    expect(parsed.ok ? [...parsed.settings.environments.values()][0]?.canary : parsed).toMatchObject({ traffic })
  })

  it.each([
    ['two of them', config(`${GRAPH}, ${STANDARD}`, BOTH)],
    ['a canary that is the stable service', config(GRAPH.replace('-canary', ''), edit('{{ model.name }}'))],
    ['no edit of the canary', config(GRAPH, edit('{{ model.name }}'))],
    ['no edit of the stable service', config(GRAPH, edit('{{ model.name }}-canary'))],
    ['an edit of something else', config(GRAPH, `${BOTH}      - { file: v.yaml, yaml: { a: "{{ model.uri }}" } }\n`)],
    [
      'an edit of a transformer',
      config(STANDARD, edit('{{ model.name }}') + edit('{{ model.name }}', ', component: transformer')),
    ],
    ['another service that is proven', config(GRAPH, BOTH, 'another')],
    [
      'a share of the Standard mode that nothing proves',
      config(STANDARD, edit('{{ model.name }}'), 'another').replaceAll('{{ model.name }}', 'churn'),
    ],
  ])('%s is a mistake', (_, text) => {
    expect(problemsOf(text)).toMatchSnapshot()
  })
})
