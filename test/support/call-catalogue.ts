/** Every call that the source can make of a system outside, as outside-call.ts names them: read from src, so that a new one cannot be forgotten. Compared with what the fault matrix has played. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContract } from '../../sandbox/github/contract/index.ts'
import { RESOURCE_TYPES } from '../../src/clients/kubernetes/resources.ts'
import type { OutsideCall } from './outside-call.ts'

const CLIENTS = join(import.meta.dirname, '../../src/clients')

/** The names of what one call does: each write of a mutation document has one of its own. */
export const namesOf = ({ name, mutations }: Pick<OutsideCall, 'name' | 'mutations'>): readonly string[] =>
  mutations.length === 0 ? [name] : mutations.map((field) => `github mutation ${field}`)

/** In alphabetical order. */
export function callCatalogue(): readonly string[] {
  const github = sources('github')
  const all = [
    ...found(github, /\b(?:composeQuery|composeMutation)\(\s*'(\w+)'/g).map((name) => `github ${name}`),
    ...found(github, /`query (\w+)/g).map((name) => `github ${name}`),
    ...found(github, /^ {4}field: '(\w+)'/gm).map((field) => `github mutation ${field}`),
    ...found(github, /'((?:GET|POST|PUT|PATCH|DELETE) \/[^']+)'/g).map(restName),
    // Unity Catalog and what doctor asks are other addresses.
    ...found(sources('', /^mlflow(?!-unity-catalog|-examination)/), /path: ['`]([^'`]+)['`]/g).map(mlflowName),
    ...Object.values(RESOURCE_TYPES).flatMap(({ group, version, plural }) => [
      `kubernetes GET /apis/${group}/${version}/${plural}`,
      `kubernetes GET /apis/${group}/${version}/${plural}/{name}`,
    ]),
    ...found(sources('', /^s3/), /sdk\.(\w+)Command\(/g).map((command) => BUCKET[command] ?? `bucket ${command}`),
    ...OTHERS,
  ]
  return [...new Set(all)].filter((name) => !NOT_CALLS.has(name)).toSorted()
}

/** What no pattern finds: one address per client, put together where it is asked. */
const OTHERS = [
  'argocd GET /api/v1/applications/{name}',
  'argocd GET /api/v1/stream/applications',
  'argocd POST /api/v1/applications/{name}/sync',
  'endpoint GET',
  'endpoint POST',
  'kubernetes PATCH /apis/argoproj.io/v1alpha1/applications/{name}',
  'kubernetes PATCH /apis/source.toolkit.fluxcd.io/v1/gitrepositories/{name}',
  'prometheus POST /api/v1/query',
  'registry GET /token',
  'registry HEAD /v2/{name}/manifests/{reference}',
  'storage GET /artifacts/{id}',
  'wandb POST /graphql',
]

const BUCKET: Readonly<Record<string, string>> = {
  HeadObject: 'bucket HEAD /{bucket}/{key}',
  GetObject: 'bucket GET /{bucket}/{key}',
  ListObjectsV2: 'bucket GET /{bucket}',
}

/** `Write` and `Annotate` are documents of mutations, which are listed each by itself. */
const NOT_CALLS = new Set(['github Write', 'github Annotate'])

function restName(route: string): string {
  const [method = '', path = ''] = route.split(' ')
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => FILLED[name] ?? 'x')
  return `github ${createContract().operation(method, filled) ?? route}`
}

const FILLED: Readonly<Record<string, string>> = {
  issue_number: '1',
  run_id: '1',
  artifact_id: '1',
  delivery_id: '1',
  archive_format: 'zip',
}

const mlflowName = (path: string): string => `mlflow /api/2.0/mlflow/${path.replace(/\$\{.*\}/, '{id}')}`

function sources(folder: string, named = /./): string {
  const root = join(CLIENTS, folder)
  const recursive = folder !== ''
  const files = readdirSync(root, { recursive, withFileTypes: true }).filter(
    (entry) => entry.isFile() && named.test(entry.name),
  )
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n')
}

const found = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].flatMap(([, name]) => (name === undefined ? [] : [name]))

/** Whether a call that was seen is this entry of the catalogue. */
export function isEntry(entry: string, seen: string): boolean {
  if (entry === seen) return true
  if (entry.startsWith('endpoint ')) return seen.startsWith(`${entry} `)
  const [, path = ''] = /^mlflow (\/.*)$/.exec(entry) ?? []
  return path !== '' && seen.startsWith('mlflow ') && seen.endsWith(` ${path}`)
}
