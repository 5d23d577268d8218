/** The editor over manifests that people have published: thousands of edits with awkward values, each judged by js-yaml alone. Without a network it is said and skipped. */
import { deepStrictEqual } from 'node:assert/strict'
import { loadAll } from 'js-yaml'
import { afterAll, describe, expect, test } from 'vitest'
import { editManifest, type ManifestRefusal } from '../../src/domain/manifest/index.ts'
import { filesOfModule, type GoModule, goProxy, KSERVE } from './go-modules.ts'
import { offersOf } from './public-edits.ts'
import type { Offer } from './public-objects.ts'

/** Where they come from. About 60 MB are fetched once; see sum.golang.org for the sums. */
const MODULES: readonly GoModule[] = [
  KSERVE,
  { path: 'github.com/kubeflow/kfserving', version: 'v0.4.1', sum: 'h1:CDsCqkIK6QVhGA6e9dWInIDpso68XhKEuXGI5+j8GoA=' },
  {
    path: 'github.com/kubeflow/training-operator',
    version: 'v1.9.2',
    sum: 'h1:w5McwkEb7J5QFRo8b8zR9DrgyLHNU2u03Srr9eyLJtc=',
  },
  {
    path: 'github.com/argoproj/argo-rollouts',
    version: 'v1.8.3',
    sum: 'h1:blbtQva4IK9r6gFh+dWkCrLnFdPOWiv9ubQYu36qeaA=',
  },
  { path: 'github.com/fluxcd/flux2/v2', version: 'v2.6.4', sum: 'h1:RHv3fZclZRMh9Szok4tmN2/aLOOkkKcr7S8//BfF4zg=' },
  {
    path: 'github.com/fluxcd/helm-controller',
    version: 'v1.3.0',
    sum: 'h1:FB10Yn6v2Ch0cktIoIaVLTHxMpkQ+8tLX5Du2jqGB24=',
  },
  {
    path: 'github.com/fluxcd/image-automation-controller',
    version: 'v0.41.2',
    sum: 'h1:/kIEOWTq4+K9q8JFaoPz4KwSp0KpQZFbfT+Kpl4KwFA=',
  },
  { path: 'knative.dev/serving', version: 'v0.46.0', sum: 'h1:OF4Jt+6xY4nw0lFb9G3rEEJPZcNx1k2Kf1IhhJp/Rg4=' },
  {
    path: 'sigs.k8s.io/kustomize',
    version: 'v2.0.3+incompatible',
    sum: 'h1:JUufWFNlI44MdtnjUqVnvh29rR37PQFzPbLXqhyOyX0=',
  },
  { path: 'sigs.k8s.io/kustomize/api', version: 'v0.20.1', sum: 'h1:iWP1Ydh3/lmldBnH/S5RXgT98vWYMaTUL1ADcr+Sv7I=' },
]

/** How much of one file is edited: more of a long one would be the same again, and takes long. */
const OFFERS = { short: 20, long: 2, isLong: 50_000 }

/** Edits that must have been proven. */
const LEAST = { yaml: 4_000, kserve: 200, deployment: 200, kustomize_image: 50, helm: 1 }

/** Reasons that lie in a file, for which no edit of it is done. */
const OF_A_FILE = ['template', 'does_not_parse', 'duplicate_key', 'unknown_tag', 'too_large', 'not_utf8']

const seen = { files: 0, edited: 0, edits: 0, unchanged: 0 }
const kinds = new Map<string, number>()
const refusedFiles = new Map<string, number>()
const refusedEdits = new Map<string, number>()
const round = { at: 0 }

afterAll(() => {
  const list = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([what, count]) => `${what} ${count}`).join(', ')
  console.log(
    `${seen.files} files, ${seen.edited} of them edited; ${seen.edits} edits proven (${list(kinds)}), ${seen.unchanged} were there.\nFiles refused: ${list(refusedFiles)}\nEdits refused: ${list(refusedEdits)}`,
  )
})

