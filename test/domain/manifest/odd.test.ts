/** Manifests in odd shapes (test/fixtures/manifests/odd), each with an edit; the whole difference it must make stands beside it as `<file>.diff`. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type DocumentName, editManifest, type ManifestEdit, parsePath } from '../../../src/domain/manifest/index.ts'
import { unifiedDiff } from '../../../src/domain/manifest/unified-diff.ts'

const folder = new URL('../../fixtures/manifests/odd/', import.meta.url)
const URI = 's3://models/churn/12'
const DIGEST = `sha256:${'2'.repeat(64)}`

const kserve = (name: string, storageUri: string): ManifestEdit => ({ kind: 'kserve', name, storageUri })
const image = (fields: { readonly newTag: string } | { readonly digest: string }): ManifestEdit => ({
  kind: 'kustomize_image',
  name: 'ghcr.io/acme/churn',
  ...fields,
})

function values(wanted: Readonly<Record<string, string>>, document?: DocumentName): ManifestEdit {
  const entries = Object.entries(wanted).map(([path, value]) => {
    const parsed = parsePath(path)
    if (!parsed.ok) throw new Error(`${path}: ${parsed.problem.reason}`)
    return { path, segments: parsed.segments, value }
  })
  return { kind: 'yaml', values: entries, document }
}

const rows: readonly (readonly [file: string, edits: readonly ManifestEdit[]])[] = [
  ['argocd-generated-set.yaml', [values({ 'spec.generators[0].list.elements[cluster=prod].tag': 'v2' })]],
  ['argocd-kustomize-images.yaml', [values({ 'spec.source.kustomize.images[0]': 'ghcr.io/acme/churn:v2' })]],
  [
    'argocd-of-applications.yaml',
    [values({ 'spec.source.targetRevision': 'v2' }, { kind: 'Application', name: 'fraud' })],
  ],
  [
    'argocd-parameters.yaml',
    [
      values({
        'spec.source.helm.parameters[name=image.tag].value': '1.10',
        'spec.source.helm.parameters[name=model.uri].value': URI,
      }),
    ],
  ],
  ['argocd-target-revision.yaml', [values({ 'spec.source.targetRevision': '3f9c2e1' })]],
  ['argocd-two-sources.yaml', [values({ 'spec.sources[ref=values].targetRevision': 'v2' })]],
  [
    'argocd-values-object.yaml',
    [
      values({
        'spec.source.helm.valuesObject.image.tag': 'v2',
        'spec.source.helm.valuesObject.image.digest': 'sha256:ab',
      }),
    ],
  ],
  ['helm-aligned-columns.yaml', [values({ 'image.tag': 'v2' })]],
  ['helm-documented-defaults.yaml', [values({ 'image.tag': 'v2' })]],
  [
    'helm-dotted-keys.yaml',
    [
      values({
        'podAnnotations."lockkeeper.dev/release"': 'rel-0123456789abcdef',
        "podAnnotations.'app.kubernetes.io/version'": '12',
      }),
    ],
  ],
  ['helm-environment-list.yaml', [values({ 'env[name=MODEL_URI].value': URI })]],
  [
    'helm-every-quote.yaml',
    [
      values({
        plain: 'v2 # x',
        single: "it's",
        double: 'say "v2"',
        escaped: 'v2',
        folded: 'v2\n',
        literal: 'v2: x\n',
      }),
    ],
  ],
  ['helm-neighbours-with-templates.yaml', [values({ 'image.tag': 'v2' })]],
  ['helm-pictures.yaml', [values({ 'image.tag': 'v2-🚀' })]],
  [
    'helm-script-in-values.yaml',
    [values({ 'model.start': '#!/bin/sh\nexec serve \\\n  --uri s3://models/churn/12\n' })],
  ],
  ['helm-shared-image.yaml', [values({ 'server.image.tag': 'v2' })]],
  ['helm-tag-without-value.yaml', [values({ 'image.tag': 'v2' })]],
  ['helm-value-over-two-lines.yaml', [values({ 'image.reference': 'ghcr.io/acme/churn:v2' })]],
  ['helm-values.json', [values({ 'image.tag': '1.10' })]],
  ['helm-words-that-are-booleans.yaml', [values({ 'image.tag': 'yes' })]],
  ['kserve-all-in-braces.yaml', [kserve('churn', URI)]],
  ['kserve-anchored-labels.yaml', [kserve('churn', URI)]],
  ['kserve-as-json.yaml', [kserve('churn', URI)]],
  ['kserve-blanks-before-colons.yaml', [kserve('churn', URI)]],
  ['kserve-byte-order-mark.yaml', [kserve('churn', URI)]],
  ['kserve-commented-out-twin.yaml', [kserve('churn', URI)]],
  ['kserve-crlf-single-quotes.yaml', [kserve('churn', URI)]],
  ['kserve-explicit-keys.yaml', [kserve('churn', URI), values({ 'spec.predictor.model.modelFormat.name': 'xgboost' })]],
  ['kserve-folded-uri.yaml', [kserve('churn', URI)]],
  [
    'kserve-four-spaces.yaml',
    [kserve('churn', URI), values({ 'metadata.annotations."serving.kserve.io/deploymentMode"': 'Serverless' })],
  ],
  ['kserve-in-a-list.yaml', [kserve('churn', URI)]],
  ['kserve-last-applied.yaml', [kserve('churn', URI)]],
  ['kserve-literal-uri.yaml', [kserve('churn', URI)]],
  ['kserve-no-final-line-break.yaml', [kserve('churn', URI)]],
  ['kserve-one-space.yaml', [kserve('churn', URI)]],
  ['kserve-other-scripts.yaml', [kserve('churn', URI)]],
  ['kserve-tabs-in-comments.yaml', [kserve('churn', URI)]],
  ['kserve-trailing-blanks.yaml', [kserve('churn', URI)]],
  ['kserve-two-services.yaml', [kserve('churn-next', URI)]],
  [
    'kserve-uri-on-the-next-line.yaml',
    [kserve('churn', URI), values({ 'spec.predictor.triton.runtimeVersion': '23.10' })],
  ],
  ['kustomize-bare-number.yaml', [image({ newTag: '1.10' })]],
  ['kustomize-component.yaml', [image({ newTag: 'v2' })]],
  ['kustomize-dash-alone.yaml', [image({ newTag: 'v2' })]],
  ['kustomize-digest-first.yaml', [image({ digest: DIGEST })]],
  ['kustomize-digest-to-add.yaml', [image({ digest: DIGEST })]],
  ['kustomize-images-in-braces.yaml', [image({ newTag: 'v2' })]],
  ['kustomize-inline-patch.yaml', [image({ newTag: 'v2' })]],
  ['kustomize-list-at-the-margin.yaml', [image({ newTag: 'v2' })]],
  ['kustomize-list-far-right.yaml', [image({ newTag: 'v2' })]],
  ['kustomize-mixed-line-breaks.yaml', [image({ newTag: 'v2' })]],
  ['kustomize-quoted-number.yaml', [image({ newTag: '1.10' })]],
  ['kustomize-without-kind.yaml', [image({ newTag: 'v2' })]],
]

test.each(rows)('%s is edited in the shape it has', (file, edits) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const difference = readFileSync(new URL(`${file}.diff`, folder), 'utf8')
  const result = editManifest({ file, text, edits })
  if (result.kind !== 'edited') throw new Error(JSON.stringify(result))
  expect(unifiedDiff(file, text, result.text)).toBe(difference)
  expect(editManifest({ file, text: result.text, edits })).toMatchObject({ kind: 'unchanged' })
})

test('every file has its row', () => {
  const files = readdirSync(folder).filter((name) => /\.(?:yaml|json)$/.test(name))
  expect(rows.map(([file]) => file)).toEqual(files.toSorted())
  expect(files.length).toBeGreaterThanOrEqual(40)
})
