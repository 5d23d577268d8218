/** The layers of ARCHITECTURE.md: which part of the source may know which other part, which package and which global. No file is exempt. */
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Import, readSources, type Source } from './sources.ts'

/**
 * What a layer may import besides itself. `types`: only what is erased before the program runs.
 * A path ends at a folder or names one file.
 */
type Allowance = { readonly values: readonly string[]; readonly types?: readonly string[] }

/** The interfaces that the outside implements. */
const PORTS = ['services/ports.ts', 'services/ports', 'services/ledger.ts']

const LAYERS: Readonly<Record<string, Allowance>> = {
  domain: { values: [] },
  comments: { values: ['domain'] },
  config: { values: ['domain'] },
  services: { values: ['domain', 'comments'], types: ['config'] },
  clients: { values: ['domain'], types: PORTS },
  store: { values: ['domain'], types: PORTS },
  intake: { values: ['domain'], types: ['store', ...PORTS] },
  web: { values: ['services', 'comments', 'domain', 'config'] },
  handlers: { values: ['services', 'comments', 'domain', 'config'] },
  cli: {
    values: [
      ...['services', 'comments', 'domain', 'config', 'handlers/commands'],
      ...['main.ts', 'examinations.ts', 'sides.ts', 'simulation.ts', 'rebuilding.ts'],
    ],
  },
}

/** src/main.ts, app.ts, bot.ts, log.ts, outside.ts, the examinations of doctor, sides.ts, simulation.ts: they put everything together and may know everything. */
const COMPOSITION_ROOT = [
  'src/fenced-mlflow.ts',
  'src/main.ts',
  'src/app.ts',
  'src/bot.ts',
  'src/log.ts',
  'src/outside.ts',
  'src/examinations.ts',
  'src/cluster-examinations.ts',
  'src/github-examinations.ts',
  'src/sides.ts',
  'src/simulation.ts',
  'src/rebuilding.ts',
]

/** Where each package and each part of Node may be used. What is not listed may not be used at all. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  probot: [...COMPOSITION_ROOT, 'src/clients/github'],
  '@octokit/webhooks': [...COMPOSITION_ROOT],
  pino: ['src/main.ts', 'src/bot.ts', 'src/log.ts'],
  kysely: ['src/store'],
  pg: ['src/store'],
  'pg-boss': ['src/store'],
  undici: ['src/clients'],
  '@aws-sdk/client-s3': ['src/clients/s3.ts'],
  '@aws-sdk/credential-provider-node': ['src/clients/aws-signature.ts'],
  '@smithy/core': ['src/clients/aws-signature.ts'],
  '@smithy/signature-v4': ['src/clients/aws-signature.ts'],
  '@kubernetes/client-node': ['src/clients/kubernetes'],
  zod: ['src/config'],
  'js-yaml': ['src/config', 'src/domain', 'src/clients/kubernetes'],
  'markdown-it': ['src/domain'],
  'markdown-it-footnote': ['src/domain'],
  'temporal-polyfill': ['src/domain'],
  yauzl: ['src/clients/github'],
  'node:zlib': ['src/clients/github'],
  'node:async_hooks': ['src/clients/github', 'src/store'],
  'node:http': ['src/intake', 'src/web'],
  'node:crypto': ['src/domain', 'src/services', 'src/config', 'src/clients', 'src/intake'],
  'node:util': ['src/cli'],
  'node:fs': ['src/config', 'src/store'],
  'node:tls': ['src/clients'],
  'node:fs/promises': ['src/cli', 'src/clients', 'src/store'],
  'node:os': ['src/clients', 'src/store'],
  'node:path': ['src/cli', 'src/clients', 'src/store'],
  'node:timers/promises': ['src/clients', 'src/store'],
  'node:net': ['src/clients'],
  'node:stream': ['src/clients'],
  'node:dns/promises': ['src/clients'],
  'node:child_process': ['src/cli', 'src/store'],
  'node:readline': ['src/store'],
  'node:sqlite': ['src/store'],
}

/** Handlers speak Probot's types, and nothing else of it. */
const PACKAGE_TYPES: Readonly<Record<string, readonly string[]>> = { probot: ['src/handlers'] }

/** A handler may know these parts of src/handlers; never another handler. */
const SHARED_BY_HANDLERS = ['src/handlers/ears.ts', 'src/handlers/commands/']

const sources = readSources('src')

