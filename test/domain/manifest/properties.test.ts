/** Any value into any scalar of any file: exactly that changes, or nothing. LOCKKEEPER_DEEP=1 plays many more cases. */
import fc from 'fast-check'
import { CORE_SCHEMA, loadAll, type Schema, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { follow, rootsOf } from '../../../src/domain/manifest/cursor.ts'
import {
  editManifest,
  formatPath,
  type ManifestEdit,
  parsePath,
  readManifest,
} from '../../../src/domain/manifest/index.ts'
import { insertion } from '../../../src/domain/manifest/insert.ts'
import { parseManifest } from '../../../src/domain/manifest/parse.ts'
import { applySplices } from '../../../src/domain/manifest/scalars.ts'
import { awkwardValue } from './awkward-values.ts'
import { isKeptOutside } from './outside.ts'
import { writtenYaml } from './written-yaml.ts'
import type { WrittenScalar, WrittenYaml } from './yaml-writer.ts'

const RUNS = process.env['LOCKKEEPER_DEEP'] === '1' ? 50_000 : 2_500

const cases = writtenYaml.chain((yaml) =>
  fc.record({
    yaml: fc.constant(yaml),
    targets: fc.uniqueArray(fc.tuple(fc.constantFrom(...yaml.scalars), awkwardValue), {
      minLength: 1,
      maxLength: 3,
      selector: ([scalar]) => scalar.start,
    }),
  }),
)

const editsOf = (targets: readonly (readonly [WrittenScalar, string])[]): readonly ManifestEdit[] => [
  {
    kind: 'yaml',
    values: targets.map(([{ segments }, wanted]) => ({ segments, path: formatPath(segments), value: wanted })),
  },
]

/** Whether the scalar may be refused for this reason. */
const IS_CULPRIT: Readonly<
  Record<'block_scalar' | 'template' | 'alias', (scalar: WrittenScalar, yaml: WrittenYaml) => boolean>
> = {
  block_scalar: ({ style }) => style === 'block',
  template: ({ value: old }) => old.includes('{{'),
  alias: ({ style, anchor }, { repeated }) => style === 'alias' || (anchor !== undefined && repeated.has(anchor)),
}

/** Every document, with the wanted strings put in by hand. */
function expectedValues(
  text: string,
  targets: readonly (readonly [WrittenScalar, string])[],
  schema: Schema,
): unknown[] {
  const documents = loadAll(text, { schema })
  for (const [{ segments }, wanted] of targets) {
    const keys = segments.map((key) => (key === 'on' && schema === YAML11_SCHEMA ? 'true' : key))
    const document = documents.find((one) => Object.hasOwn(Object(one), keys[0] ?? ''))
    const holder = keys.slice(0, -1).reduce((value, key) => Object(value[key]), Object(document))
    holder[keys.at(-1) ?? ''] = wanted
  }
  return documents
}

// A counterexample that is not found again is still one.
describe('any value into any scalar', { retry: 0 }, () => {
  test('changes exactly what was asked, or nothing', { timeout: 600_000 }, () => {
    const seen = { edited: 0, unchanged: 0, block_scalar: 0, template: 0, alias: 0 }
    const property = fc.property(cases, ({ yaml, targets }) => {
      const result = editManifest({ file: 'f.yaml', text: yaml.text, edits: editsOf(targets) })
      if (result.kind === 'refused') {
        const { code } = result.refusal
        if (code !== 'block_scalar' && code !== 'template' && code !== 'alias')
          throw new Error(JSON.stringify(result.refusal))
        seen[code]++
        expect(targets.some(([scalar]) => IS_CULPRIT[code](scalar, yaml))).toBe(true)
        return
      }
      seen[result.kind]++
      const after = result.kind === 'edited' ? result.text : yaml.text
      const scalars = targets.map(([scalar]) => scalar)
      expect(isKeptOutside(yaml.text, after, scalars, 0)).toBe(true)
      expect(loadAll(after)).toEqual(expectedValues(yaml.text, targets, CORE_SCHEMA))
      expect(loadAll(after, { schema: YAML11_SCHEMA })).toEqual(expectedValues(yaml.text, targets, YAML11_SCHEMA))
      const again = editManifest({ file: 'f.yaml', text: after, edits: editsOf(targets) })
      expect(again.kind).toBe('unchanged')
    })
    fc.assert(property, { numRuns: RUNS })
    expect(seen.edited).toBeGreaterThan(RUNS / 2)
    expect(seen.block_scalar).toBeGreaterThan(0)
    expect(seen.alias).toBeGreaterThan(0)
  })

  test('a new key beside any value is there, and nothing else is different', { timeout: 600_000 }, () => {
    const seen = { added: 0, refused: 0 }
    const places = cases.filter(({ targets: [first] }) => first !== undefined && first[0].segments.length > 1)
    const property = fc.property(places, ({ yaml: { text }, targets }) => {
      const [scalar, wanted] = targets[0] ?? [undefined, '']
      const holder = scalar?.segments.slice(0, -1) ?? []
      const parsed = parseManifest('f.yaml', text)
      if (parsed.kind === 'refused') throw new Error(parsed.refusal.reason)
      const reached = rootsOf(parsed.manifest).map((root) => follow(root, holder))
      const at = reached.find((end) => end.kind === 'cursor')
      if (at?.node.kind !== 'mapping') return
      const splice = insertion(text, at.node, 'new key', wanted)
      if (splice === undefined) {
        seen.refused++
        return
      }
      seen.added++
      const after = applySplices(text, [splice])
      expect(splice.end).toBe(splice.start)
      for (const schema of [CORE_SCHEMA, YAML11_SCHEMA]) {
        const added = { ...scalar, segments: [...holder, 'new key'] } as WrittenScalar
        expect(loadAll(after, { schema })).toEqual(expectedValues(text, [[added, wanted]], schema))
      }
    })
    fc.assert(property, { numRuns: RUNS })
    expect(seen.added).toBeGreaterThan(10 * seen.refused)
    expect(seen.added).toBeGreaterThan(RUNS / 3)
  })

  test('is read back as it was written', () => {
    const property = fc.property(writtenYaml, ({ text, scalars: all }) => {
      const scalars = all.filter(({ style }) => style !== 'alias')
      const edits = editsOf(scalars.map((scalar) => [scalar, '']))
      const result = readManifest({ file: 'f.yaml', text, edits })
      const values = result.kind === 'read' ? result.values.map((one) => one.value) : result
      expect(values).toEqual(scalars.map((scalar) => scalar.value))
    })
    fc.assert(property, { numRuns: 500 })
  })

  test('a path is read back as the same keys', () => {
    const key = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.constantFrom('a', 'a.b', '"', '\\', '[x]', '0'),
    )
    fc.assert(
      fc.property(key, fc.array(fc.oneof(key, fc.constantFrom('7', '[name=x y]')), { maxLength: 4 }), (first, rest) => {
        expect(parsePath(formatPath([first, ...rest]))).toEqual({ ok: true, segments: [first, ...rest] })
      }),
    )
  })
})
