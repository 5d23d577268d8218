/** Every kind of edit in every style, judged by js-yaml alone: exactly what was asked changes, or nothing. LOCKKEEPER_DEEP=1 plays many more cases. */
import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { CORE_SCHEMA, loadAll, type Schema, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { editManifest, type ManifestEdit, readManifest } from '../../../src/domain/manifest/index.ts'
import {
  type Asked,
  askedOfArgocd,
  askedOfDeployment,
  askedOfHelm,
  askedOfKustomize,
  type Wanted,
} from './asked-edits.ts'
import { askedOfKserve } from './asked-kserve.ts'
import { isKeptOutside } from './outside.ts'
import { type Fields, writtenManifest } from './written-manifest.ts'
import type { WrittenScalar, WrittenYaml } from './yaml-writer.ts'

const RUNS = process.env['LOCKKEEPER_DEEP'] === '1' ? 6_000 : 400

type Written = {
  readonly yaml: WrittenYaml
  readonly edits: readonly ManifestEdit[]
  readonly wanted: readonly (Wanted & { readonly document: number })[]
}

const OTHER: Fields = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'churn', namespace: 'größe' },
  data: { image: 'a:1' },
}

/** The object alone, in a List, or among others: one of another kind, and a twin of another name. */
function written(asked: Asked): fc.Arbitrary<Written> {
  const { object, edits, wanted, isValues = false, exact = false } = asked
  const hasName = Object.hasOwn(object, 'metadata')
  const twin = { ...object, metadata: { name: 'twin' } }
  return fc
    .record({ before: fc.boolean(), twinBehind: fc.boolean(), inList: fc.boolean() })
    .chain(({ before, twinBehind, inList }) => {
      const group = [...(before ? [OTHER] : []), object, ...(twinBehind && hasName ? [twin] : [])]
      const documents = isValues ? [object] : inList ? [{ kind: 'List', items: group }] : group
      const index = before ? 1 : 0
      const prefix = inList && !isValues ? ['items', String(index)] : []
      const document = inList || isValues ? 0 : index
      const moved = wanted.map((one) => ({ ...one, document, path: [...prefix, ...one.path] }))
      return writtenManifest(documents, { exact }).map((yaml) => ({ yaml, edits, wanted: moved }))
    })
}

/** Every document, with the wanted values put in by hand. */
function expectedValues(text: string, wanted: Written['wanted'], schema: Schema): unknown[] {
  const documents = loadAll(text, { schema })
  for (const { document, path, value } of wanted) {
    const holder = path.slice(0, -1).reduce((at, key) => Object(at[key]), Object(documents[document]))
    holder[path.at(-1) ?? ''] = value
  }
  return documents
}

function expectValues(after: string, before: string, wanted: Written['wanted']): void {
  for (const schema of [CORE_SCHEMA, YAML11_SCHEMA])
    deepStrictEqual(loadAll(after, { schema }), expectedValues(before, wanted, schema))
}

function scalarsOf({ yaml, wanted }: Written): readonly WrittenScalar[] {
  return wanted.flatMap(({ document, path, isNew }) => {
    if (isNew) return []
    const found = yaml.scalars.find((one) => one.document === document && one.segments.join('/') === path.join('/'))
    if (found === undefined) throw new Error(`the writer has no ${path.join('/')}`)
    return [found]
  })
}

/** Whether the case has what may be refused for this reason. */
function mayBeRefused(code: string, one: Written): boolean {
  const scalars = scalarsOf(one)
  if (code === 'block_scalar') return scalars.some(({ style }) => style === 'block')
  if (code === 'alias') return scalars.some(({ anchor }) => anchor !== undefined && one.yaml.repeated.has(anchor))
  return code === 'target_missing' && one.wanted.some(({ isNew }) => isNew)
}

const run = (text: string, edits: readonly ManifestEdit[]) => editManifest({ file: 'f.yaml', text, edits })

// A counterexample that is not found again is still one.
describe('any value is written by', { retry: 0, timeout: 900_000 }, () => {
  test.each([
    ['kserve', askedOfKserve, 0.6],
    ['deployment', askedOfDeployment, 0.6],
    ['kustomize_image', askedOfKustomize, 0.5],
    ['helm', askedOfHelm, 0.6],
    ['argocd_parameters', askedOfArgocd, 0.5],
  ] as const)('%s', (_, asked, floor) => {
    const seen = { done: 0, added: 0 }
    const property = fc.property(asked.chain(written), (one) => {
      const { yaml, edits, wanted } = one
      const result = run(yaml.text, edits)
      if (result.kind === 'refused') {
        if (!mayBeRefused(result.refusal.code, one)) throw new Error(JSON.stringify(result.refusal))
        return
      }
      seen.done++
      const after = result.kind === 'edited' ? result.text : yaml.text
      expectValues(after, yaml.text, wanted)
      const added = wanted.filter(({ isNew }) => isNew)
      if (added.length > 0) seen.added++
      expect(isKeptOutside(yaml.text, after, scalarsOf(one), added.length)).toBe(true)
      const again = run(after, edits)
      if (again.kind !== 'unchanged') throw new Error(JSON.stringify(again))
      expectRestored(one, after)
    })
    fc.assert(property, { numRuns: RUNS })
    expect(seen.done).toBeGreaterThan(RUNS * floor)
    if (asked === askedOfKserve || asked === askedOfKustomize) expect(seen.added).toBeGreaterThan(RUNS / 8)
  })
})

/** A `restore` of each edit writes the texts that stood there before; what the edit added stays. */
function expectRestored({ yaml, edits, wanted }: Written, after: string): void {
  const read = readManifest({ file: 'f.yaml', text: yaml.text, edits })
  if (read.kind === 'refused') throw new Error(JSON.stringify(read))
  const back = edits.map((edit, index): ManifestEdit => {
    const values = read.values.filter((value) => value.edit === index && value.value !== undefined)
    return { kind: 'restore', edit, values: new Map(values.map(({ field, value }) => [field, value ?? ''])) }
  })
  const restored = run(after, back)
  if (restored.kind === 'refused') {
    expect(restored.refusal.code).toBe('block_scalar')
    return
  }
  const text = restored.kind === 'edited' ? restored.text : after
  const old = wanted.filter(({ isNew }) => !isNew).map((one) => ({ ...one, value: valueAt(yaml.text, one) }))
  expectValues(text, after, old)
}

function valueAt(text: string, { document, path }: Written['wanted'][number]): string | number {
  return path.reduce((at, key) => at[key], Object(loadAll(text)[document]))
}