/** One line per import that breaks a rule; empty is right. */
const broken = (isAllowed: (source: Source, one: Import) => boolean, relative: boolean): readonly string[] =>
  sources.flatMap((source) =>
    source.imports
      .filter((one) => (one.file !== undefined) === relative && !isAllowed(source, one))
      .map(({ specifier }) => `${source.path} imports ${specifier}`),
  )

describe('the layers of src', () => {
  it('every folder of src is a layer of the table, and every other file the composition root', () => {
    const unknown = sources
      .map(({ path }) => path)
      .filter((path) => LAYERS[layerOf(path) ?? ''] === undefined && !COMPOSITION_ROOT.includes(path))
    expect(unknown).toEqual([])
  })

  it('each layer imports only what the table allows', () => {
    expect(broken(mayImportFile, true)).toEqual([])
  })

  it('a handler never imports another handler', () => {
    const isHandler = (path: string) => posix.dirname(path) === 'src/handlers' && !SHARED_BY_HANDLERS.includes(path)
    expect(broken(({ path }, { file = '' }) => !(isHandler(path) && isHandler(file)), true)).toEqual([])
  })

  it('a slash command never imports another slash command', () => {
    const shared = ['src/handlers/commands/command.ts', 'src/handlers/commands/index.ts']
    const isCommand = (path: string) => path.startsWith('src/handlers/commands/') && !shared.includes(path)
    expect(broken(({ path }, { file = '' }) => !(isCommand(path) && isCommand(file)), true)).toEqual([])
  })

  it('packages and parts of Node are used where the table says, and nowhere else', () => {
    expect(broken(mayImportPackage, false)).toEqual([])
  })

  it('the tables list nothing that is not used', () => {
    const used = new Set(sources.flatMap(({ imports }) => imports.map(({ specifier }) => packageOf(specifier))))
    expect(Object.keys(PACKAGES).filter((name) => !used.has(name))).toEqual([])
  })

  it('the ports hold no code, so that whoever implements them depends on none', () => {
    const withCode = sources
      .filter(({ path }) => PORTS.some((port) => isWithin(path, `src/${port}`)))
      .filter(({ nodes }) => nodes.some(({ type }) => type === 'FunctionDeclaration' || type === 'VariableDeclaration'))
    expect(withCode.map(({ path }) => path)).toEqual([])
  })
})

describe('what reaches outside of the program', () => {
  it('process.env is read in src/config/env.ts only', () => {
    expect(readers(isProcessEnv)).toEqual(['src/config/env.ts'])
  })

  it('nobody gets at the process by another name', () => {
    const aliased = (source: Source) =>
      source.nodes.some(
        (node) =>
          node.type === 'VariableDeclarator' && node.init?.type === 'Identifier' && node.init.name === 'process',
      )
    expect(sources.filter(aliased).map(({ path }) => path)).toEqual([])
  })

  it('only clients fetch', () => {
    const network = new Set(['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource'])
    const paths = readers((node) => node.type === 'Identifier' && network.has(node.name))
    expect(paths.filter((path) => !path.startsWith('src/clients/'))).toEqual([])
  })
})

function mayImportFile({ path }: Source, { file = '', typeOnly }: Import): boolean {
  if (!file.startsWith('src/')) return false
  if (COMPOSITION_ROOT.includes(path)) return true
  const layer = layerOf(path) ?? ''
  const { values, types = [] } = LAYERS[layer] ?? { values: [] }
  return [layer, ...values, ...(typeOnly ? types : [])].some((allowed) => isWithin(file, `src/${allowed}`))
}

function mayImportPackage({ path }: Source, { specifier, typeOnly }: Import): boolean {
  const name = packageOf(specifier)
  const places = [...(PACKAGES[name] ?? []), ...(typeOnly ? (PACKAGE_TYPES[name] ?? []) : [])]
  return places.some((place) => isWithin(path, place))
}

type Node = Source['nodes'][number]

const isProcessEnv = (node: Node): boolean =>
  node.type === 'MemberExpression' &&
  node.object.type === 'Identifier' &&
  node.object.name === 'process' &&
  ((node.property.type === 'Identifier' && node.property.name === 'env') ||
    (node.property.type === 'Literal' && node.property.value === 'env'))

const readers = (reads: (node: Node) => boolean): readonly string[] =>
  sources.filter(({ nodes }) => nodes.some(reads)).map(({ path }) => path)

const isWithin = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`)

/** The folder below src; undefined for files directly in it. */
const layerOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1]

/** The package of `pkg/deep/file.js`; parts of Node keep their whole name. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
