/** Kubernetes objects and chart values as people write them: the same content in any mix of styles. yaml-writer.ts writes it. */
import fc from 'fast-check'
import { frame, layout } from './written-yaml.ts'
import { type Header, type Mapping, type Scalar, type Tree, type WrittenYaml, writeDocuments } from './yaml-writer.ts'

/** What a document says, without a style. */
export type Shape = string | number | readonly Shape[] | Fields
export type Fields = { readonly [key: string]: Shape }

/** What these keys hold is looked up, so no style may end it with a line break. */
const LOOKED_UP = ['apiVersion', 'kind', 'name', 'mountPath', 'serviceName', 'nodeName', 'routerType']
const SAFE = /^[A-Za-z](?:[\w./@-]|:(?=[\w/]))*$/
const NOT_TEXT = /^(?:y|n|yes|no|on|off|true|false|null)$/i

const shared = { ...layout, flow: fc.constantFrom(false, false, false, true) }
const noise: fc.Arbitrary<readonly (readonly [string, Scalar])[]> = fc.array(
  fc.tuple(
    fc.constantFrom('x-a', 'größe', 'x.io/b c'),
    fc.constantFrom<Scalar>(
      { is: 'scalar', style: 'alias', text: 'x', anchor: false },
      { is: 'scalar', style: 'double', text: ' # "no" 模型', anchor: true },
      { is: 'scalar', style: 'plain', text: '0x1F', anchor: false },
    ),
  ),
  { maxLength: 1 },
)

/** The files that hold these documents. */
export function writtenManifest(
  documents: readonly Fields[],
  options: { readonly exact: boolean },
): fc.Arbitrary<WrittenYaml> {
  return fc
    .tuple(fc.tuple(...documents.map((document) => mapping(document, options.exact))), frame)
    .map(([roots, file]) => writeDocuments(roots, file))
}

function tree(shape: Shape, exact: boolean): fc.Arbitrary<Tree> {
  if (typeof shape === 'number')
    return fc.constant({ is: 'scalar', style: 'plain', text: String(shape), anchor: false })
  if (typeof shape === 'string') return scalar(shape, exact)
  return isList(shape) ? list(shape, exact) : mapping(shape, exact)
}

function scalar(text: string, exact: boolean): fc.Arbitrary<Scalar> {
  const anchor = fc.constantFrom(false, false, false, true)
  const quoted = (style: Scalar['style']) =>
    fc.record({ is: fc.constant('scalar' as const), style: fc.constant(style), text: fc.constant(text), anchor })
  const block = fc.record({
    sign: fc.constantFrom('|', '>'),
    indicator: fc.boolean(),
    chomping: exact ? fc.constant('-') : fc.constantFrom('-', '-', '', '+'),
    blankLines: fc.integer({ min: 0, max: 2 }),
  })
  const styles = [quoted('single'), quoted('double')]
  if (SAFE.test(text) && !NOT_TEXT.test(text)) styles.push(quoted('plain'), quoted('plain'))
  const inBlock = fc.tuple(quoted('block'), block).map(([item, header]) => ({ ...item, header: header as Header }))
  return text === '' ? fc.oneof(...styles) : fc.oneof(...styles, inBlock)
}

function list(items: readonly Shape[], exact: boolean): fc.Arbitrary<Tree> {
  const trees = fc.tuple(...items.map((item) => tree(item, exact)))
  return fc.record({ is: fc.constant('list' as const), items: trees, margin: fc.boolean(), ...shared })
}

function mapping(fields: Fields, exact: boolean): fc.Arbitrary<Mapping> {
  const entries = Object.entries(fields).map(([key, value]) =>
    fc.tuple(fc.constant(key), tree(value, exact || LOOKED_UP.includes(key))),
  )
  const order = fc.array(fc.double({ noNaN: true }), { minLength: entries.length + 1, maxLength: entries.length + 1 })
  return fc.tuple(fc.tuple(...entries), noise, order, fc.record(shared)).map(([own, others, ranks, rest]) => {
    const all = [...own, ...others].map((entry, index) => ({ entry, rank: ranks[index] ?? 0 }))
    const inOrder = all.toSorted((a, b) => a.rank - b.rank).map(({ entry }) => entry)
    return { is: 'mapping', keys: inOrder.map(([key]) => key), items: inOrder.map(([, item]) => item), ...rest }
  })
}

function isList(shape: readonly Shape[] | Fields): shape is readonly Shape[] {
  return Array.isArray(shape)
}
