/** What an Argo CD Application gives its source: Helm parameters and values, Kustomize images. */
import { describe, expect, test } from 'vitest'
import { type ArgocdParametersEdit, editManifest } from '../../../src/domain/manifest/index.ts'
import { edited } from './support.ts'

type Fields = Omit<ArgocdParametersEdit, 'kind' | 'name'>
const run = (text: string, fields: Fields) =>
  edited(editManifest({ file: 'app.yaml', text, edits: [{ kind: 'argocd_parameters', name: 'churn', ...fields }] }))

const app = (spec: string, kind = 'Application') =>
  `apiVersion: argoproj.io/v1alpha1\nkind: ${kind}\nmetadata: {name: churn}\nspec:\n${spec}`
const HELM = `  source:
    targetRevision: main
    helm:
      parameters:
      - name: image.tag
        value: v1 # deployed
      - {name: replicas, value: "2"}
`
const VALUES = `  source:
    helm:
      valuesObject:
        image: {tag: v1}
`
const IMAGES = `  source:
    kustomize:
      images:
      - r/churn:v1
      - base=r/other:v1@sha256:a
`
const SEVERAL = `  sources:
  - {repoURL: a, chart: one, helm: {parameters: [{name: tag, value: v1}]}}
  - {repoURL: b, name: two, helm: {parameters: [{name: tag, value: v2}, {name: only, value: v3}]}}
`
const tag = (name: string): Fields => ({ parameters: [{ name, value: '1.10' }] })
const value = (path: string): Fields => ({ values: [{ path, segments: path.split('.'), value: 'v9' }] })
const image = (name: string, text: string): Fields => ({ images: [{ name, image: text }] })

describe('argocd_parameters', () => {
  test.each<[string, string, Fields, string, string]>([
    ['a parameter, which stays a string', HELM, tag('image.tag'), 'v1 #', '"1.10" #'],
    ['a value', VALUES, value('image.tag'), 'tag: v1', 'tag: v9'],
    ['an image', IMAGES, image('r/churn', 'r/churn:v2@sha256:b'), 'r/churn:v1', 'r/churn:v2@sha256:b'],
    ['an image of another name', IMAGES, image('r/churn', 'q/churn:v2'), 'r/churn:v1', 'r/churn=q/churn:v2'],
    [
      'an image that has a name before it',
      IMAGES,
      image('base', 'base:v2'),
      'base=r/other:v1@sha256:a',
      'base=base:v2',
    ],
    ['the only source that has it', SEVERAL, tag('only'), 'v3', '"1.10"'],
    ['a source by its chart', SEVERAL, { ...tag('tag'), source: 'one' }, 'value: v1', 'value: "1.10"'],
    ['a source by its name', SEVERAL, { ...tag('tag'), source: 'two' }, 'v2', '"1.10"'],
    ['a source by its index', SEVERAL, { ...tag('tag'), source: '1' }, 'v2', '"1.10"'],
  ])('edits %s', (_, spec, fields, old, now) => {
    const before = app(spec)
    expect(run(before, fields)).toBe(before.replace(old, now))
  })

  test('edits the template of an ApplicationSet', () => {
    const before = app(`  template:\n    spec:\n${HELM.replace(/^/gm, '    ').trimEnd()}\n`, 'ApplicationSet')
    expect(run(before, tag('image.tag'))).toBe(before.replace('v1 #', '"1.10" #'))
  })

  test.each<[string, string, Fields, string]>([
    ['no such application', 'kind: Application\nmetadata: {name: churn}\n', tag('x'), '1:1 target_missing'],
    ['two of the name', `${app(HELM)}---\n${app(HELM)}`, tag('image.tag'), '13:1 target_ambiguous'],
    ['a parameter that is not there', app(HELM), tag('image'), '9:7 target_missing'],
    ['targetRevision', app(HELM), tag('targetRevision'), '6:5 target_missing'],
    ['a parameter of two sources', app(SEVERAL), tag('tag'), '7:68 target_ambiguous'],
    ['a source that is not there', app(SEVERAL), { ...tag('tag'), source: 'x' }, '6:3 target_missing'],
    [
      'a parameter that is there twice',
      app(HELM.replace('replicas', 'image.tag')),
      tag('image.tag'),
      '11:9 target_ambiguous',
    ],
    ['a value that a parameter hides', app(HELM), value('image.tag'), '9:9 would_not_apply'],
    [
      'values in a block of text',
      app('  source:\n    helm:\n      values: |\n        a: v1\n'),
      value('a'),
      '8:1 block_scalar',
    ],
    ['an image that is not there', app(IMAGES), image('x', 'x:v2'), '8:7 target_missing'],
    ['an application without source', app('  project: x\n'), tag('x'), '5:3 target_missing'],
    ['a placeholder', app(HELM.replace('v1 #', '"{{ tag }}" #')), tag('image.tag'), '10:16 template'],
  ])('refuses %s', (_, text, fields, expected) => {
    expect(run(text, fields)).toBe(`refused ${expected}`)
  })

  test('says why targetRevision is none', () => {
    const edits = [{ kind: 'argocd_parameters', name: 'churn', ...tag('targetRevision') }] as const
    const result = editManifest({ file: 'app.yaml', text: app(HELM), edits })
    expect(result.kind === 'refused' && result.refusal.reason).toMatch(/no parameter: it decides which commit/)
  })
})
