/** What a promotion writes into the manifests of the reference, and how it is undone byte for byte. */
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/domain/promotion.ts'
import { planEdits, renderEdits, restoringEdits } from '../../src/domain/promotion-plan.ts'
import type { EditSettings, EnvironmentSettings } from '../../src/domain/settings.ts'
import { parseTemplate, type Template, type TemplateValues } from '../../src/domain/template.ts'
import { CHURN, manifest, prod, staging } from './reference-settings.ts'

const NEW_DIGEST = `sha256:${'a'.repeat(64)}`
const OLD_DIGEST = `sha256:${'1f0e7c0f6f6f2b0f2a4e2d6a9a0f3e1b7c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f'}`
const values: TemplateValues = {
  'model.name': 'churn',
  'model.uri': 's3://acme-models/churn/12',
  'image.repository': 'ghcr.io/acme/churn',
  'image.tag': 'abc',
  'image.digest': NEW_DIGEST,
  'release.id': 'rel-0123456789abcdef',
}

function edits(environment: EnvironmentSettings, given: TemplateValues = values) {
  const rendered = renderEdits(environment, CHURN, given)
  if (rendered.kind !== 'rendered') throw new Error(rendered.value)
  return rendered.files
}
const textsOf = (files: ReturnType<typeof edits>) => new Map(files.map(({ file }) => [file, manifest(file)]))

function planned(environment: EnvironmentSettings) {
  const files = edits(environment)
  const plan = planEdits(files, textsOf(files))
  if (plan.kind !== 'planned') throw new Error(plan.kind)
  return plan
}

const scalars = (changes: readonly Change[]) => changes.map(({ path, before, after }) => [path, before, after])

describe('what is written', () => {
  it('staging: the URI and the digest', () => {
    expect(scalars(planned(staging).changes)).toEqual([
      ['spec.predictor.model.storageUri', 's3://acme-models/churn/11', 's3://acme-models/churn/12'],
      ['images[name=ghcr.io/acme/churn].digest', OLD_DIGEST, NEW_DIGEST],
    ])
  })

  it('prod: the URI, the tag with its digest, and the annotation; what is the same stays', () => {
    expect(scalars(planned(prod).changes)).toEqual([
      ['spec.predictor.sklearn.storageUri', 's3://acme-models/churn/11', 's3://acme-models/churn/12'],
      ['image.tag', `3f9c2e1d@${OLD_DIGEST}`, `abc@${NEW_DIGEST}`],
      ['podAnnotations."lockkeeper.dev/release"', '', 'rel-0123456789abcdef'],
    ])
  })

  it.each([
    ['staging', staging],
    ['prod', prod],
  ])('%s: not one other byte', (_, environment) => {
    const { files, changes } = planned(environment)
    for (const { path, text } of files) {
      const undone = changes
        .filter(({ file, before }) => file === path && before !== '')
        .reduce((whole, { before, after }) => whole.replace(after, before), text)
      expect(undone.replace('"rel-0123456789abcdef"', '""')).toBe(manifest(path))
    }
  })

  it('only the models that an edit is for', () => {
    const other = { ...staging, edit: staging.edit.map((edit) => ({ ...edit, models: [] })) }
    expect(edits(other)).toEqual([])
  })
})

describe('what is not written', () => {
  it('values that are there already', () => {
    const files = edits(staging, { ...values, 'model.uri': 's3://acme-models/churn/11', 'image.digest': OLD_DIGEST })
    expect(planEdits(files, textsOf(files))).toEqual({ kind: 'unchanged' })
  })

  it('a value that the release does not have is named with its template', () => {
    expect(renderEdits(staging, CHURN, { ...values, 'image.digest': undefined })).toEqual({
      kind: 'missing',
      value: 'image.digest',
      template: '{{ image.digest }}',
    })
  })

  it('nothing at all when one file is missing', () => {
    const files = edits(staging)
    const texts = textsOf(files)
    texts.delete('environments/staging/churn/kustomization.yaml')
    expect(planEdits(files, texts)).toMatchObject({
      kind: 'refused',
      code: 'manifest_missing',
      message: '`environments/staging/churn/kustomization.yaml` does not exist in the config repository',
    })
  })

  it('nothing into a file that does not parse: line and column are told', () => {
    const files = edits(staging)
    const texts = textsOf(files).set('environments/staging/churn/inference.yaml', 'kind: [\n')
    const plan = planEdits(files, texts)
    expect(plan).toMatchObject({ kind: 'refused', code: 'manifest_refused' })
    expect(plan.kind === 'refused' && plan.message).toMatch(/^`environments\/staging\/churn\/inference.yaml:\d+:\d+`: /)
  })
})

