/** After an edit the real Kustomize renders the intended image. Needs kubectl; skipped, and listed as such, without it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { editManifest, type KustomizeImageEdit } from '../../../src/domain/manifest/index.ts'

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
const DIGEST = `sha256:${'ab'.repeat(32)}`
const OLD = `sha256:${'cd'.repeat(32)}`

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: churn}
spec:
  selector: {matchLabels: {app: churn}}
  template:
    metadata: {labels: {app: churn}}
    spec:
      containers:
      - {name: server, image: "ghcr.io/acme/churn:main"}
`

function rendered(images: string, edit: Omit<KustomizeImageEdit, 'kind' | 'name'>): string {
  const text = `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [deployment.yaml]\nimages:\n${images}`
  const edits = [{ kind: 'kustomize_image', name: 'ghcr.io/acme/churn', ...edit }] as const
  const result = editManifest({ file: 'kustomization.yaml', text, edits })
  if (result.kind !== 'edited') throw new Error(JSON.stringify(result))
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-kustomize-'))
  try {
    writeFileSync(join(directory, 'deployment.yaml'), deployment)
    writeFileSync(join(directory, 'kustomization.yaml'), result.text)
    const output = execFileSync('kubectl', ['kustomize', directory], { encoding: 'utf8' })
    return /image: (.*)/.exec(output)?.[1] ?? 'no image'
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe.skipIf(!hasKubectl)('kubectl kustomize renders', () => {
  test.each([
    [
      'a digest that was replaced',
      `- name: ghcr.io/acme/churn\n  digest: ${OLD} # c\n`,
      { digest: DIGEST },
      `ghcr.io/acme/churn@${DIGEST}`,
    ],
    ['a digest that was added', '- name: ghcr.io/acme/churn', { digest: DIGEST }, `ghcr.io/acme/churn@${DIGEST}`],
    [
      'a digest that was added to JSON',
      '- {"name":"ghcr.io/acme/churn"}\n',
      { digest: DIGEST },
      `ghcr.io/acme/churn@${DIGEST}`,
    ],
    [
      'a digest beside a tag, which stays as a label',
      '- name: ghcr.io/acme/churn\n  newTag: v1\n',
      { digest: DIGEST },
      `ghcr.io/acme/churn:v1@${DIGEST}`,
    ],
    [
      'a tag that looks like a number',
      '- name: ghcr.io/acme/churn\n  newTag: v1\n',
      { newTag: '1.10' },
      'ghcr.io/acme/churn:1.10',
    ],
    [
      'a tag that looks like a float',
      '- name: ghcr.io/acme/churn\n  newTag: v1\n',
      { newTag: '685e230' },
      'ghcr.io/acme/churn:685e230',
    ],
    ['a new name in CRLF', '- name: ghcr.io/acme/churn\r\n  newTag: v1\r\n', { newName: 'r.io/c' }, 'r.io/c:v1'],
  ])('%s', (_, images, edit, image) => {
    expect(rendered(images, edit)).toBe(image)
  })
})
