/** What a `dvc.yaml` and its `dvc.lock` say about metrics, parameters and data (https://doc.dvc.org/user-guide/project-structure). Read by services/read-dvc-metrics.ts. */
import { fieldsOf, listOf, paramText, textOf } from './json-fields.ts'
import { flattenTree } from './metrics-file.ts'
import { parseYamlText } from './yaml-text.ts'

export type DvcMetricsFile = {
  /** From the root of the repository. */
  readonly path: string
  /** DVC keeps it in its cache, not in Git: it was not declared with `cache: false`. */
  readonly isCached: boolean
}

export type DvcPipeline = {
  readonly metrics: readonly DvcMetricsFile[]
  /** Files of parameters that no stage names, as DVCLive writes them; from the root of the repository. */
  readonly paramFiles: readonly string[]
  /** Parameters of the stages: `train.C` of `params.yaml`, `other.yaml:train.C` of another file. */
  readonly params: ReadonlyMap<string, string>
  /** `data/raw.csv:<hash>` for what stages read and none makes, source code left out. */
  readonly dataDigests: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>
type Reading = { readonly ok: true; readonly pipeline: DvcPipeline } | { readonly ok: false; readonly reason: string }

/** A reason that completes "`dvc.yaml` cannot be read: …". */
class Unreadable extends Error {}

/** Aliases in a `dvc.yaml` are common, and nothing here walks its whole tree. DVC writes none into a lock file, whose parameters are walked. */
const MAX_ALIASES = 100
/** In one list of a stage; an alias may repeat it. */
const MAX_NAMES = 1000
/** Read for one comparison, of metrics and of parameters. */
const MAX_FILES = 100
const MAX_PARAMS = 2000
/** What is read beside data: programs and their settings. */
const SOURCE = /\.(?:py|ipynb|r|rmd|jl|sh|sql|scala|java|js|ts|go|rs|c|h|cc|cpp|hpp|ya?ml|toml)$/i

/** `path` is that of the `dvc.yaml`. What its templates (`${…}`) stand for is found in the lock file. */
export function parseDvc(path: string, text: string, lockText: string | undefined): Reading {
  const folder = path.split('/').slice(0, -1)
  try {
    const document = mappingOf(text, 'it', MAX_ALIASES)
    const lock = fieldsOf(lockText === undefined ? {} : mappingOf(lockText, 'its dvc.lock', 0)['stages']) ?? {}
    const items = itemsOf(lock)
    const stages = Object.entries(fieldsOf(document['stages']) ?? {})
    const declared = stages.flatMap(([name, stage]) => metricsOfStage({ name, stage, folder, items }))
    const outputs = new Set(declared.filter(({ isCached }) => isCached).map((file) => file.path))
    for (const cached of stages.flatMap(([, stage]) => cachedOutputs(stage, folder))) outputs.add(cached)
    const topLevel = namesIn(document['metrics']).map(({ name }) => inRepository(folder, name))
    const paths = [...new Set([...declared.map((file) => file.path), ...topLevel])]
    const paramFiles = namesIn(document['params']).map(({ name }) => inRepository(folder, name))
    if (paths.length + paramFiles.length > MAX_FILES) throw new Unreadable(`it names more than ${MAX_FILES} files`)
    return {
      ok: true,
      pipeline: {
        metrics: paths.map((file) => ({ path: file, isCached: outputs.has(file) })),
        paramFiles,
        params: paramsIn(lock),
        dataDigests: digestsIn(lock),
      },
    }
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, reason: error.message }
    throw error
  }
}

function mappingOf(text: string, what: string, maxAliases: number): Fields {
  const parsed = parseYamlText(text, { maxAliases })
  if (!parsed.ok) throw new Unreadable(`${what} is not YAML (${parsed.reason})`)
  const fields = fieldsOf(parsed.value ?? {})
  if (fields === undefined) throw new Unreadable(`${what} is not a mapping`)
  return fields
}

type StagePlace = {
  readonly name: string
  readonly stage: unknown
  readonly folder: readonly string[]
  readonly items: StageItems
}

/** By stage; a `foreach` or `matrix` stage is in the lock file once per item, `train@eu`. */
type StageItems = ReadonlyMap<string, readonly unknown[]>

function itemsOf(lock: Fields): StageItems {
  const byStage = Map.groupBy(Object.entries(lock), ([name]) => name.split('@')[0] ?? name)
  return new Map([...byStage].map(([stage, found]) => [stage, found.map(([, item]) => item)]))
}

/** The body of a stage; that of `foreach` stands under `do`. */
const bodyOf = (stage: unknown): Fields => fieldsOf(fieldsOf(stage)?.['do']) ?? fieldsOf(stage) ?? {}

function metricsOfStage({ name, stage, folder, items }: StagePlace): readonly DvcMetricsFile[] {
  const body = bodyOf(stage)
  const within = folderOf(body, folder)
  return namesIn(body['metrics']).flatMap(({ name: written, isCached }) =>
    (written.includes('${') ? resolvedIn(items, name, written) : [written]).map((file) => ({
      path: inRepository(within, file),
      isCached,
    })),
  )
}