describe('back to what was found', () => {
  it.each([
    ['staging', staging],
    ['prod', prod],
  ])('%s: the files are what they were', (_, environment) => {
    const { files, changes } = planned(environment)
    const now = new Map(files.map(({ path, text }) => [path, text]))
    const back = planEdits(restoringEdits(edits(environment), changes, now), now)
    if (back.kind !== 'planned') throw new Error(back.kind)
    for (const { path, text } of back.files) expect(text).toBe(manifest(path))
    expect(back.files.length).toBe(files.length)
  })

  it('touches only what was changed', () => {
    const { files, changes } = planned(prod)
    const now = new Map(files.map(({ path, text }) => [path, text]))
    const first = changes.slice(0, 1)
    const back = planEdits(restoringEdits(edits(prod), first, now), now)
    expect(back.kind === 'planned' && scalars(back.changes)).toEqual([
      ['spec.predictor.sklearn.storageUri', 's3://acme-models/churn/12', 's3://acme-models/churn/11'],
    ])
  })

  it('whatever the edit found: fields of a service, a container, an image in values', () => {
    const text = (source: string): Template => {
      const parsed = parseTemplate(source)
      if (!parsed.ok) throw new Error(parsed.problem.reason)
      return parsed.template
    }
    const image = text('{{ image.repository }}:{{ image.tag }}@{{ image.digest }}')
    const name = text('churn')
    const none = undefined
    const kserve = {
      kind: 'kserve',
      name,
      resource: none,
      component: none,
      mountPath: none,
      storagePath: none,
      adapters: none,
      runtime: none,
    } as const
    const changes: readonly [string, EditSettings['change']][] = [
      ['values.yaml', { kind: 'helm', images: [{ path: 'image', segments: ['image'], image }] }],
      ['job.yaml', { kind: 'deployment', name, resource: none, container: none, image }],
      [
        'service.yaml',
        {
          ...kserve,
          container: none,
          storageUri: text('{{ model.uri }}'),
          runtimeVersion: text('{{ image.tag }}'),
          modelFormatVersion: none,
          image,
          env: [{ name: 'MODEL', value: text('{{ model.uri }}') }],
        },
      ],
    ]
    const before = new Map([
      ['values.yaml', `image: {registry: docker.io, repository: a/b, tag: "", digest: ${OLD_DIGEST}} # c\n`],
      ['job.yaml', 'kind: Job\nmetadata: {name: churn}\nspec: {template: {spec: {containers: [{image: "a/b:1"}]}}}\n'],
      [
        'service.yaml',
        'apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: churn}\nspec:\n  predictor:\n    model: {storageUri: s3://a/1, runtimeVersion: "1.10", image: a/b:1, env: [{name: MODEL, value: s3://a/1}]}\n',
      ],
    ])
    const edit = changes.map(([file, change]) => ({ file: text(file), models: undefined, change }))
    const all = edits({ ...staging, edit })
    const plan = planEdits(all, before)
    if (plan.kind !== 'planned') throw new Error(JSON.stringify(plan))
    expect(plan.changes).toHaveLength(9)
    const now = new Map(plan.files.map(({ path, text: after }) => [path, after]))
    // Going back there is no release: its values are placeholders.
    const placeholders = Object.fromEntries(Object.keys(values).map((key) => [key, 'as-found']))
    const back = planEdits(restoringEdits(edits({ ...staging, edit }, placeholders), plan.changes, now), now)
    expect(back.kind === 'planned' && new Map(back.files.map(({ path, text: after }) => [path, after]))).toEqual(before)
  })
})
