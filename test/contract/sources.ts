/** The source files of the product as text and syntax tree, for the tests that hold the code to its own rules. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Node, parseSync, visitorKeys } from 'oxc-parser'

export type Import = {
  /** As written: a package, `node:…`, or a path. */
  readonly specifier: string
  /** A file of ours, from the root of the repository; undefined for packages. */
  readonly file: string | undefined
  /** Erased before the program runs. */
  readonly typeOnly: boolean
}

export type Source = {
  /** From the root of the repository, with `/`. */
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly Import[]
  /** Every node of the file, parents before children. */
  readonly nodes: readonly Node[]
  /** The line of an offset into `text`, from 1. */
  lineAt(offset: number): number
}

/** Every TypeScript file under a folder, sorted by path. Throws when one does not parse. */
export function readSources(folder: string): readonly Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules/'))
    .toSorted()
    .map(readSource)
}

function readSource(path: string): Source {
  const text = readFileSync(path, 'utf8')
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join('; ')}`)
  const nodes = descendants(program)
  return {
    path,
    text,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports: nodes.flatMap((node) => importOf(node, path)),
    nodes,
    lineAt: (offset) => text.slice(0, offset).split('\n').length,
  }
}

function importOf(node: Node, path: string): readonly Import[] {
  switch (node.type) {
    case 'ImportDeclaration':
      return [toImport(node.source.value, path, node.importKind === 'type' || onlyTypes(node.specifiers))]
    case 'ExportNamedDeclaration':
      return node.source === null ? [] : [toImport(node.source.value, path, node.exportKind === 'type')]
    case 'ExportAllDeclaration':
      return [toImport(node.source.value, path, node.exportKind === 'type')]
    case 'TSImportType':
      return [toImport(node.source.value, path, true)]
    case 'ImportExpression':
      return node.source.type === 'Literal' && typeof node.source.value === 'string'
        ? [toImport(node.source.value, path, false)]
        : []
    default:
      return []
  }
}

const onlyTypes = (specifiers: readonly Node[]): boolean =>
  specifiers.length > 0 && specifiers.every((one) => one.type === 'ImportSpecifier' && one.importKind === 'type')

function toImport(specifier: string, path: string, typeOnly: boolean): Import {
  const file = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
  return { specifier, file, typeOnly }
}

function descendants(root: Node): readonly Node[] {
  const found: Node[] = []
  const open: Node[] = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    found.push(node)
    const children = (visitorKeys[node.type] ?? []).flatMap((key) => childrenOf(node, key))
    open.push(...children.toReversed())
  }
  return found
}

function childrenOf(node: Node, key: string): readonly Node[] {
  const value: unknown = Reflect.get(node, key)
  return (Array.isArray(value) ? value : [value]).filter(isNode)
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value
