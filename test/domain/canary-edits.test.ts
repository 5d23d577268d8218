/** What each share writes, in all three kinds of traffic: steps up, all of it, and the way back. */
import { describe, expect, it } from 'vitest'
import type { CanaryTraffic } from '../../src/domain/canary.ts'
import { isTrafficPath, provenAt, retreat } from '../../src/domain/canary.ts'
import { editsAtShare, withTraffic } from '../../src/domain/canary-edits.ts'
import { type FileEdits, planEdits } from '../../src/domain/promotion-plan.ts'
import { parseTemplate, type Template } from '../../src/domain/template.ts'

const template = (text: string): Template => {
  const parsed = parseTemplate(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.template
}
const VALUES = { 'model.name': 'churn', environment: 'prod' }
const FILE = 'f.yaml'
const file = template(FILE)
const churn = template('{{ model.name }}')
const apart = template('{{ model.name }}-canary')

const GRAPH: CanaryTraffic = {
  ...{ kind: 'inference_graph', file, name: churn, node: template('root'), stable: churn, canary: apart },
}
const STANDARD: CanaryTraffic = { kind: 'kserve', file, name: churn, canary: template('next') }
const KNATIVE: CanaryTraffic = { kind: 'kserve', file, name: churn }

const service = (name: string, more = '') => `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: { name: ${name} }
spec:
  predictor:
    model: { modelFormat: { name: sklearn }, storageUri: s3://m/12 } # ours
${more}`
const GRAPH_FILE = `${service('churn')}---
${service('churn-canary')}---
apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata: { name: churn }
spec:
  nodes:
    root:
      routerType: Splitter
      steps:
        - { serviceName: churn, weight: 100 }   # stable
        - { serviceName: churn-canary, weight: 0 }
`
const CANARY = `  canary:
    - trafficPercent: 0
      predictor:
        name: next
        minReplicas: 1
        model: { modelFormat: { name: sklearn }, storageUri: s3://m/12 }
`
const STANDARD_FILE = service('churn', CANARY)

const edits = (uri: string, names: readonly string[]): readonly FileEdits[] => [
  { file: FILE, edits: names.map((name) => ({ kind: 'kserve', name, storageUri: uri })) },
]

/** The file once this share of that model is written, and which values changed. */
function written(text: string, traffic: CanaryTraffic, share: number, uri: string) {
  const own = edits(uri, traffic.kind === 'inference_graph' ? ['churn', 'churn-canary'] : ['churn'])
  const files = withTraffic(editsAtShare(own, { traffic, share }, VALUES), { traffic, share }, VALUES)
  const plan = planEdits(files, new Map([[FILE, text]]))
  if (plan.kind !== 'planned') throw new Error(JSON.stringify(plan))
  const changes = plan.changes.map(({ document, path, before, after }) => `${document} ${path}: ${before} → ${after}`)
  return { text: plan.files[0]?.text ?? '', changes }
}

describe.each([
  ['two services behind a Splitter', GRAPH_FILE, GRAPH],
  ['a predictor of its own in `spec.canary`', STANDARD_FILE, STANDARD],
])('%s', (_, before, traffic) => {
  it('the canary alone gets the release with a share; all of it makes both the same again', () => {
    const first = written(before, traffic, 10, 's3://m/13')
    const second = written(first.text, traffic, 50, 's3://m/13')
    const whole = written(second.text, traffic, 100, 's3://m/13')
    expect([first.changes, second.changes, whole.changes]).toMatchSnapshot()
    expect(whole.text).toBe(before.replaceAll('s3://m/12', 's3://m/13'))
  })

  it('goes back byte for byte, in one commit', () => {
    const first = written(before, traffic, 10, 's3://m/13')
    const back = retreat({ steps: [], traffic, share: 10 }, 'r1')
    expect(back?.share).toBe(100)
    expect(written(first.text, traffic, back?.share ?? 0, 's3://m/12').text).toBe(before)
    expect(retreat({ steps: [], traffic, share: 100 }, 'r1')).toBeUndefined()
  })

  it('knows its shares from values of a release', () => {
    const paths = written(before, traffic, 10, 's3://m/13').changes.map((line) => line.replace(/^.* (\S+): .*$/, '$1'))
    expect(paths.filter(isTrafficPath)).toHaveLength(traffic.kind === 'inference_graph' ? 2 : 1)
    expect(paths.filter((path) => path.endsWith('storageUri')).some(isTrafficPath)).toBe(false)
  })
})

it('a canary that would have no pods at 0 % is refused before it has any traffic', () => {
  const bare = STANDARD_FILE.replace(/ +minReplicas: 1\n/, '')
  expect(() => written(bare, STANDARD, 10, 's3://m/13')).toThrow('has no `minReplicas`')
})

it('what divides its own traffic is written as a whole at every share', () => {
  const own = edits('s3://m/13', ['churn'])
  expect(editsAtShare(own, { traffic: KNATIVE, share: 10 }, VALUES)).toBe(own)
  expect(editsAtShare(own, undefined, VALUES)).toBe(own)
})

it.each([
  ['Knative', KNATIVE, 10, { name: 'churn', traffic: { percent: 10 } }],
  ['Standard', STANDARD, 10, { name: 'churn', traffic: { percent: 10, canary: 'next' } }],
  ['Standard, all of it', STANDARD, 100, { name: 'churn', traffic: { percent: 100 } }],
  ['a graph', GRAPH, 10, { name: 'churn-canary' }],
  ['a graph, all of it', GRAPH, 100, { name: 'churn' }],
] as const)('%s: the InferenceService that is looked at', (_, traffic, share, expected) => {
  const text = ({ source }: Template) => source.replace('{{ model.name }}', 'churn')
  const check = { kind: 'InferenceService', name: 'churn' } as const
  expect(provenAt({ traffic, share }, check, text)).toEqual(expected)
  expect(provenAt({ traffic, share }, { ...check, name: 'other' }, text).name).toBe('other')
})