/** Paths in a stage are relative to its `wdir`. */
function folderOf(body: Fields, folder: readonly string[]): readonly string[] {
  const wdir = textOf(body['wdir']) ?? '.'
  return (placeOf(folder, wdir) ?? refuse(wdir)).split('/')
}

/** The outputs of the stage in the lock file that fit the template. */
function resolvedIn(items: StageItems, stage: string, template: string): readonly string[] {
  const parts = template.split(/\$\{[^{}]*\}/)
  const made = items.get(stage) ?? []
  const found = made.map((each) => entriesOf(each, 'outs').flatMap(({ path }) => textOf(path) ?? []))
  const fitting = found.map((paths) => paths.filter((path) => fits(path, parts)))
  if (fitting.length === 0 || fitting.some(({ length }) => length !== 1)) {
    const why = fitting.some(({ length }) => length > 1) ? 'fits several outputs' : 'fits no output'
    throw new Unreadable(`the metrics file ${template} of its stage ${stage} ${why} in dvc.lock; write its path out`)
  }
  return fitting.flat()
}

/** Do the parts stand in the path in this order, from its start to its end, with something between each two? */
function fits(path: string, [first = '', ...parts]: readonly string[]): boolean {
  if (!path.startsWith(first)) return false
  let at = first.length
  for (const part of parts.slice(0, -1)) {
    const found = path.indexOf(part, at + 1)
    if (found < 0) return false
    at = found + part.length
  }
  const last = parts.at(-1) ?? ''
  return path.endsWith(last) && path.length - last.length > at
}

/** Entries of `metrics`, `outs` or `params`: a path, or a path with settings. */
function namesIn(value: unknown): readonly { readonly name: string; readonly isCached: boolean }[] {
  const entries = listOf(value) ?? []
  const count = entries.reduce<number>((sum, entry) => sum + Object.keys(fieldsOf(entry) ?? { entry }).length, 0)
  if (count > MAX_NAMES) throw new Unreadable(`one of its lists names more than ${MAX_NAMES} files`)
  return entries.flatMap((entry) => {
    const plain = textOf(entry)
    if (plain !== undefined) return [{ name: plain, isCached: true }]
    return Object.entries(fieldsOf(entry) ?? {}).map(([name, settings]) => ({
      name,
      isCached: fieldsOf(settings)?.['cache'] !== false,
    }))
  })
}

function cachedOutputs(stage: unknown, folder: readonly string[]): readonly string[] {
  const body = bodyOf(stage)
  const within = placeOf(folder, textOf(body['wdir']) ?? '.')?.split('/')
  return within === undefined
    ? []
    : namesIn(body['outs']).flatMap(({ name, isCached }) => (isCached ? (placeOf(within, name) ?? []) : []))
}

/** From the root of the repository; undefined: outside of it, or a template. */
function placeOf(folder: readonly string[], path: string): string | undefined {
  if (/^(?:[a-z][a-z0-9+.-]*:|[/~])/i.test(path) || path.includes('${')) return undefined
  const segments = folder.filter((segment) => segment !== '')
  for (const segment of path.split('/')) {
    if (segment === '..' && segments.pop() === undefined) return undefined
    if (segment !== '..' && segment !== '.' && segment !== '') segments.push(segment)
  }
  return segments.join('/')
}

/** Of a file: the root itself is none. */
const inRepository = (folder: readonly string[], path: string): string => placeOf(folder, path) || refuse(path)

function refuse(path: string): never {
  const why = path.includes('${') ? 'is a template; write the path out' : 'lies outside of the repository'
  throw new Unreadable(`${path} ${why}`)
}

function paramsIn(lock: Fields): ReadonlyMap<string, string> {
  const params = new Map<string, string>()
  for (const stage of Object.values(lock)) {
    for (const [file, values] of Object.entries(fieldsOf(fieldsOf(stage)?.['params']) ?? {})) {
      for (const [name, value] of flattenParams(file, values)) {
        if (params.size === MAX_PARAMS) return params
        params.set(name, value)
      }
    }
  }
  return params
}

/** Parameters as DVC calls them: by their names alone in a `params.yaml`, with the file in front elsewhere. */
export function* flattenParams(file: string, values: unknown): Generator<readonly [string, string]> {
  const prefix = /(?:^|\/)params\.yaml$/.test(file) ? '' : `${file}:`
  for (const [name, value] of flattenTree(values)) {
    yield [`${prefix}${name}`, paramText(value)]
  }
}

function digestsIn(lock: Fields): readonly string[] {
  const stages = Object.values(lock)
  const made = new Set(stages.flatMap((stage) => entriesOf(stage, 'outs').map((out) => out['path'])))
  const digests = stages.flatMap((stage) =>
    entriesOf(stage, 'deps').flatMap((dependency) => {
      const path = textOf(dependency['path'])
      // The key names the algorithm: md5, or what a remote has.
      const hash = ['md5', 'etag', 'checksum'].flatMap((key) => textOf(dependency[key]) ?? []).at(0)
      return path === undefined || hash === undefined || made.has(path) || SOURCE.test(path) ? [] : [`${path}:${hash}`]
    }),
  )
  return [...new Set(digests)].toSorted()
}

const entriesOf = (stage: unknown, key: string): readonly Fields[] =>
  (listOf(fieldsOf(stage)?.[key]) ?? []).map(fieldsOf).filter((each) => each !== undefined)
