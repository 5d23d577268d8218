/** What a promotion writes into the manifests of the reference, and how it is undone byte for byte. */
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/domain/promotion.ts'
import { planEdits, renderEdits, restoringEdits } from '../../src/domain/promotion-plan.ts'
import type { EnvironmentSettings } from '../../src/domain/settings.ts'
import type { TemplateValues } from '../../src/domain/template.ts'
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
})
