/** The image of one container of a workload of any kind, and what of it is refused. */
import { describe, expect, test } from 'vitest'
import { type DeploymentEdit, editManifest } from '../../../src/domain/manifest/index.ts'
import { edited } from './support.ts'

const run = (text: string, edit: Partial<DeploymentEdit> = {}) =>
  edited(
    editManifest({
      file: 'f.yaml',
      text,
      edits: [{ kind: 'deployment', name: 'churn', image: 'r/churn:v2', ...edit }],
    }),
  )

const POD = '{initContainers: [{name: fetch, image: "r/churn:v0"}], containers: [{name: server, image: "r/churn:v1"}]}'
const workload = (kind: string, spec: string, apiVersion = 'apps/v1') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: churn}\nspec: ${spec}\n`
const inTemplate = (pod: string) => `{template: {spec: ${pod}}}`

describe('deployment', () => {
  test.each([
    ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'Rollout'].map((kind) => [
      kind,
      workload(kind, inTemplate(POD)),
    ]),
    ['CronJob', workload('CronJob', `{jobTemplate: {spec: ${inTemplate(POD)}}}`, 'batch/v1')],
    ['Pod', workload('Pod', POD, 'v1')],
    ['Knative Service', workload('Service', inTemplate(POD), 'serving.knative.dev/v1')],
  ])('edits the only container of a %s', (_, before) => {
    expect(run(before)).toBe(before.replace('churn:v1', 'churn:v2'))
  })

  test('edits a container by name, also one that runs before', () => {
    const before = workload('Deployment', inTemplate(POD))
    expect(run(before, { container: 'fetch' })).toBe(before.replace('churn:v0', 'churn:v2'))
  })

  test('finds the workload by its kind beside a Kubernetes Service of that name', () => {
    const service = workload('Service', '{ports: []}', 'v1')
    const before = `${service}---\n${workload('Job', '{}')}---\n${workload('Deployment', inTemplate(POD))}`
    expect(run(before, { resource: 'Deployment' })).toBe(before.replace('churn:v1', 'churn:v2'))
  })

  test.each<[string, string, Partial<DeploymentEdit>, string]>([
    ['no such workload', workload('Service', '{}', 'v1'), {}, '1:1 target_missing'],
    ['two of the name', `${workload('Job', '{}')}---\n${workload('Deployment', '{}')}`, {}, '6:1 target_ambiguous'],
    ['several containers', workload('Pod', '{containers: [{name: a}, {name: b}]}'), {}, '4:32 target_ambiguous'],
    ['no such container', workload('Pod', POD), { container: 'x' }, '4:7 target_missing'],
    ['a container without image', workload('Pod', '{containers: [{name: a}]}'), {}, '4:21 target_missing'],
    ['a Rollout of a Deployment', workload('Rollout', '{workloadRef: {name: churn}}'), {}, '4:21 target_missing'],
    ['a template', workload('Pod', '{containers: [{image: "{{ .x }}"}]}'), {}, '4:29 template'],
    [
      'an image that Flux sets',
      workload('Pod', '\n  containers:\n  - image: a # {"$imagepolicy": "f:c"}'),
      {},
      '6:12 flux_marker',
    ],
    ['containers of an anchor', `${workload('Pod', '{containers: &c [{image: a}]}')}x: *c\n`, {}, '4:32 alias'],
  ])('refuses %s', (_, text, edit, expected) => {
    expect(run(text, edit)).toBe(`refused ${expected}`)
  })
})