describe('every public manifest is edited exactly, or refused with a reason', () => {
  test.each(MODULES)('$path $version', async (module) => {
    const files = await filesOfModule(module).catch((error: Error) => error)
    if (files instanceof Error) {
      if (/has the sum/.test(files.message)) throw files
      console.warn(`!!! NOT CHECKED AGAINST PUBLIC MANIFESTS: ${goProxy()} is needed once (${files.message})`)
      return
    }
    const before = seen.files
    for (const { name, bytes } of files)
      if (/\.ya?ml$/.test(name)) editFile(`${module.path}/${name}`, bytes.toString('utf8'))
    expect(seen.files).toBeGreaterThan(before)
  })

  test('and these are many', (context) => {
    if (seen.files === 0) context.skip('no module could be fetched')
    expect(seen.edited).toBeGreaterThan(1_000)
    expect(seen.edits).toBeGreaterThan(5_000)
    for (const [kind, least] of Object.entries(LEAST)) expect(kinds.get(kind), kind).toBeGreaterThan(least)
  })
})

function editFile(file: string, text: string): void {
  seen.files++
  const problem = editManifest({ file, text, edits: [] })
  if (problem.kind === 'refused') {
    expectUnreadable(file, text, problem.refusal)
    count(refusedFiles, problem.refusal.code)
    return
  }
  const offers = offersOf(text, round)
  const most = text.length < OFFERS.isLong ? OFFERS.short : OFFERS.long
  const stride = Math.ceil(offers.length / most)
  const done = offers.filter((_, index) => index % stride === 0).filter((offer) => tryOffer(file, text, offer))
  if (done.length > 0) seen.edited++
}

/** A whole file is refused only where js-yaml cannot read it either, or where it is too large. */
function expectUnreadable(file: string, text: string, refusal: ManifestRefusal): void {
  expectReason(refusal)
  expect(OF_A_FILE, file).toContain(refusal.code)
  if (refusal.code === 'too_large') expect(text.length).toBeGreaterThan(1024 * 1024)
  else expect(() => loadAll(text), `${file}: ${refusal.reason}`).toThrow()
}

/** Whether the edit was done, and done exactly. */
function tryOffer(file: string, text: string, offer: Offer): boolean {
  const result = editManifest({ file, text, edits: offer.edits })
  if (result.kind === 'refused') {
    expectReason(result.refusal)
    expect(isFair(result.refusal, text, offer), `${file} ${JSON.stringify([result.refusal, offer])}`).toBe(true)
    count(refusedEdits, result.refusal.code)
    return false
  }
  if (result.kind === 'unchanged') {
    seen.unchanged++
    return false
  }
  expectExact(file, text, result.text, offer)
  const again = editManifest({ file, text: result.text, edits: offer.edits })
  expect(again.kind, file).toBe('unchanged')
  seen.edits++
  count(kinds, offer.kind)
  return true
}

function expectExact(file: string, before: string, after: string, { wanted }: Offer): void {
  const documents = loadAll(before)
  for (const { document, path, value } of wanted) {
    const holder = path.slice(0, -1).reduce((at, key) => Reflect.get(at, key), Object(documents[document]))
    Reflect.set(holder, path.at(-1) ?? '', value)
  }
  deepStrictEqual(loadAll(after), documents, file)
  let [start, end] = [0, 0]
  while (start < before.length && before[start] === after[start]) start++
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const replaced = before.slice(start, before.length - end)
  // One value on one line is replaced; what is added leaves every byte there.
  const [only, second] = wanted
  if (wanted.every(({ old }) => old === undefined)) expect(replaced, file).toBe('')
  else if (second === undefined && typeof only?.old === 'string' && !/\s/.test(only.old)) {
    expect(replaced, file).not.toMatch(/\s/)
    expect(replaced.length, file).toBeLessThanOrEqual(only.old.length * 2 + 2)
  }
}

function expectReason({ line, column, reason, hint }: ManifestRefusal): void {
  expect(line).toBeGreaterThan(0)
  expect(column).toBeGreaterThan(0)
  expect(reason.length).toBeGreaterThan(10)
  expect(hint.length).toBeGreaterThan(5)
}

/** Whether the text itself shows why the edit must not be done. */
function isFair({ code, line }: ManifestRefusal, text: string, { wanted }: Offer): boolean {
  const lines = text.split(/\r\n?|\n/)
  const old = wanted.map((one) => String(one.old))
  if (code === 'block_scalar')
    return lines.slice(Math.max(0, line - 4), line).some((one) => /[|>][-+0-9]*\s*(?:#.*)?$/.test(one))
  if (code === 'template') return old.some((value) => value.includes('{{'))
  if (code === 'flux_marker') return lines.some((one) => one.includes('$imagepolicy'))
  if (code === 'alias' || code === 'merge_key') return /[&*]\w/.test(text)
  if (code === 'unsupported_value') return old.some((value) => /^\d+$/.test(value))
  return false
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}
