/** After an edit the real Kustomize (`kubectl kustomize`) renders the intended image. Debian's kubectl is installed where none is there; nowhere to be had, it is said and skipped. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { installDebian } from '../../sandbox/recordings/installations.ts'
import { editManifest, type KustomizeImageEdit } from '../../src/domain/manifest/index.ts'

const ODD = fileURLToPath(new URL('../fixtures/manifests/odd/', import.meta.url))
const DIGEST = `sha256:${'ab'.repeat(32)}`
const OLD = `sha256:${'cd'.repeat(32)}`
const CHURN = 'ghcr.io/acme/churn'

/** The first kubectl with today's Kustomize in it. Older ones know neither components nor inline patches. */
const OLDEST_MINOR = 21

const BASE = `apiVersion: apps/v1
kind: Deployment
metadata: {name: churn}
spec:
  selector: {matchLabels: {app: churn}}
  template:
    metadata: {labels: {app: churn}}
    spec:
      containers:
      - {name: server, image: "${CHURN}:main"}
      - {name: other, image: "ghcr.io/acme/other:main"}
`

let missing: string | undefined

beforeAll(async () => {
  if (minorOfKubectl() === undefined) {
    await installDebian('kubernetes-client').catch((error: Error) => {
      missing = error.message
    })
  }
  const minor = minorOfKubectl()
  if (minor === undefined) missing ??= 'kubectl could not be installed'
  else if (minor < OLDEST_MINOR) missing = `kubectl 1.${minor} is too old`
  if (missing !== undefined) console.warn(`!!! NOT CHECKED AGAINST THE REAL KUSTOMIZE: ${missing}`)
})

beforeEach((context) => {
  if (missing !== undefined) context.skip(missing)
})

function minorOfKubectl(): number | undefined {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client', '--output=json'], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const { clientVersion }: { readonly clientVersion: { readonly minor: string } } = JSON.parse(stdout)
  return Number.parseInt(clientVersion.minor, 10)
}

type Fields = Omit<KustomizeImageEdit, 'kind' | 'name'>

function edit(text: string, fields: Fields): string {
  const edits = [{ kind: 'kustomize_image', name: CHURN, ...fields }] as const
  const result = editManifest({ file: 'kustomization.yaml', text, edits })
  if (result.kind !== 'edited') throw new Error(JSON.stringify(result))
  return result.text
}

/** The image of the container `server` once Kustomize has rendered the base below this overlay. */
function rendered(kustomization: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-kustomize-'))
  const write = (folder: string, files: Readonly<Record<string, string>>) => {
    mkdirSync(join(directory, folder))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, folder, name), text)
  }
  try {
    write('base', { 'deployment.yaml': BASE, 'kustomization.yaml': 'resources: [deployment.yaml]\n' })
    write('overlay', { 'kustomization.yaml': kustomization })
    write('top', { 'kustomization.yaml': 'resources: [../base]\ncomponents: [../overlay]\n' })
    const entry = /^kind: Component/m.test(kustomization) ? 'top' : 'overlay'
    const output = execFileSync('kubectl', ['kustomize', join(directory, entry)], { encoding: 'utf8' })
    const image = /image: (.*)\s+name: server/.exec(output)?.[1]
    if (image === undefined) throw new Error(output)
    return image
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe('kubectl kustomize renders', () => {
  test.each<readonly [string, string, Fields, string]>([
    ['a digest that was replaced', `- name: ${CHURN}\n  digest: ${OLD} # c\n`, { digest: DIGEST }, `@${DIGEST}`],
    ['a digest that was added', `- name: ${CHURN}`, { digest: DIGEST }, `@${DIGEST}`],
    ['a digest that was added to JSON', `- {"name":"${CHURN}"}\n`, { digest: DIGEST }, `@${DIGEST}`],
    [
      'a digest beside a tag, which stays as a label',
      `- name: ${CHURN}\n  newTag: v1\n`,
      { digest: DIGEST },
      `:v1@${DIGEST}`,
    ],
    ['a tag that looks like a number', `- name: ${CHURN}\n  newTag: v1\n`, { newTag: '1.10' }, ':1.10'],
    ['a tag that looks like a float', `- name: ${CHURN}\n  newTag: v1\n`, { newTag: '685e230' }, ':685e230'],
    ['a tag that looks like a boolean', `- name: ${CHURN}\n  newTag: v1\n`, { newTag: 'yes' }, ':yes'],
    ['a tag that looks like a date', `- {name: ${CHURN}, newTag: v1}\n`, { newTag: '2024-01-01' }, ':2024-01-01'],
    ['a folded tag', `- name: ${CHURN}\n  newTag: >-\n    v1\n`, { newTag: '0x1F' }, ':0x1F'],
  ])('%s', (_, images, fields, image) => {
    const text = `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\nimages:\n${images}`
    expect(rendered(edit(text, fields))).toBe(CHURN + image)
  })

  test('an entry that was added behind another', () => {
    const text = 'resources: [../base]\nimages:\n  - name: other\n    newTag: v1 # c\n'
    expect(rendered(edit(text, { newName: 'r.io/c', newTag: '1.10', digest: DIGEST }))).toBe(`r.io/c:1.10@${DIGEST}`)
  })

  test.each([
    ['a list of blocks', 'images:\n  - name: third\n    newTag: v1 # c\n'],
    ['empty brackets', 'images: []\n'],
  ])('two entries that were added at once to %s', (_, images) => {
    const edits = [
      { kind: 'kustomize_image', name: 'ghcr.io/acme/other', newTag: '0x1F' },
      { kind: 'kustomize_image', name: CHURN, newTag: '1.10', digest: DIGEST },
    ] as const
    const result = editManifest({ file: 'kustomization.yaml', text: `resources: [../base]\n${images}`, edits })
    expect(result.kind === 'edited' && rendered(result.text)).toBe(`${CHURN}:1.10@${DIGEST}`)
  })

  test('a new name in CRLF', () => {
    const text = `resources: [../base]\r\nimages:\r\n- name: ${CHURN}\r\n  newTag: v1\r\n`
    expect(rendered(edit(text, { newName: 'r.io/c' }))).toBe('r.io/c:v1')
  })

  const odd = readdirSync(ODD).filter((name) => /^kustomize-.*\.yaml$/.test(name))
  test.each(odd)('the new image of %s', (file) => {
    const text = readFileSync(join(ODD, file), 'utf8')
    const newName = /newName: (.*)/.exec(text)?.[1] ?? CHURN
    const hasTag = /name: +'?ghcr.io\/acme\/churn'?.*\s+newTag:|\{name: ghcr.io\/acme\/churn, newTag/.test(text)
    const after = edit(text, hasTag ? { newTag: '1.10' } : { digest: DIGEST })
    expect(rendered(after)).toBe(hasTag ? `${newName}:1.10` : `${newName}@${DIGEST}`)
  })
})
